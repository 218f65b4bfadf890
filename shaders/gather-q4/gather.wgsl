// Rows of a matrix of 4-bit blocks as f32, picked by their ids: a table of embeddings. Eight codes an invocation.
//   codes, scales and offsets of W[n, k]: see blocks.wgsl
//   ids: u32[rows]     past the end it is the last row
//   y: f32[rows, k]
@group(0) @binding(4) var<storage, read> ids: array<u32>;
@group(0) @binding(5) var<storage, read_write> y: array<f32>;

override lanes: u32 = 64u;

@compute @workgroup_size(lanes, 1, 1)
fn main(@builtin(global_invocation_id) cell: vec3u) {
  let row = task.firstRow + cell.y;
  let eight = task.firstColumn + cell.x;
  if (row >= task.rows || eight * 8u >= task.k) {
    return;
  }
  let id = min(ids[row], task.n - 1u);
  let block = eight / 4u;
  let at = id * task.blocks + block;
  let scale = scales[at];
  let offset = offsetOf(id, block, scale);
  let word = centred(codes[at])[eight % 4u];
  let end = min(8u, task.k - eight * 8u);
  for (var code = 0u; code < end; code++) {
    let value = (word << (28u - 4u * code)) >> 28u;
    y[row * task.k + eight * 8u + code] = scale * f32(value) + offset;
  }
}
