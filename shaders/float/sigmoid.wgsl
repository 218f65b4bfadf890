// value * sigmoid(t), as a quotient that never overflows: below -87 the sigmoid is taken as that of -87, 1.6e-38.
fn timesSigmoid(value: f32, t: f32) -> f32 {
  return value / (1.0 + exp(clamp(-t, -87.0, 87.0)));
}
