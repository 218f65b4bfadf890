// The leaves of hash-u32, one an invocation.
//   words: u32[n] as vec4<u32>
//   digests: vec4<u32>[leaves]
@group(0) @binding(1) var<storage, read> words: array<vec4u>;
@group(0) @binding(2) var<storage, read_write> digests: array<vec4u>;

override lanes: u32 = 64u;

@compute @workgroup_size(lanes, 1, 1)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let leaf = task.firstRow + group.y * lanes + local;
  if (leaf >= task.digests) {
    return;
  }
  var digest = vec4u(0x6c656166u, 0u, 0u, 0u);
  for (var quad = leaf * 16u; quad < leaf * 16u + 16u; quad++) {
    let at = vec4u(quad * 4u) + vec4u(0u, 1u, 2u, 3u);
    digest = mix128(digest ^ select(vec4u(), words[quad], at < vec4u(task.n)));
  }
  digests[leaf] = digest;
}
