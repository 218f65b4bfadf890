import { compounded, expOfDifferenceError, UNIT_ROUNDOFF } from '../float/wgslAccuracy.ts'

/**
 * Relative error of onlineSum.wgsl after `steps` steps of additions and rescalings, for exponents whose weights are
 * known. A power is rescaled at most `rescalings` times; the differences of all those steps add up to its own distance
 * from the largest exponent, so that |t| counts once, and each step costs the rest of its exp (6u) and a product.
 * @param below distances of the exponents from the largest one, 0 or more
 * @param weights their softmax
 */
export function onlineSumError(
  below: ArrayLike<number>,
  weights: ArrayLike<number>,
  { steps, rescalings }: { steps: number; rescalings: number },
): number {
  let powers = 0
  for (let at = 0; at < weights.length; at++) {
    if (weights[at]! > 0) powers += weights[at]! * expOfDifferenceError(below[at]!)
  }
  return compounded(powers, rescalings * (expOfDifferenceError(0) + UNIT_ROUNDOFF), steps * UNIT_ROUNDOFF)
}
