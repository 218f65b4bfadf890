export type ScanShape = { rows: number; n: number; exclusive: number }

/** Prefix sums of each row of x: [rows, n] in f64, with the element itself or without it. */
export function scanReference(
  x: ArrayLike<number>,
  { rows, n, exclusive }: ScanShape,
): Float64Array<ArrayBuffer> {
  const y = new Float64Array(rows * n)
  for (let row = 0; row < rows; row++) {
    let sum = 0
    for (let at = row * n; at < (row + 1) * n; at++) {
      const before = sum
      sum += x[at]!
      y[at] = exclusive === 1 ? before : sum
    }
  }
  return y
}
