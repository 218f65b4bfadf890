// Counts the digits (4 bits) of each block of 1024 keys.
//   keys: u32[n]
//   counts: u32[16, blocks]
@group(0) @binding(1) var<storage, read> keys: array<u32>;
@group(0) @binding(2) var<storage, read_write> counts: array<u32>;

@compute @workgroup_size(128, 1, 1)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let block = task.firstRow + group.y;
  countDigits(block * 1024u + local * 8u, local);
  if (local < 16u) {
    var sum = 0u;
    for (var at = local * 128u; at < local * 128u + 128u; at++) {
      sum += digitCounts[at];
    }
    counts[local * task.blocks + block] = sum;
  }
}
