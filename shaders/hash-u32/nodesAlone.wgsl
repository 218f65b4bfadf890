// Levels of hash-u32, 16 digests to one, an invocation for each.
//   below: vec4<u32>[task.digests]   above: vec4<u32>[ceil(task.digests / 16)]
@group(0) @binding(1) var<storage, read> below: array<vec4u>;
@group(0) @binding(2) var<storage, read_write> above: array<vec4u>;

override lanes: u32 = 64u;

@compute @workgroup_size(lanes, 1, 1)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let node = task.firstRow + group.y * lanes + local;
  if (node * 16u >= task.digests) {
    return;
  }
  var count = min(16u, task.digests - node * 16u);
  var level: array<vec4u, 16>;
  for (var at = 0u; at < count; at++) {
    level[at] = below[node * 16u + at];
  }
  while (count > 1u) {
    for (var at = 0u; at < count / 2u; at++) {
      level[at] = nodeOf(level[at * 2u], level[at * 2u + 1u]);
    }
    if (count % 2u == 1u) {
      level[count / 2u] = level[count - 1u];
    }
    count = (count + 1u) / 2u;
  }
  above[node] = finished(level[0]);
}
