// Rules S1, S5 and S7 of the exact lane; shaders/exact/mulshift.ts is the same in TypeScript.

// The 64-bit product of two u32 by 16-bit halves: low word, high word.
fn mul64(a: u32, b: u32) -> vec2u {
  let a0 = a & 0xffffu;
  let a1 = a >> 16u;
  let b0 = b & 0xffffu;
  let b1 = b >> 16u;
  let low = a0 * b0;
  let left = a1 * b0;
  let right = a0 * b1;
  let middle = (low >> 16u) + (left & 0xffffu) + (right & 0xffffu);
  return vec2u(
    (low & 0xffffu) | (middle << 16u),
    a1 * b1 + (left >> 16u) + (right >> 16u) + (middle >> 16u),
  );
}

// |a| as u32: 2^31 for the least i32.
fn magnitudeOf(a: i32) -> u32 {
  return u32(select(a, -a, a < 0));
}

// a * p / 2^s for s of 1..63, rounded half away from zero, saturating at +-(2^31 - 1).
fn mulshift(a: i32, p: u32, s: u32) -> i32 {
  let product = mul64(magnitudeOf(a), p);
  // Half a unit; the product is below 2^63, so the sum stays within 64 bits.
  let halfLow = select(0u, 1u << ((s - 1u) & 31u), s <= 32u);
  let halfHigh = select(1u << ((s - 1u) & 31u), 0u, s <= 32u);
  let low = product.x + halfLow;
  let high = product.y + halfHigh + select(0u, 1u, low < halfLow);
  var size: u32;
  if (s < 32u) {
    size = select((high << (32u - s)) | (low >> s), 0x7fffffffu, (high >> (s - 1u)) != 0u);
  } else {
    size = min(high >> (s - 32u), 0x7fffffffu);
  }
  return select(i32(size), -i32(size), a < 0);
}

// mulshift for any shift: more than 63 gives 0, less than 1 saturates.
fn scaled(accumulator: i32, product: u32, shift: i32) -> i32 {
  if (shift > 63 || accumulator == 0) {
    return 0;
  }
  if (shift < 1) {
    return select(0x7fffffff, -0x7fffffff, accumulator < 0);
  }
  return mulshift(accumulator, product, u32(shift));
}

// a + b modulo 2^32, where -2^31 becomes -(2^31 - 1), so that |sum| is an i32.
fn residualSum(a: i32, b: i32) -> i32 {
  return max(a + b, -0x7fffffff);
}
