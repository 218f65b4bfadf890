import { randomInt } from 'node:crypto'
import { seededInt8 } from '../../protocol/seededInputs.ts'

/** An int8 matrix product whose inputs come from a seed. */
export interface MatmulTask {
  shape: { m: number; k: number; n: number }
  seed: number
}

/** Some milliseconds of work. */
export const shortMatmul = (seed: number): MatmulTask => ({ shape: { m: 64, k: 256, n: 64 }, seed })
/** Long enough to be caught in the middle, with a small result: some seconds where the GPU is emulated. */
export const longMatmul = (seed: number): MatmulTask => ({ shape: { m: 1024, k: 8192, n: 256 }, seed })

/** Chance that a wrong product passes: 2^-15 for each round. */
const ROUNDS = 3

/**
 * Whether c: i32[m, n] is a x b, by Freivalds (1977): c r = a (b r) for random vectors r with entries below 2^15. Every sum
 * stays below 2^53: |b r| < n 2^22, |a (b r)| < k n 2^29, |c r| the same.
 */
export function isProduct({ shape: { m, k, n }, seed }: MatmulTask, c: Int32Array): boolean {
  if (c.length !== m * n) return false
  const a = seededInt8(seed, 0, m * k)
  const b = seededInt8(seed, 1, k * n)
  for (let round = 0; round < ROUNDS; round++) {
    const r = Float64Array.from({ length: n }, () => randomInt(1 << 15))
    const br = times(b, k, n, r)
    const abr = times(a, m, k, br)
    const cr = times(c, m, n, r)
    if (!abr.every((value, row) => value === cr[row])) return false
  }
  return true
}

/** matrix[rows, columns] x vector[columns] */
function times(
  matrix: Int8Array | Int32Array,
  rows: number,
  columns: number,
  vector: Float64Array,
): Float64Array {
  const out = new Float64Array(rows)
  for (let row = 0; row < rows; row++) {
    let sum = 0
    for (let column = 0; column < columns; column++) sum += matrix[row * columns + column]! * vector[column]!
    out[row] = sum
  }
  return out
}
