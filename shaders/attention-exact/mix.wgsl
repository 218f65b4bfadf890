// Weighted sums of the values: rule S9 of the exact lane. One invocation sums four columns over every splits-th key and
// adds the sums to y, in any order, because they are integers.
//   weights: u32[rows * heads, before + rows], Q16
//   values: vec4<i32>[before + rows, kvHeads, width / 4]
//   y: i32[rows, heads, width], zero before
@group(0) @binding(1) var<storage, read> weights: array<u32>;
@group(0) @binding(2) var<storage, read> values: array<vec4i>;
@group(0) @binding(3) var<storage, read_write> y: array<atomic<i32>>;

override lanes: u32 = 64u;
override splits: u32 = 1u;

@compute @workgroup_size(lanes, 1, 1)
fn main(@builtin(global_invocation_id) cell: vec3u) {
  let quads = task.width / 4u;
  let query = task.firstRow + cell.y;
  let part = task.firstColumn + cell.x;
  if (query >= task.rows * headsOf() || part >= quads * splits) {
    return;
  }
  let quad = part % quads;
  let kvHead = query % headsOf() / task.group;
  let start = query * keysOf();
  let visible = visibleTo(query);
  var sums = vec4i();
  for (var key = part / quads; key < visible; key += splits) {
    sums += i32(weights[start + key]) * values[(key * task.kvHeads + kvHead) * quads + quad];
  }
  let at = query * task.width + quad * 4u;
  atomicAdd(&y[at], sums.x);
  atomicAdd(&y[at + 1u], sums.y);
  atomicAdd(&y[at + 2u], sums.z);
  atomicAdd(&y[at + 3u], sums.w);
}
