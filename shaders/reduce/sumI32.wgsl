// The sum of i32, modulo 2^32; 0 of nothing.
alias Value = i32;
const identity: Value = 0;

fn combine(a: Value, b: Value) -> Value {
  return a + b;
}

fn valueOf(word: u32) -> Value {
  return bitcast<i32>(word);
}

fn wordOf(value: Value) -> u32 {
  return bitcast<u32>(value);
}
