import type { NormShape } from '../rows/normRows.ts'

/** x / sqrt(mean(x^2) + epsilon) * weights in f64; epsilon is taken as the f32 that a device gets. */
export function rmsnormReference(
  x: ArrayLike<number>,
  weights: ArrayLike<number>,
  { rows, n, epsilon }: NormShape,
): Float64Array<ArrayBuffer> {
  const y = new Float64Array(rows * n)
  for (let row = 0; row < rows; row++) {
    let squares = 0
    for (let at = 0; at < n; at++) squares += x[row * n + at]! ** 2
    const factor = 1 / Math.sqrt(squares / n + Math.fround(epsilon))
    for (let at = 0; at < n; at++) y[row * n + at] = x[row * n + at]! * factor * weights[at]!
  }
  return y
}
