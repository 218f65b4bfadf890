// Scores of one query row, four neighbouring keys of one head an invocation.
//   queries: vec4<f32>[heads, width / 4]
//   keys: vec4<f32>[keys, kvHeads, width / 4]
//   scores: vec4<f32>[heads, splits * chunk / 4]     past the last key that is seen its score once more, up to a four
@group(0) @binding(1) var<storage, read> queries: array<vec4f>;
@group(0) @binding(2) var<storage, read> keys: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> scores: array<vec4f>;

override lanes: u32 = 64u;

@compute @workgroup_size(lanes, 1, 1)
fn main(@builtin(global_invocation_id) cell: vec3u) {
  let head = task.firstRow + cell.y;
  let four = task.firstColumn + cell.x;
  if (head >= headsOf() || four * 4u >= task.visible) {
    return;
  }
  let first = startOf(four * 4u, head);
  let second = startOf(four * 4u + 1u, head);
  let third = startOf(four * 4u + 2u, head);
  let fourth = startOf(four * 4u + 3u, head);
  let start = head * quadsOf();
  var sums = vec4f();
  for (var quad = 0u; quad < quadsOf(); quad++) {
    let query = queries[start + quad];
    sums += vec4f(
      dot(query, keys[first + quad]),
      dot(query, keys[second + quad]),
      dot(query, keys[third + quad]),
      dot(query, keys[fourth + quad]),
    );
  }
  scores[head * task.splits * (task.chunk / 4u) + four] = sums * task.scale;
}
