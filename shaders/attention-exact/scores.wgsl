// Scores of rule S9 of the exact lane, one query times one key an invocation.
//   queries: vec4<i32>[rows, heads, width / 4], Q7
//   keys: vec4<i32>[before + rows, kvHeads, width / 4], Q7
//   scores: u32[rows * heads, before + rows]   Q17 in units of log2; bit 31 flipped, so that u32 order is i32 order
@group(0) @binding(1) var<storage, read> queries: array<vec4i>;
@group(0) @binding(2) var<storage, read> keys: array<vec4i>;
@group(0) @binding(3) var<storage, read_write> scores: array<u32>;

override lanes: u32 = 64u;

@compute @workgroup_size(lanes, 1, 1)
fn main(@builtin(global_invocation_id) cell: vec3u) {
  let query = task.firstRow + cell.y;
  let key = task.firstColumn + cell.x;
  if (query >= task.rows * headsOf() || key >= visibleTo(query)) {
    return;
  }
  let quads = task.width / 4u;
  let kvHead = query % headsOf() / task.group;
  let left = query * quads;
  let right = (key * task.kvHeads + kvHead) * quads;
  var sum = 0;
  for (var q = 0u; q < quads; q++) {
    sum += dot(queries[left + q], keys[right + q]);
  }
  scores[query * keysOf() + key] = bitcast<u32>(sum) ^ 0x80000000u;
}
