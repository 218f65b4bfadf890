// y = W x; four rows of W at a time share what is read of x.
//   weights: f32[n, k]   x: f32[k]   y: f32[n], each a sum in any order
// A `row` of the row programs is four rows of W, and its elements are fours of k; where k is no multiple of four, rows do
// not start at whole vec4s, and its elements are single ones.
@group(0) @binding(1) var<storage, read> weights: array<vec4f>;
@group(0) @binding(2) var<storage, read> x: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

fn weightAt(at: u32) -> f32 {
  return weights[at >> 2u][at & 3u];
}

fn totalOf(v: vec4f) -> f32 {
  return (v.x + v.y) + (v.z + v.w);
}

@compute @workgroup_size(lanes, 1, 1)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(local_invocation_index) local: u32,
  place: Place,
) {
  let row = (task.firstRow + rowOf(workgroup.y, local)) * 4u;
  if (row >= task.n) {
    return;
  }
  // Reads past the last row are clamped to it; only stores are guarded.
  let last = task.n - 1u;
  let rows = min(vec4u(row) + vec4u(0u, 1u, 2u, 3u), vec4u(last)) * task.k;
  var sum0 = vec4f();
  var sum1 = vec4f();
  var sum2 = vec4f();
  var sum3 = vec4f();
  if (task.k % 4u == 0u) {
    let starts = rows / 4u;
    for (var quad = firstOf(local); quad < task.k / 4u; quad += stepOf()) {
      let input = x[quad];
      sum0 += weights[starts.x + quad] * input;
      sum1 += weights[starts.y + quad] * input;
      sum2 += weights[starts.z + quad] * input;
      sum3 += weights[starts.w + quad] * input;
    }
  } else {
    for (var t = firstOf(local); t < task.k; t += stepOf()) {
      let input = x[t >> 2u][t & 3u];
      sum0.x += weightAt(rows.x + t) * input;
      sum1.x += weightAt(rows.y + t) * input;
      sum2.x += weightAt(rows.z + t) * input;
      sum3.x += weightAt(rows.w + t) * input;
    }
  }
  let sums = combineRow(vec4f(totalOf(sum0), totalOf(sum1), totalOf(sum2), totalOf(sum3)), local, place);
  if (firstOf(local) == 0u) {
    y[row] = sums.x;
    if (row + 1u < task.n) { y[row + 1u] = sums.y; }
    if (row + 2u < task.n) { y[row + 2u] = sums.z; }
    if (row + 3u < task.n) { y[row + 3u] = sums.w; }
  }
}
