/** High word of the 64-bit product of two u32, by 16-bit halves; the low word is Math.imul(a, b) >>> 0. */
export function mulHigh(a: number, b: number): number {
  const a0 = a & 0xffff
  const a1 = a >>> 16
  const b0 = b & 0xffff
  const b1 = b >>> 16
  const low = Math.imul(a0, b0) >>> 0
  const left = Math.imul(a1, b0) >>> 0
  const right = Math.imul(a0, b1) >>> 0
  const middle = (low >>> 16) + (left & 0xffff) + (right & 0xffff)
  return (Math.imul(a1, b1) + (left >>> 16) + (right >>> 16) + (middle >>> 16)) >>> 0
}

/** |a| of an i32 as u32: 2^31 for the least one. */
export const magnitude = (a: number): number => Math.abs(a) >>> 0

/**
 * Rule S1 of the exact lane: a * p / 2^s, rounded half away from zero, saturating at +-(2^31 - 1).
 * a: i32, p: u32, s: 1..63; gives i32.
 */
export function mulshift(a: number, p: number, s: number): number {
  const size = magnitude(a)
  let high = mulHigh(size, p)
  let low = Math.imul(size, p) >>> 0
  // The product is below 2^63, so adding half a unit cannot leave 64 bits.
  if (s <= 32) {
    low += 2 ** (s - 1)
    if (low >= 2 ** 32) {
      low -= 2 ** 32
      high++
    }
  } else {
    high += 2 ** (s - 33)
  }
  const shifted = s < 32 ? high * 2 ** (32 - s) + (low >>> s) : Math.floor(high / 2 ** (s - 32))
  // Doubles hold the sum exactly up to 2^53 and above that still tell that it is too large.
  const result = Math.min(shifted, 0x7fffffff)
  return a < 0 ? -result | 0 : result | 0
}

/**
 * The scaling of rule S5: mulshift, where a shift of more than 63 gives 0 and one below 1 saturates.
 * accumulator: i32, product: u32 (row scale times column scale), shift: i32; gives i32.
 */
export function scaled(accumulator: number, product: number, shift: number): number {
  if (shift > 63 || accumulator === 0) return 0
  if (shift < 1) return Math.sign(accumulator) * 0x7fffffff
  return mulshift(accumulator, product, shift)
}

/** Rule S7: the sum of two i32 modulo 2^32, where -2^31 becomes -(2^31 - 1), so that |sum| is an i32. */
export function residualSum(a: number, b: number): number {
  const sum = (a + b) | 0
  return sum === -0x80000000 ? -0x7fffffff : sum
}
