// Transposes a matrix of 32-bit words through workgroup memory: 32 x 8 invocations turn a tile of 32 x 32, so that
// neighbouring invocations read and write neighbouring words.
//   x: u32[rows, columns]   y: u32[columns, rows]
@group(0) @binding(1) var<storage, read> x: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<u32>;

// Rows of 33 words, so that a column of the tile lies in different banks.
var<workgroup> tile: array<u32, 1056>;

@compute @workgroup_size(32, 8, 1)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u) {
  let tileRow = task.firstRow + group.y * 32u;
  let tileColumn = task.firstColumn + group.x * 32u;
  let readColumn = min(tileColumn + local.x, task.columns - 1u);
  for (var at = local.y; at < 32u; at += 8u) {
    tile[at * 33u + local.x] = x[min(tileRow + at, task.rows - 1u) * task.columns + readColumn];
  }
  workgroupBarrier();
  let row = tileRow + local.x;
  for (var at = local.y; at < 32u; at += 8u) {
    if (tileColumn + at < task.columns && row < task.rows) {
      y[(tileColumn + at) * task.rows + row] = tile[local.x * 33u + at];
    }
  }
}
