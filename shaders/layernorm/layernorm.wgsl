// Norm of rows about their mean: (x - mean(x)) / sqrt(mean((x - mean(x))^2) + epsilon) * weights + bias. Two passes over
// the row: the mean of squares less the square of the mean would cancel.
//   x: f32[rows, n]                  finite; the sum of a row's squares is below 2^126
//   weights: f32[n], bias: f32[n]
//   y: f32[rows, n]
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> weights: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(lanes, 1, 1)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) local: u32,
  place: Place,
) {
  let row = task.firstRow + rowOf(group.y, local);
  if (row >= task.rows) {
    return;
  }
  let start = row * task.n;
  var sum = identity;
  for (var at = firstOf(local); at < task.n; at += stepOf()) {
    sum = combine(sum, x[start + at]);
  }
  let mean = combineRow(sum, local, place) / f32(task.n);
  beforeNextReduction();
  var squares = identity;
  for (var at = firstOf(local); at < task.n; at += stepOf()) {
    let distance = x[start + at] - mean;
    squares = combine(squares, distance * distance);
  }
  let factor = inverseSqrt(combineRow(squares, local, place) / f32(task.n) + task.epsilon);
  for (var at = firstOf(local); at < task.n; at += stepOf()) {
    y[start + at] = (x[start + at] - mean) * factor * weights[at] + bias[at];
  }
}
