// Makes the seeded inputs of protocol/seededInputs.ts: (h >> 8) * 2^-23 - 1, every step of which is exact in f32.
//   values: seedA: f32[m, k], seedB: f32[k, n], row-major
@group(0) @binding(1) var<storage, read_write> values: array<f32>;

fn valueOf(h: u32) -> f32 {
  return f32(h >> 8u) * 0x1p-23f - 1f;
}

@compute @workgroup_size(64, 1, 1)
fn seedA(@builtin(global_invocation_id) cell: vec3u) {
  let row = task.firstRow + cell.y;
  let t = task.firstColumn + cell.x;
  if (row < task.m && t < task.k) {
    let index = row * task.k + t;
    values[index] = valueOf(pcg(index + task.seedA));
  }
}

@compute @workgroup_size(64, 1, 1)
fn seedB(@builtin(global_invocation_id) cell: vec3u) {
  let t = task.firstRow + cell.y;
  let column = task.firstColumn + cell.x;
  if (t < task.k && column < task.n) {
    let index = t * task.n + column;
    values[index] = valueOf(pcg(index + task.seedB));
  }
}
