// Sums of a split's values, weighted by powers; four columns an invocation.
//   powers: vec4<f32>[heads, splits, chunk / 4]     zero past the last key
//   values: vec4<f32>[keys, kvHeads, width / 4]
//   mixed: vec4<f32>[heads, splits, width / 4]
@group(0) @binding(1) var<storage, read> powers: array<vec4f>;
@group(0) @binding(2) var<storage, read> values: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> mixed: array<vec4f>;

override lanes: u32 = 64u;

@compute @workgroup_size(lanes, 1, 1)
fn main(@builtin(global_invocation_id) cell: vec3u) {
  let part = task.firstRow + cell.y;
  let quad = task.firstColumn + cell.x;
  if (part >= headsOf() * task.splits || quad >= quadsOf()) {
    return;
  }
  let head = part / task.splits;
  let firstKey = part % task.splits * task.chunk;
  let count = min(task.chunk, task.visible - firstKey);
  let start = part * (task.chunk / 4u);
  var sum = vec4f();
  for (var four = 0u; four * 4u < count; four++) {
    let key = firstKey + four * 4u;
    let rows = mat4x4f(
      values[startOf(key, head) + quad],
      values[startOf(key + 1u, head) + quad],
      values[startOf(key + 2u, head) + quad],
      values[startOf(key + 3u, head) + quad],
    );
    sum += rows * powers[start + four];
  }
  mixed[part * quadsOf() + quad] = sum;
}
