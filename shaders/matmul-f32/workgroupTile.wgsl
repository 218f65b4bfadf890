// c = a * b through workgroup memory: 16 x 16 invocations compute 64 x 64 of c, each 4 rows x 4 columns.
//   a: f32[m, k]   b: f32[k, n]   c: f32[m, n]
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read_write> c: array<f32>;

// One step holds 16 of k. aTile[t * 16 + r]: element t of the rows 4r .. 4r+3.
var<workgroup> aTile: array<vec4f, 256>;
// bTile[t * 16 + x]: row t, columns 4x .. 4x+3.
var<workgroup> bTile: array<vec4f, 256>;

fn readA(row: u32, t: u32) -> f32 {
  if (row < task.m && t < task.k) {
    return a[row * task.k + t];
  }
  return 0f;
}

fn readB(t: u32, column: u32) -> f32 {
  if (t < task.k && column < task.n) {
    return b[t * task.n + column];
  }
  return 0f;
}

fn store(row: u32, column: u32, values: vec4f) {
  if (row >= task.m) {
    return;
  }
  let start = row * task.n + column;
  if (column < task.n) { c[start] = values.x; }
  if (column + 1u < task.n) { c[start + 1u] = values.y; }
  if (column + 2u < task.n) { c[start + 2u] = values.z; }
  if (column + 3u < task.n) { c[start + 3u] = values.w; }
}

@compute @workgroup_size(16, 16, 1)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) local: vec3u,
  @builtin(local_invocation_index) index: u32,
) {
  // Neighbouring invocations read neighbouring words: along k for a, along n for b.
  let row = task.firstRow + group.y * 64u + local.y * 4u;
  let column = task.firstColumn + group.x * 64u + local.x * 4u;
  var sum0 = vec4f();
  var sum1 = vec4f();
  var sum2 = vec4f();
  var sum3 = vec4f();
  for (var first = 0u; first < task.k; first += 16u) {
    let aStep = first + local.x;
    aTile[local.x * 16u + local.y] =
      vec4f(readA(row, aStep), readA(row + 1u, aStep), readA(row + 2u, aStep), readA(row + 3u, aStep));
    let bStep = first + local.y;
    bTile[index] =
      vec4f(readB(bStep, column), readB(bStep, column + 1u), readB(bStep, column + 2u), readB(bStep, column + 3u));
    workgroupBarrier();
    for (var t = 0u; t < 16u; t++) {
      let av = aTile[t * 16u + local.y];
      let bv = bTile[t * 16u + local.x];
      sum0 += av.x * bv;
      sum1 += av.y * bv;
      sum2 += av.z * bv;
      sum3 += av.w * bv;
    }
    workgroupBarrier();
  }
  store(row, column, sum0);
  store(row + 1u, column, sum1);
  store(row + 2u, column, sum2);
  store(row + 3u, column, sum3);
}
