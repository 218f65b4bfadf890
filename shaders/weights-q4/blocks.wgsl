// 4-bit weights in blocks of 32, as ONNX Runtime's MatMulNBits stores them.
//   codes: vec4<u32>[n, blocks]   32 codes: byte j has code 2j in its low half and code 2j + 1 in its high half
//   scales: f32[n, blocks]
// weight = scale * (code - 8) + offset; where the offset comes from says offsets.wgsl or zeroPoints.wgsl.
@group(0) @binding(1) var<storage, read> codes: array<vec4u>;
@group(0) @binding(2) var<storage, read> scales: array<f32>;

// Four words of codes as signed nibbles: code - 8.
fn centred(words: vec4u) -> vec4i {
  return bitcast<vec4i>(words ^ vec4u(0x88888888u));
}

// Nibble `at` of four words, from -8 to 7.
fn nibble(words: vec4i, at: u32) -> vec4f {
  return vec4f((words << vec4u(28u - 4u * at)) >> vec4u(28u));
}
