// f32 as integers of the same order, so that comparing them is exact on every device, subnormal numbers and zeros with
// a sign included: -0 is less than 0. Every NaN is `notANumber`.
alias Value = i32;

// The same both ways.
fn turned(bits: i32) -> i32 {
  return bits ^ ((bits >> 31u) & 0x7fffffff);
}

fn valueOf(word: u32) -> Value {
  return select(turned(bitcast<i32>(word)), notANumber, (word & 0x7fffffffu) > 0x7f800000u);
}

fn wordOf(value: Value) -> u32 {
  return select(bitcast<u32>(turned(value)), 0x7fc00000u, value == notANumber);
}
