import { timesSigmoid } from '../float/sigmoidBound.ts'

/**
 * 1 - erf(z) for z of 0 and more in f64: the series of erf (Abramowitz and Stegun 7.1.5) while its terms cancel little,
 * then the continued fraction of erfc (7.1.14) from its 80th level.
 */
export function erfc(z: number): number {
  if (z < 2) {
    let term = z
    let sum = z
    for (let k = 1; Math.abs(term) > 1e-18; k++) {
      term *= -(z * z) / k
      sum += term / (2 * k + 1)
    }
    return 1 - (2 / Math.sqrt(Math.PI)) * sum
  }
  let fraction = z
  for (let level = 80; level > 0; level--) fraction = z + level / 2 / fraction
  return Math.exp(-z * z) / Math.sqrt(Math.PI) / fraction
}

/** The argument of the sigmoid that stands for the hyperbolic tangent. */
export const tanhExponent = (x: number): number => 2 * Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)

/** One element in f64. */
export function geluReference(x: number, tanh: number): number {
  if (tanh === 1) return timesSigmoid(x, tanhExponent(x))
  const tail = 0.5 * erfc(Math.abs(x) / Math.SQRT2)
  return x > 0 ? x - x * tail : x * tail
}
