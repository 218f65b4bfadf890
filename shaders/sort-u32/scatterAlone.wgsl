// Moves the keys of each block to where their digit (8 bits) goes, in their order, an invocation for each block.
//   keys: u32[n], values: u32[payload * n]
//   counts: u32[256, blocks]   where the next key of a digit of a block goes
//   sortedKeys: u32[n], sortedValues: u32[payload * n]
@group(0) @binding(1) var<storage, read> keys: array<u32>;
@group(0) @binding(2) var<storage, read> values: array<u32>;
@group(0) @binding(3) var<storage, read_write> counts: array<u32>;
@group(0) @binding(4) var<storage, read_write> sortedKeys: array<u32>;
@group(0) @binding(5) var<storage, read_write> sortedValues: array<u32>;

override lanes: u32 = 32u;

@compute @workgroup_size(lanes, 1, 1)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let block = task.firstRow + group.y * lanes + local;
  if (block >= task.blocks) {
    return;
  }
  let first = block * task.blockKeys;
  let end = min(first + task.blockKeys, task.keys);
  for (var at = first; at < end; at++) {
    let key = keys[at];
    let count = ((key >> task.shift) & 255u) * task.blocks + block;
    let to = counts[count];
    counts[count] = to + 1u;
    sortedKeys[to] = key;
    if (task.payload == 1u) {
      sortedValues[to] = values[at];
    }
  }
}
