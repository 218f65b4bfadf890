// Softmax of rows: exp(x - max(x)) / sum(exp(x - max(x))). An element of -infinity has no weight; a row of nothing else
// becomes zeros.
//   x: f32[rows, n]     -infinity or finite; read as words, so that no compiler takes infinity for impossible
//   y: f32[rows, n]
@group(0) @binding(1) var<storage, read> x: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

const masked: u32 = 0xff800000u;

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
  var own = identity;
  for (var at = firstOf(local); at < task.n; at += stepOf()) {
    let word = x[start + at];
    if (word != masked) {
      own.most = max(own.most, bitcast<f32>(word));
    }
  }
  for (var at = firstOf(local); at < task.n; at += stepOf()) {
    let word = x[start + at];
    if (word != masked) {
      own.sum += powerOf(bitcast<f32>(word) - own.most);
    }
  }
  let all = combineRow(own, local, place);
  // Of no sum at all nobody takes the inverse: every element is masked then.
  let inverse = 1.0 / all.sum;
  for (var at = firstOf(local); at < task.n; at += stepOf()) {
    let word = x[start + at];
    var weight = 0.0;
    if (word != masked) {
      weight = powerOf(bitcast<f32>(word) - all.most) * inverse;
    }
    y[start + at] = weight;
  }
}
