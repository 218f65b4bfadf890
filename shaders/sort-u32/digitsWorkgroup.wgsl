// 128 invocations work on a block of 1024 keys, each on 8 neighbouring ones; a digit has 4 bits.
// digitCounts[digit * 128 + invocation]
var<workgroup> digitCounts: array<u32, 2048>;

fn digitOf(key: u32) -> u32 {
  return (key >> task.shift) & 15u;
}

// Counts the digits of this invocation's keys, from `first` on.
fn countDigits(first: u32, local: u32) {
  for (var digit = 0u; digit < 16u; digit++) {
    digitCounts[digit * 128u + local] = 0u;
  }
  let end = min(first + 8u, task.keys);
  for (var at = first; at < end; at++) {
    digitCounts[digitOf(keys[at]) * 128u + local] += 1u;
  }
  workgroupBarrier();
}
