// c = a * b in registers alone: one invocation computes 8 rows x 4 columns of c.
//   aQuads: u32[m, ceil(k/4)]  four neighbouring k of a row of a, zero past k
//   bQuads: u32[ceil(k/4), n]  four neighbouring k of a column of b, zero past k
//   c:      i32[m, n]
// The four columns lie workgroupColumns apart, so that neighbouring invocations read neighbouring words of b.
@group(0) @binding(1) var<storage, read> aQuads: array<u32>;
@group(0) @binding(2) var<storage, read> bQuads: array<u32>;
@group(0) @binding(3) var<storage, read_write> c: array<i32>;

override workgroupColumns: u32 = 32u;

fn store(row: u32, columns: vec4u, values: vec4i) {
  if (row >= task.m) {
    return;
  }
  let start = row * task.n;
  if (columns.x < task.n) { c[start + columns.x] = values.x; }
  if (columns.y < task.n) { c[start + columns.y] = values.y; }
  if (columns.z < task.n) { c[start + columns.z] = values.z; }
  if (columns.w < task.n) { c[start + columns.w] = values.w; }
}

@compute @workgroup_size(workgroupColumns, 1, 1)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u) {
  let quads = (task.k + 3u) / 4u;
  let row = task.firstRow + group.y * 8u;
  let columns = vec4u(task.firstColumn + group.x * workgroupColumns * 4u + local.x)
    + vec4u(0u, workgroupColumns, workgroupColumns * 2u, workgroupColumns * 3u);
  // Reads past the edge are clamped to the last row and column; only stores are guarded.
  let read = min(columns, vec4u(task.n - 1u));
  let last = task.m - 1u;
  let row0 = min(row, last) * quads;
  let row1 = min(row + 1u, last) * quads;
  let row2 = min(row + 2u, last) * quads;
  let row3 = min(row + 3u, last) * quads;
  let row4 = min(row + 4u, last) * quads;
  let row5 = min(row + 5u, last) * quads;
  let row6 = min(row + 6u, last) * quads;
  let row7 = min(row + 7u, last) * quads;
  var sum0 = vec4i();
  var sum1 = vec4i();
  var sum2 = vec4i();
  var sum3 = vec4i();
  var sum4 = vec4i();
  var sum5 = vec4i();
  var sum6 = vec4i();
  var sum7 = vec4i();
  var start = 0u;
  for (var q = 0u; q < quads; q++) {
    let b = columnsOf(vec4u(
      bQuads[start + read.x], bQuads[start + read.y], bQuads[start + read.z], bQuads[start + read.w],
    ));
    sum0 += dotRow(quadOf(aQuads[row0 + q]), b);
    sum1 += dotRow(quadOf(aQuads[row1 + q]), b);
    sum2 += dotRow(quadOf(aQuads[row2 + q]), b);
    sum3 += dotRow(quadOf(aQuads[row3 + q]), b);
    sum4 += dotRow(quadOf(aQuads[row4 + q]), b);
    sum5 += dotRow(quadOf(aQuads[row5 + q]), b);
    sum6 += dotRow(quadOf(aQuads[row6 + q]), b);
    sum7 += dotRow(quadOf(aQuads[row7 + q]), b);
    start += task.n;
  }
  store(row, columns, sum0);
  store(row + 1u, columns, sum1);
  store(row + 2u, columns, sum2);
  store(row + 3u, columns, sum3);
  store(row + 4u, columns, sum4);
  store(row + 5u, columns, sum5);
  store(row + 6u, columns, sum6);
  store(row + 7u, columns, sum7);
}
