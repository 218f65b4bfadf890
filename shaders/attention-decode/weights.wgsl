// Scores of each split become powers of their distance to the split's largest one, in place; zero past the last key.
//   scores: vec4<f32>[heads, splits, chunk / 4]
//   sums: OnlineSum[heads, splits]
@group(0) @binding(1) var<storage, read_write> scores: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> sums: array<vec2f>;

@compute @workgroup_size(lanes, 1, 1)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let part = task.firstRow + rowOf(workgroup.y, local);
  if (part >= headsOf() * task.splits) {
    return;
  }
  let start = part * (task.chunk / 4u);
  let count = min(task.chunk, task.visible - part % task.splits * task.chunk);
  var most = vec4f(lowest);
  for (var four = 0u; four * 4u < count; four++) {
    // What stands past the last key is its score once more.
    most = max(most, scores[start + four]);
  }
  let top = max(max(most.x, most.y), max(most.z, most.w));
  var sum = vec4f();
  for (var four = 0u; four * 4u < count; four++) {
    let isKey = vec4u(four * 4u) + vec4u(0u, 1u, 2u, 3u) < vec4u(count);
    let powers = select(vec4f(), exp(max(scores[start + four] - top, vec4f(-128.0))), isKey);
    scores[start + four] = powers;
    sum += powers;
  }
  sums[part] = vec2f(top, (sum.x + sum.y) + (sum.z + sum.w));
}
