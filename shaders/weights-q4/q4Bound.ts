import { compounded, SMALLEST_NORMAL, UNIT_ROUNDOFF } from '../float/wgslAccuracy.ts'

/**
 * How far an f32 sum over k of (scale * code + offset) * x may be from the true one, however products are factored out
 * of the blocks' sums and in whatever order all is added:
 * gamma_{2k + 3} * sum (|scale * code| + |offset|) * |x| + 2^-124 * sum (1 + |scale| + |offset| + |x|).
 * There are 2k terms, scale * code * x and offset * x. A term is rounded in at most three products (the offset where it
 * is made from a zero point, with x or the sum of its block's x, with the scale) and in at most 2k - 1 additions, since
 * adding the exact zeros past k rounds nothing; where the weight itself is made first, scale * code + offset, one
 * addition more stands for the k that fall away. gamma as in Higham, Accuracy and Stability of Numerical Algorithms, 2nd
 * edition, section 3.1. The second part is for products and sums that are flushed to zero, before or after they meet
 * the scale, the offset or x: at most 2^-126 for each of four operations of a weight, and once more times the factor.
 * @param magnitude sum (|scale * code| + |offset|) * |x|
 * @param factors sum (|scale| + |offset| + |x|) over k
 */
export function q4Bound(k: number, magnitude: number, factors: number): number {
  const rounding = compounded((2 * k + 3) * UNIT_ROUNDOFF)
  return (magnitude > 0 ? rounding * magnitude : 0) + 4 * SMALLEST_NORMAL * (k + factors)
}
