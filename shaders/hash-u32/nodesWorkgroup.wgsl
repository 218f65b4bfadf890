// Levels of hash-u32, 256 digests to one, a workgroup of 128 invocations for each.
//   below: vec4<u32>[task.digests]   above: vec4<u32>[ceil(task.digests / 256)]
@group(0) @binding(1) var<storage, read> below: array<vec4u>;
@group(0) @binding(2) var<storage, read_write> above: array<vec4u>;

var<workgroup> level: array<vec4u, 128>;

@compute @workgroup_size(128, 1, 1)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let node = task.firstRow + group.y;
  let first = node * 256u;
  var count = min(256u, task.digests - first);
  var digest = below[first + min(local * 2u, count - 1u)];
  if (local * 2u + 1u < count) {
    digest = nodeOf(digest, below[first + local * 2u + 1u]);
  }
  level[local] = digest;
  workgroupBarrier();
  for (count = (count + 1u) / 2u; count > 1u; count = (count + 1u) / 2u) {
    let left = local * 2u;
    if (left < count) {
      digest = level[left];
    }
    if (left + 1u < count) {
      digest = nodeOf(digest, level[left + 1u]);
    }
    workgroupBarrier();
    level[local] = digest;
    workgroupBarrier();
  }
  if (local == 0u) {
    above[node] = finished(level[0]);
  }
}
