// GELU as ONNX defines it: 0.5 x (1 + erf(x / sqrt(2))), or where task.tanh is 1
// 0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))), which is x sigmoid(2 sqrt(2 / pi) (x + 0.044715 x^3)).
//   x: f32[rows, n]     finite
//   y: f32[rows, n]
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

override lanes: u32 = 64u;

// 1 - erf(z) for z of 0 and more within 1.5e-7: Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.26.
fn tailOf(z: f32) -> f32 {
  let t = 1.0 / (1.0 + 0.3275911 * z);
  let sum = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return sum * exp(-z * z);
}

fn geluErf(value: f32) -> f32 {
  // From 10 on the tail is below 2^-70 of the value.
  let tail = 0.5 * value * tailOf(min(abs(value), 10.0) * 0.70710678118654752);
  return select(tail, value - tail, value > 0.0);
}

fn geluTanh(value: f32) -> f32 {
  // From 20 on the sigmoid is at its end.
  let near = clamp(value, -20.0, 20.0);
  return timesSigmoid(value, 1.5957691216057308 * (near + 0.044715 * near * near * near));
}

@compute @workgroup_size(lanes, 1, 1)
fn main(@builtin(global_invocation_id) cell: vec3u) {
  let row = task.firstRow + cell.y;
  let column = task.firstColumn + cell.x;
  if (row >= task.rows || column >= task.n) {
    return;
  }
  let at = row * task.n + column;
  if (task.tanh == 1u) {
    y[at] = geluTanh(x[at]);
  } else {
    y[at] = geluErf(x[at]);
  }
}
