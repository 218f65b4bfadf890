// Rule S3 of the exact lane: int8 codes of a row that share a scale; shaders/exact/codes.ts is the same in TypeScript.

// How a row whose largest magnitude is `most` becomes codes.
struct RowCode {
  // Left shift that brings `most` to bit 31.
  shift: u32,
  // The top 16 bits of `most`, in [2^15, 2^16).
  scale: u32,
  exponent: i32,
}

fn rowCodeOf(most: u32) -> RowCode {
  if (most == 0u) {
    return RowCode(0u, 0x8000u, 0);
  }
  let shift = countLeadingZeros(most);
  return RowCode(shift, (most << shift) >> 16u, 16 - i32(shift));
}

// The code of one element, within +-limit.
fn codeOf(x: i32, row: RowCode, limit: u32) -> i32 {
  let size = (magnitudeOf(x) << row.shift) >> 16u;
  let code = i32((size * limit + (row.scale >> 1u)) / row.scale);
  return select(code, -code, x < 0);
}

// Four codes in a word, low byte first.
fn packFour(codes: vec4i) -> u32 {
  let bytes = (bitcast<vec4u>(codes) & vec4u(0xffu)) << vec4u(0u, 8u, 16u, 24u);
  return bytes.x | bytes.y | bytes.z | bytes.w;
}
