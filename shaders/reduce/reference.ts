export type RowsShape = { rows: number; n: number }

/** Folds each row of x: [rows, n]; gives [rows] as plain numbers. */
export function foldRows(
  x: ArrayLike<number>,
  { rows, n }: RowsShape,
  first: number,
  combine: (a: number, b: number) => number,
): number[] {
  return Array.from({ length: rows }, (_, row) => {
    let value = first
    for (let at = row * n; at < (row + 1) * n; at++) value = combine(value, x[at]!)
    return value
  })
}

/** What the kernels of this folder give for a row: f64 sums of f32, all else exact. */
export const reduceReferences = {
  'sum-i32': (x: Int32Array, shape: RowsShape) => foldRows(x, shape, 0, (a, b) => (a + b) | 0),
  'reduce-max-i32': (x: Int32Array, shape: RowsShape) => foldRows(x, shape, -0x80000000, Math.max),
  'reduce-min-i32': (x: Int32Array, shape: RowsShape) => foldRows(x, shape, 0x7fffffff, Math.min),
  'reduce-sum-f32': (x: Float32Array, shape: RowsShape) => foldRows(x, shape, 0, (a, b) => a + b),
  // Math.max and Math.min order -0 before 0 and give NaN for NaN.
  'reduce-max-f32': (x: Float32Array, shape: RowsShape) =>
    foldRows(x, shape, Number.NEGATIVE_INFINITY, Math.max),
  'reduce-min-f32': (x: Float32Array, shape: RowsShape) =>
    foldRows(x, shape, Number.POSITIVE_INFINITY, Math.min),
}
