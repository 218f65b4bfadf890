// Moves the keys of each block of 1024 to where their digit (4 bits) goes, in their order.
//   keys: u32[n], values: u32[payload * n]
//   counts: u32[16, blocks]   where the first key of a digit of a block goes
//   sortedKeys: u32[n], sortedValues: u32[payload * n]
@group(0) @binding(1) var<storage, read> keys: array<u32>;
@group(0) @binding(2) var<storage, read> values: array<u32>;
@group(0) @binding(3) var<storage, read> counts: array<u32>;
@group(0) @binding(4) var<storage, read_write> sortedKeys: array<u32>;
@group(0) @binding(5) var<storage, read_write> sortedValues: array<u32>;

var<workgroup> segmentCounts: array<u32, 128>;

@compute @workgroup_size(128, 1, 1)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let block = task.firstRow + group.y;
  let first = block * 1024u + local * 8u;
  countDigits(first, local);
  // Each digit's counts become sums over the invocations before: in 8 segments of 16 invocations, then over segments.
  var sum = 0u;
  for (var at = local * 16u; at < local * 16u + 16u; at++) {
    let count = digitCounts[at];
    digitCounts[at] = sum;
    sum += count;
  }
  segmentCounts[local] = sum;
  workgroupBarrier();
  var before = 0u;
  for (var segment = local / 8u * 8u; segment < local; segment++) {
    before += segmentCounts[segment];
  }
  for (var at = local * 16u; at < local * 16u + 16u; at++) {
    digitCounts[at] += before;
  }
  workgroupBarrier();
  let end = min(first + 8u, task.keys);
  for (var at = first; at < end; at++) {
    let key = keys[at];
    let digit = digitOf(key);
    let rank = digitCounts[digit * 128u + local];
    digitCounts[digit * 128u + local] = rank + 1u;
    let to = counts[digit * task.blocks + block] + rank;
    sortedKeys[to] = key;
    if (task.payload == 1u) {
      sortedValues[to] = values[at];
    }
  }
}
