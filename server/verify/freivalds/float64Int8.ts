import type { Int8Rows } from './inputRows.ts'
import { EVERY_ROW_RIGHT, type MatmulShape } from './matmulShape.ts'
import { Scratch } from './scratch.ts'
import type { RandomWords } from './secretRandom.ts'

/** Largest k * n for which the arithmetic below is exact with vectors of 17 bits. */
export const FLOAT64_LIMIT = 2 ** 23
/** (-128)^2: the largest product of two int8. */
const LARGEST_PRODUCT = 16384

const secret = new Scratch()
const projected = new Scratch()

/**
 * Freivalds' check of c = a b in float64, every operation exact (Freivalds, "Probabilistic machines can use less
 * running time", 1977): c r = a (b r) for a secret random vector r, in m k + k n + m n multiply-adds.
 *
 * Needs k n <= FLOAT64_LIMIT and k <= 131071. r has `bits` = min(32, 40 - ceil(log2(k n))) >= 17 random bits per
 * element, uniform over the 2^bits integers -2^(bits-1) .. 2^(bits-1) without 0. Every |c| <= 16384 k is looked at
 * first (a right product cannot be larger), so no sum exceeds 16384 k n 2^(bits-1) <= 2^53 and float64 loses nothing.
 *
 * A right result is never rejected. A wrong one is accepted with probability <= 2^-bits <= 2^-17: where row i differs
 * by d != 0, and all r but one r_j with d_j != 0 are fixed, at most one value of r_j makes d r = 0. A row with a single
 * wrong element is always caught, since r_j is not 0.
 *
 * Gives the first wrong row, or EVERY_ROW_RIGHT.
 */
export function wrongRowFloat64(
  a: Int8Rows,
  b: Int8Rows,
  c: Int32Array,
  { m, k, n }: MatmulShape,
  random: RandomWords,
): number {
  const bits = Math.min(32, 40 - ceilLog2(k * n))
  const r = secret.of(n)
  for (let j = 0; j < n; j++) {
    const value = (random.word() | 0) >> (32 - bits)
    r[j] = value === 0 ? 2 ** (bits - 1) : value
  }
  const y = projected.of(k)
  for (let p = 0; p < k; p++) {
    b.select(p)
    y[p] = dotInt8(b.elements, b.offset, r, n)
  }
  const largest = LARGEST_PRODUCT * k
  for (let i = 0; i < m; i++) {
    const claimed = dotBounded(c, i * n, r, n, largest)
    a.select(i)
    if (claimed !== dotInt8(a.elements, a.offset, y, k)) return i
  }
  return EVERY_ROW_RIGHT
}

/** Sum of x[xAt + j] * v[j] in float64; four sums, so that an addition need not wait for the one before. */
function dotInt8(x: Int8Array, xAt: number, v: Float64Array, length: number): number {
  let s0 = 0
  let s1 = 0
  let s2 = 0
  let s3 = 0
  let j = 0
  for (; j + 3 < length; j += 4) {
    s0 += x[xAt + j]! * v[j]!
    s1 += x[xAt + j + 1]! * v[j + 1]!
    s2 += x[xAt + j + 2]! * v[j + 2]!
    s3 += x[xAt + j + 3]! * v[j + 3]!
  }
  for (; j < length; j++) s0 += x[xAt + j]! * v[j]!
  return s0 + s1 + (s2 + s3)
}

/** As dotInt8 over i32; NaN, which equals nothing, when an element lies outside -largest .. largest. */
function dotBounded(x: Int32Array, xAt: number, v: Float64Array, length: number, largest: number): number {
  let s0 = 0
  let s1 = 0
  let low = 0
  let high = 0
  let j = 0
  for (; j + 1 < length; j += 2) {
    const x0 = x[xAt + j]!
    const x1 = x[xAt + j + 1]!
    if (x0 < low) low = x0
    else if (x0 > high) high = x0
    if (x1 < low) low = x1
    else if (x1 > high) high = x1
    s0 += x0 * v[j]!
    s1 += x1 * v[j + 1]!
  }
  if (j < length) {
    const x0 = x[xAt + j]!
    if (x0 < low) low = x0
    else if (x0 > high) high = x0
    s0 += x0 * v[j]!
  }
  return low < -largest || high > largest ? Number.NaN : s0 + s1
}

/** Smallest e with 2^e >= x, for integers 0 .. 2^31. */
function ceilLog2(x: number): number {
  return x <= 1 ? 0 : 32 - Math.clz32(x - 1)
}
