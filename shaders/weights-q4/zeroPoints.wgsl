// Zero points of 4 bits: weight = scale * (code - zero point), so that the offset is scale * (8 - zero point).
//   zeroPoints: u8[n, ceil(blocks / 2)], read as words; the low half of a byte belongs to the block before
@group(0) @binding(3) var<storage, read> zeroPoints: array<u32>;

fn offsetOf(row: u32, block: u32, scale: f32) -> f32 {
  let byte = row * ((task.blocks + 1u) / 2u) + block / 2u;
  let point = (zeroPoints[byte / 4u] >> (byte % 4u * 8u + block % 2u * 4u)) & 15u;
  return scale * (8f - f32(point));
}
