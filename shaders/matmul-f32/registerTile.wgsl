// c = a * b in registers alone: one invocation computes 8 rows x 4 columns of c.
//   a: f32[m, k]   b: f32[k, n]   c: f32[m, n]
// The four columns lie workgroupColumns apart, so that neighbouring invocations read neighbouring words of b.
// `fourOfRow` comes from rowLoad.wgsl or rowBroadcast.wgsl.
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read_write> c: array<f32>;

override workgroupColumns: u32 = 32u;

fn fourColumns(start: u32, columns: vec4u) -> vec4f {
  return vec4f(b[start + columns.x], b[start + columns.y], b[start + columns.z], b[start + columns.w]);
}

@compute @workgroup_size(workgroupColumns, 1, 1)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) local: vec3u,
  place: Place,
) {
  let row = task.firstRow + group.y * 8u;
  let columns = vec4u(task.firstColumn + group.x * workgroupColumns * 4u + local.x)
    + vec4u(0u, workgroupColumns, workgroupColumns * 2u, workgroupColumns * 3u);
  // Reads past the edge are clamped to the last row and column; only stores are guarded.
  let read = min(columns, vec4u(task.n - 1u));
  let last = task.m - 1u;
  let row0 = min(row, last) * task.k;
  let row1 = min(row + 1u, last) * task.k;
  let row2 = min(row + 2u, last) * task.k;
  let row3 = min(row + 3u, last) * task.k;
  let row4 = min(row + 4u, last) * task.k;
  let row5 = min(row + 5u, last) * task.k;
  let row6 = min(row + 6u, last) * task.k;
  let row7 = min(row + 7u, last) * task.k;
  var sum0 = vec4f();
  var sum1 = vec4f();
  var sum2 = vec4f();
  var sum3 = vec4f();
  var sum4 = vec4f();
  var sum5 = vec4f();
  var sum6 = vec4f();
  var sum7 = vec4f();
  var start = 0u;
  var t = 0u;
  // Four steps of k at a time: the columns of the matrix are four rows of b.
  for (; t + 4u <= task.k; t += 4u) {
    let fourRows = mat4x4f(
      fourColumns(start, read),
      fourColumns(start + task.n, read),
      fourColumns(start + task.n * 2u, read),
      fourColumns(start + task.n * 3u, read),
    );
    sum0 += fourRows * fourOfRow(row0 + t, place);
    sum1 += fourRows * fourOfRow(row1 + t, place);
    sum2 += fourRows * fourOfRow(row2 + t, place);
    sum3 += fourRows * fourOfRow(row3 + t, place);
    sum4 += fourRows * fourOfRow(row4 + t, place);
    sum5 += fourRows * fourOfRow(row5 + t, place);
    sum6 += fourRows * fourOfRow(row6 + t, place);
    sum7 += fourRows * fourOfRow(row7 + t, place);
    start += task.n * 4u;
  }
  // What is left, and the stores, row by row in loops: a program without them takes half as long to compile.
  var all = array<vec4f, 8>(sum0, sum1, sum2, sum3, sum4, sum5, sum6, sum7);
  for (; t < task.k; t++) {
    let oneRow = fourColumns(start, read);
    for (var at = 0u; at < 8u; at++) {
      all[at] += a[min(row + at, last) * task.k + t] * oneRow;
    }
    start += task.n;
  }
  for (var at = 0u; at < min(8u, task.m - row); at++) {
    let stored = (row + at) * task.n;
    if (columns.x < task.n) { c[stored + columns.x] = all[at].x; }
    if (columns.y < task.n) { c[stored + columns.y] = all[at].y; }
    if (columns.z < task.n) { c[stored + columns.z] = all[at].z; }
    if (columns.w < task.n) { c[stored + columns.w] = all[at].w; }
  }
}
