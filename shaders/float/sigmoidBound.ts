import { compounded, DIVISION_ERROR, expError, SMALLEST_NORMAL, UNIT_ROUNDOFF } from './wgslAccuracy.ts'

/** Where sigmoid.wgsl stops following its argument. */
const LAST_EXPONENT = 87

/** value * sigmoid(t) in f64. */
export const timesSigmoid = (value: number, t: number): number => value / (1 + Math.exp(-t))

/**
 * How far sigmoid.wgsl may be from value * sigmoid(t) when its t was off by `tError`: the error of t and of exp are
 * factors of exp(-t), which 1 + exp(-t) only weakens; then that sum's rounding and the division. Where t is clamped, the
 * sigmoid is off by sigmoid(-87) < 2^-125 or, at the other end, by less than a rounding; the quotient may be flushed.
 */
export function timesSigmoidBound(value: number, t: number, tError = 0): number {
  const exponent = Math.min(Math.abs(t), LAST_EXPONENT)
  const inExponential = t < LAST_EXPONENT ? Math.expm1(tError) + expError(exponent) : 0
  const relative = compounded(inExponential, 2 * UNIT_ROUNDOFF, DIVISION_ERROR)
  return relative * Math.abs(timesSigmoid(value, t)) + Math.abs(value) * 2 * SMALLEST_NORMAL + SMALLEST_NORMAL
}
