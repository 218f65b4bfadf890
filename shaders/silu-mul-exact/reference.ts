import { magnitude, mulshift } from '../exact/mulshift.ts'

/** The sigmoid of x (Q16) in Q16, from a table u32[1025] of the sigmoids of i / 64. */
export function sigmoidOf(x: number, sigmoids: Uint32Array): number {
  const size = magnitude(x)
  let sigmoid = 65536
  if (size < 16 * 65536) {
    const entry = size >>> 10
    const below = sigmoids[entry]!
    sigmoid = below + (((sigmoids[entry + 1]! - below) * (size & 1023) + 512) >>> 10)
  }
  return x < 0 ? 65536 - sigmoid : sigmoid
}

/** Rule S10 of the exact lane. gateUp: i32[rows, 2, n]; gives y: i32[rows, n]. */
export function siluMulExactReference(
  gateUp: Int32Array,
  sigmoids: Uint32Array,
  { rows, n }: { rows: number; n: number },
): Int32Array<ArrayBuffer> {
  const y = new Int32Array(rows * n)
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < n; column++) {
      const at = row * 2 * n + column
      const gate = gateUp[at]!
      const up = gateUp[at + n]!
      const product = mulshift(mulshift(gate, sigmoidOf(gate, sigmoids), 16), magnitude(up), 16)
      y[row * n + column] = up < 0 ? -product : product
    }
  }
  return y
}
