// The least i32; 2^31 - 1 of nothing.
alias Value = i32;
const identity: Value = 0x7fffffff;

fn combine(a: Value, b: Value) -> Value {
  return min(a, b);
}

fn valueOf(word: u32) -> Value {
  return bitcast<i32>(word);
}

fn wordOf(value: Value) -> u32 {
  return bitcast<u32>(value);
}
