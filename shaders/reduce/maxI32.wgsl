// The largest i32; -2^31 of nothing.
alias Value = i32;
const identity: Value = -0x7fffffff - 1;

fn combine(a: Value, b: Value) -> Value {
  return max(a, b);
}

fn valueOf(word: u32) -> Value {
  return bitcast<i32>(word);
}

fn wordOf(value: Value) -> u32 {
  return bitcast<u32>(value);
}
