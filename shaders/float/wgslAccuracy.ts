/** Unit roundoff of f32: half a unit in the last place of 1; the largest relative error of a sum or a product. */
export const UNIT_ROUNDOFF = 2 ** -24
/** One unit in the last place, relative to the number, at most. */
const ULP = 2 * UNIT_ROUNDOFF
/** Smallest normal f32; WGSL lets a device flush what is smaller to zero. */
export const SMALLEST_NORMAL = 2 ** -126

/** Relative error of x / y: 2.5 ULP (WGSL, section 15.7.4, accuracy of built-in functions and operators). */
export const DIVISION_ERROR = 2.5 * ULP
/** Relative error of inverseSqrt: 2 ULP (the same table). */
export const INVERSE_SQRT_ERROR = 2 * ULP

/** Relative error of exp(t): 3 + 2 |t| ULP (the same table). */
export const expError = (t: number): number => (3 + 2 * Math.abs(t)) * ULP

/**
 * Relative error of exp(a - b) where t = a - b is what the difference truly is: the rounding of the difference, which
 * is |t| u at most, comes out as a factor.
 */
export const expOfDifferenceError = (t: number): number => expError(t) + Math.abs(t) * UNIT_ROUNDOFF

/**
 * What relative errors add up to when their factors (1 + d) meet in one product or quotient: sum / (1 - sum), as
 * gamma in Higham, Accuracy and Stability of Numerical Algorithms, 2nd edition, lemma 3.1. Infinite where the sum
 * reaches 1 and the theory gives nothing.
 */
export function compounded(...errors: readonly number[]): number {
  const sum = errors.reduce((total, error) => total + error, 0)
  return sum >= 1 ? Number.POSITIVE_INFINITY : sum / (1 - sum)
}
