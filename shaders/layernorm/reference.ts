import type { NormShape } from '../rows/normRows.ts'

/** What a row's norm is made of, in f64. */
export interface RowMoments {
  mean: number
  /** Mean of |x|. */
  magnitude: number
  /** Mean of (x - mean)^2. */
  variance: number
  /** Mean of |x - mean|. */
  spread: number
}

/** The moments of row `row` of x: [rows, n]. */
export function momentsOf(x: ArrayLike<number>, row: number, n: number): RowMoments {
  const moments = { mean: 0, magnitude: 0, variance: 0, spread: 0 }
  for (let at = row * n; at < (row + 1) * n; at++) {
    moments.mean += x[at]! / n
    moments.magnitude += Math.abs(x[at]!) / n
  }
  for (let at = row * n; at < (row + 1) * n; at++) {
    moments.variance += (x[at]! - moments.mean) ** 2 / n
    moments.spread += Math.abs(x[at]! - moments.mean) / n
  }
  return moments
}

/** (x - mean) / sqrt(variance + epsilon) * weights + bias in f64; epsilon is taken as the f32 that a device gets. */
export function layernormReference(
  x: ArrayLike<number>,
  weights: ArrayLike<number>,
  bias: ArrayLike<number>,
  { rows, n, epsilon }: NormShape,
): Float64Array<ArrayBuffer> {
  const y = new Float64Array(rows * n)
  for (let row = 0; row < rows; row++) {
    const { mean, variance } = momentsOf(x, row, n)
    const factor = 1 / Math.sqrt(variance + Math.fround(epsilon))
    for (let at = 0; at < n; at++) {
      y[row * n + at] = (x[row * n + at]! - mean) * factor * weights[at]! + bias[at]!
    }
  }
  return y
}
