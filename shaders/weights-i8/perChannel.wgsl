// Weights of form pc (rule S6a of the exact lane): int8 codes, whose scale belongs to the whole row and not here.
//   weights: vec4<u32>[n, groups, 2]   sixteen codes each, zero past k
@group(0) @binding(2) var<storage, read> weights: array<vec4u>;
@group(0) @binding(3) var<storage, read_write> accumulators: array<i32>;

// Whether a group adds an offset times the sum of its activations.
const hasOffsets = false;

// Sixteen codes of a row: the first or second half of a group of 32.
fn codesOf(row: u32, group: u32, half: u32) -> vec4u {
  return weights[(row * task.groups + group) * 2u + half];
}

// What the codes of a group are multiplied by, and its offset.
fn factorsOf(row: u32, group: u32) -> vec2i {
  return vec2i(1, 0);
}
