import type { Int8Rows } from './inputRows.ts'
import { EVERY_ROW_RIGHT, type MatmulShape } from './matmulShape.ts'
import type { RandomWords } from './secretRandom.ts'

/** Secret vectors of one check. */
const VECTORS = 32

const sums = new Int32Array(VECTORS)

/**
 * Freivalds' check of c = a b modulo 2^32, for k >= 131072, where a sum of int8 products may leave i32 and wraps (WGSL
 * i32 arithmetic is modulo 2^32).
 *
 * Modulo 2^32 one vector is not enough: an element that is off by 2^31 vanishes with every even r_j. So 32 independent
 * vectors, uniform over u32, are used at once. Where d is the difference of a wrong row and 2^v (v < 32) the largest
 * power of two that divides all of it, d r is uniform over the multiples of 2^v, hence 0 with probability 2^-(32-v) <=
 * 1/2 for each vector: a wrong result is accepted with probability <= 2^-32, a right one never rejected.
 *
 * Costs 32 (m k + k n + m n) multiply-adds. Gives the first wrong row, or EVERY_ROW_RIGHT.
 */
export function wrongRowWrapped(
  a: Int8Rows,
  b: Int8Rows,
  c: Int32Array,
  { m, k, n }: MatmulShape,
  random: RandomWords,
): number {
  const r = new Int32Array(n * VECTORS)
  for (let j = 0; j < r.length; j++) r[j] = random.word()
  const y = new Int32Array(k * VECTORS)
  for (let p = 0; p < k; p++) {
    b.select(p)
    project(b.elements, b.offset, r, n)
    y.set(sums, p * VECTORS)
  }
  const claimed = new Int32Array(VECTORS)
  for (let i = 0; i < m; i++) {
    project(c, i * n, r, n)
    claimed.set(sums)
    a.select(i)
    project(a.elements, a.offset, y, k)
    for (let t = 0; t < VECTORS; t++) if (claimed[t] !== sums[t]) return i
  }
  return EVERY_ROW_RIGHT
}

/** sums[t] = sum of x[at + j] * v[j, t] modulo 2^32. */
function project(x: Int8Array | Int32Array, at: number, v: Int32Array, length: number): void {
  sums.fill(0)
  for (let j = 0; j < length; j++) {
    const factor = x[at + j]!
    const vAt = j * VECTORS
    for (let t = 0; t < VECTORS; t++) sums[t] = (sums[t]! + Math.imul(factor, v[vAt + t]!)) | 0
  }
}
