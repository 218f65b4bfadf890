// Weights of form g32x4 (rule S6b of the exact lane): int8 codes times a 4-bit multiplier for each group of 32.
//   weights: vec4<u32>[n, groups, 2]            sixteen codes each, zero past k
//   multipliers: u32[n, ceil(groups / 8)]       eight multipliers to a word, lowest bits first
@group(0) @binding(2) var<storage, read> weights: array<vec4u>;
@group(0) @binding(3) var<storage, read> multipliers: array<u32>;
@group(0) @binding(4) var<storage, read_write> accumulators: array<i32>;

// Whether a group adds an offset times the sum of its activations.
const hasOffsets = false;

// Sixteen codes of a row: the first or second half of a group of 32.
fn codesOf(row: u32, group: u32, half: u32) -> vec4u {
  return weights[(row * task.groups + group) * 2u + half];
}

// What the codes of a group are multiplied by, and its offset.
fn factorsOf(row: u32, group: u32) -> vec2i {
  let word = multipliers[row * ((task.groups + 7u) / 8u) + group / 8u];
  return vec2i(i32((word >> (group % 8u * 4u)) & 15u), 0);
}
