import { randomInt } from 'node:crypto'
import { seededInt8 } from '../../protocol/seededInputs.ts'

/** Random factors are below this: every sum below stays an integer that float64 holds exactly. */
const FACTOR_BOUND = 2 ** 16
const ROUNDS = 3

/**
 * Checks c = a * b for a seeded int8 product of shape [size, size] * [size, size] with Freivalds' method, on its own:
 * c r = a (b r) for random r. A wrong c passes a round with probability 2^-16 at most.
 * @param c i32[size, size], little-endian bytes; size at most 1024
 * @returns the first row that is wrong, or null
 */
export function wrongRow(seed: number, size: number, c: Int32Array): number | null {
  const a = seededInt8(seed, 0, size * size)
  const b = seededInt8(seed, 1, size * size)
  for (let round = 0; round < ROUNDS; round++) {
    const r = Float64Array.from({ length: size }, () => randomInt(FACTOR_BOUND))
    const expected = times(a, size, times(b, size, r))
    const found = times(c, size, r)
    const row = found.findIndex((value, index) => value !== expected[index])
    if (row >= 0) return row
  }
  return null
}

/** matrix[size, size] * vector[size]; exact while every sum stays below 2^53. */
function times(matrix: Int8Array | Int32Array, size: number, vector: Float64Array): Float64Array {
  const out = new Float64Array(size)
  for (let row = 0; row < size; row++) {
    let sum = 0
    for (let column = 0; column < size; column++) sum += matrix[row * size + column]! * vector[column]!
    out[row] = sum
  }
  return out
}
