// Weights of form q41x8 (rule S6c of the exact lane): the 4-bit codes of a GGUF's Q4_1 blocks as they are, each block
// of 32 with an integer factor and an integer offset: weight = code * factor + offset.
//   weights: vec4<u32>[n, groups]     32 codes: byte j has code j in its low half and code j + 16 in its high half
//   factors: u32[n, groups]           factor in the low 16 bits, offset in the high ones, both signed
@group(0) @binding(2) var<storage, read> weights: array<vec4u>;
@group(0) @binding(3) var<storage, read> factors: array<u32>;
@group(0) @binding(4) var<storage, read_write> accumulators: array<i32>;

// Whether a group adds an offset times the sum of its activations.
const hasOffsets = true;

// Sixteen codes of a row: the first or second half of a group of 32.
fn codesOf(row: u32, group: u32, half: u32) -> vec4u {
  return (weights[row * task.groups + group] >> vec4u(half * 4u)) & vec4u(0x0f0f0f0fu);
}

// What the codes of a group are multiplied by, and its offset.
fn factorsOf(row: u32, group: u32) -> vec2i {
  let word = bitcast<i32>(factors[row * task.groups + group]);
  return vec2i((word << 16u) >> 16u, word >> 16u);
}
