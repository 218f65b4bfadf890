// Lays a row-major i8 matrix out in quads: four neighbouring k in one u32, low byte first, zero past k.
//   source: i8[rows, columns] as bytes in u32 words
//   quads:  arrangeA: u32[m, ceil(k/4)] from a: i8[m, k]; arrangeB: u32[ceil(k/4), n] from b: i8[k, n]
@group(0) @binding(1) var<storage, read> source: array<u32>;
@group(0) @binding(2) var<storage, read_write> quads: array<u32>;

fn byteAt(index: u32) -> u32 {
  return extractBits(source[index / 4u], (index % 4u) * 8u, 8u);
}

@compute @workgroup_size(64, 1, 1)
fn arrangeA(@builtin(global_invocation_id) cell: vec3u) {
  let rowQuads = (task.k + 3u) / 4u;
  let row = task.firstRow + cell.y;
  let quad = task.firstColumn + cell.x;
  if (row >= task.m || quad >= rowQuads) {
    return;
  }
  var packed = 0u;
  let end = min(quad * 4u + 4u, task.k);
  for (var k = quad * 4u; k < end; k++) {
    packed |= byteAt(row * task.k + k) << ((k % 4u) * 8u);
  }
  quads[row * rowQuads + quad] = packed;
}

@compute @workgroup_size(64, 1, 1)
fn arrangeB(@builtin(global_invocation_id) cell: vec3u) {
  let quad = task.firstRow + cell.y;
  let column = task.firstColumn + cell.x;
  if (quad >= (task.k + 3u) / 4u || column >= task.n) {
    return;
  }
  var packed = 0u;
  let end = min(quad * 4u + 4u, task.k);
  for (var k = quad * 4u; k < end; k++) {
    packed |= byteAt(k * task.n + column) << ((k % 4u) * 8u);
  }
  quads[quad * task.n + column] = packed;
}
