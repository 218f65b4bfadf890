// A sum of exponentials with the largest exponent beside it: the sum is of exp(exponent - most). No exponent is above
// `most`, so nothing overflows, and two of them meet in any order. With nothing in it, the sum is zero.
struct OnlineSum {
  most: f32,
  sum: f32,
}
alias Value = OnlineSum;
const lowest: f32 = -3.4028234e38;
const identity = OnlineSum(lowest, 0.0);

// exp of a difference that is 0 or less; below -128 it is zero, or what a device makes of it that small.
fn powerOf(below: f32) -> f32 {
  return exp(max(below, -128.0));
}

fn combine(a: Value, b: Value) -> Value {
  let most = max(a.most, b.most);
  return OnlineSum(most, a.sum * powerOf(a.most - most) + b.sum * powerOf(b.most - most));
}
