// The sum of f32, in any order; 0 of nothing.
alias Value = f32;
const identity: Value = 0;

fn combine(a: Value, b: Value) -> Value {
  return a + b;
}

fn valueOf(word: u32) -> Value {
  return bitcast<f32>(word);
}

fn wordOf(value: Value) -> u32 {
  return bitcast<u32>(value);
}
