// Counts the digits (8 bits) of each block of keys, an invocation for each block.
//   keys: u32[n]
//   counts: u32[256, blocks]
@group(0) @binding(1) var<storage, read> keys: array<u32>;
@group(0) @binding(2) var<storage, read_write> counts: array<u32>;

override lanes: u32 = 32u;

@compute @workgroup_size(lanes, 1, 1)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let block = task.firstRow + group.y * lanes + local;
  if (block >= task.blocks) {
    return;
  }
  for (var digit = 0u; digit < 256u; digit++) {
    counts[digit * task.blocks + block] = 0u;
  }
  let first = block * task.blockKeys;
  let end = min(first + task.blockKeys, task.keys);
  for (var at = first; at < end; at++) {
    counts[((keys[at] >> task.shift) & 255u) * task.blocks + block] += 1u;
  }
}
