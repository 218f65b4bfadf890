// Makes seeded inputs in quads: what arrange.wgsl would make of the tensors of protocol/seededInputs.ts.
//   quads: seedA: u32[m, ceil(k/4)] of a: i8[m, k]; seedB: u32[ceil(k/4), n] of b: i8[k, n]
@group(0) @binding(1) var<storage, read_write> quads: array<u32>;

@compute @workgroup_size(64, 1, 1)
fn seedA(@builtin(global_invocation_id) cell: vec3u) {
  let rowQuads = (task.k + 3u) / 4u;
  let row = task.firstRow + cell.y;
  let quad = task.firstColumn + cell.x;
  if (row >= task.m || quad >= rowQuads) {
    return;
  }
  var packed = 0u;
  let end = min(quad * 4u + 4u, task.k);
  for (var k = quad * 4u; k < end; k++) {
    packed |= (pcg(row * task.k + k + task.seedA) >> 24u) << ((k % 4u) * 8u);
  }
  quads[row * rowQuads + quad] = packed;
}

@compute @workgroup_size(64, 1, 1)
fn seedB(@builtin(global_invocation_id) cell: vec3u) {
  let quad = task.firstRow + cell.y;
  let column = task.firstColumn + cell.x;
  if (quad >= (task.k + 3u) / 4u || column >= task.n) {
    return;
  }
  var packed = 0u;
  let end = min(quad * 4u + 4u, task.k);
  for (var k = quad * 4u; k < end; k++) {
    packed |= (pcg(k * task.n + column + task.seedB) >> 24u) << ((k % 4u) * 8u);
  }
  quads[quad * task.n + column] = packed;
}
