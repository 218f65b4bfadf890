// c = a * b in registers alone: one invocation computes 4 rows x 4 columns of c, one step of k after the other.
//   a: f32[m, k]   b: f32[k, n]   c: f32[m, n]
// For small products, which wait for the compiler longer than for the result: it compiles in less than half the time of
// registerTile.wgsl. The four columns lie workgroupColumns apart, so that neighbouring invocations read neighbouring words.
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read_write> c: array<f32>;

override workgroupColumns: u32 = 16u;

@compute @workgroup_size(workgroupColumns, 1, 1)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let row = task.firstRow + group.y * 4u;
  let columns = vec4u(task.firstColumn + group.x * workgroupColumns * 4u + local)
    + vec4u(0u, 1u, 2u, 3u) * workgroupColumns;
  // Reads past the edge are clamped to the last row and column; only stores are guarded.
  let rows = min(vec4u(row) + vec4u(0u, 1u, 2u, 3u), vec4u(task.m - 1u)) * task.k;
  let read = min(columns, vec4u(task.n - 1u));
  var sums: mat4x4f;
  var start = 0u;
  for (var t = 0u; t < task.k; t++) {
    let ofA = vec4f(a[rows.x + t], a[rows.y + t], a[rows.z + t], a[rows.w + t]);
    let ofB = vec4f(b[start + read.x], b[start + read.y], b[start + read.z], b[start + read.w]);
    sums += mat4x4f(ofB * ofA.x, ofB * ofA.y, ofB * ofA.z, ofB * ofA.w);
    start += task.n;
  }
  for (var down = 0u; down < min(4u, task.m - row); down++) {
    for (var along = 0u; along < 4u; along++) {
      if (columns[along] < task.n) {
        c[(row + down) * task.n + columns[along]] = sums[down][along];
      }
    }
  }
}
