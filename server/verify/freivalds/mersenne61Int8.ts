import type { Int8Rows } from './inputRows.ts'
import { EVERY_ROW_RIGHT, type MatmulShape } from './matmulShape.ts'
import { Scratch } from './scratch.ts'
import type { RandomWords } from './secretRandom.ts'

/** Columns of c that may be summed before the sums have to be reduced: 2^16 * 2^21 * 2^15 = 2^52. */
const COLUMNS_AT_ONCE = 2 ** 15
const LIMB = 2 ** 21
const TOP_LIMB = 2 ** 19

const secret = new Scratch()
const projected = new Scratch()
const left = new Float64Array(3)
const right = new Float64Array(3)
const high = new Float64Array(3)

/**
 * Freivalds' check of c = a b modulo the prime p = 2^61 - 1, for products too large for wrongRowFloat64.
 *
 * Needs k <= 131071, so that c holds the sums themselves (|c| < 2^31) and a wrong element differs by 0 < |d| < 2^32 <
 * p, which is not 0 modulo p; and n <= 2^25. r is uniform over 1 .. p - 1.
 *
 * A number below 2^61 is three limbs of 21, 21 and 19 bits, each in a float64; because a and b are int8, a dot product
 * is three float64 dot products that stay below 2^53, and only their ends are reduced (2^61 = 1 modulo p). c is cut
 * into two halves of 16 bits for the same reason. So it costs 3 m k + 3 k n + 6 m n multiply-adds without a division.
 *
 * A right result is never rejected; a wrong one is accepted with probability <= 1 / (p - 1) < 2^-60.
 *
 * Gives the first wrong row, or EVERY_ROW_RIGHT.
 */
export function wrongRowMersenne61(
  a: Int8Rows,
  b: Int8Rows,
  c: Int32Array,
  { m, k, n }: MatmulShape,
  random: RandomWords,
): number {
  const r = secret.of(3 * n)
  for (let j = 0; j < n; j++) drawResidue(r, j, n, random)
  const y = projected.of(3 * k)
  for (let p = 0; p < k; p++) {
    b.select(p)
    project(b.elements, b.offset, r, n)
    for (let limb = 0; limb < 3; limb++) y[limb * k + p] = left[limb]!
  }
  for (let i = 0; i < m; i++) {
    a.select(i)
    project(a.elements, a.offset, y, k)
    for (let from = 0; from < n; from += COLUMNS_AT_ONCE) {
      claimed(c, i * n, r, n, from, Math.min(n, from + COLUMNS_AT_ONCE))
      for (let limb = 0; limb < 3; limb++) left[limb]! -= right[limb]!
      reduce(left)
    }
    if (!isZero(left)) return i
  }
  return EVERY_ROW_RIGHT
}

/** left = sum of x[at + j] * v_j, reduced. */
function project(x: Int8Array, at: number, v: Float64Array, length: number): void {
  let s0 = 0
  let s1 = 0
  let s2 = 0
  for (let j = 0; j < length; j++) {
    const factor = x[at + j]!
    s0 += factor * v[j]!
    s1 += factor * v[length + j]!
    s2 += factor * v[2 * length + j]!
  }
  left[0] = s0
  left[1] = s1
  left[2] = s2
  reduce(left)
}

/** right = sum of c[at + j] * r_j over from <= j < to, reduced. */
function claimed(c: Int32Array, at: number, r: Float64Array, n: number, from: number, to: number): void {
  let l0 = 0
  let l1 = 0
  let l2 = 0
  let h0 = 0
  let h1 = 0
  let h2 = 0
  for (let j = from; j < to; j++) {
    const x = c[at + j]!
    const low = x & 0xffff
    const top = x >> 16
    const r0 = r[j]!
    const r1 = r[n + j]!
    const r2 = r[2 * n + j]!
    l0 += low * r0
    l1 += low * r1
    l2 += low * r2
    h0 += top * r0
    h1 += top * r1
    h2 += top * r2
  }
  high[0] = h0
  high[1] = h1
  high[2] = h2
  reduce(high)
  right[0] = l0
  right[1] = l1
  right[2] = l2
  reduce(right)
  for (let limb = 0; limb < 3; limb++) right[limb]! += high[limb]! * 65536
  reduce(right)
}

/** Brings x0 + x1 2^21 + x2 2^42 modulo 2^61 - 1 into limbs of 21, 21 and 19 bits. Each |x| <= 2^52. */
export function reduce(x: Float64Array): void {
  let x0 = x[0]!
  let x1 = x[1]!
  let x2 = x[2]!
  for (;;) {
    const carry0 = Math.floor(x0 / LIMB)
    x0 -= carry0 * LIMB
    x1 += carry0
    const carry1 = Math.floor(x1 / LIMB)
    x1 -= carry1 * LIMB
    x2 += carry1
    const carry2 = Math.floor(x2 / TOP_LIMB)
    if (carry2 === 0) break
    x2 -= carry2 * TOP_LIMB
    x0 += carry2
  }
  x[0] = x0
  x[1] = x1
  x[2] = x2
}

/** After `reduce`, the residue 0 is either 0 or p itself. */
function isZero(x: Float64Array): boolean {
  return (
    (x[0] === 0 && x[1] === 0 && x[2] === 0) ||
    (x[0] === LIMB - 1 && x[1] === LIMB - 1 && x[2] === TOP_LIMB - 1)
  )
}

function drawResidue(r: Float64Array, j: number, n: number, random: RandomWords): void {
  for (;;) {
    const x0 = random.word() >>> 11
    const x1 = random.word() >>> 11
    const x2 = random.word() >>> 13
    const isNothing = x0 + x1 + x2 === 0
    const isPrime = x0 === LIMB - 1 && x1 === LIMB - 1 && x2 === TOP_LIMB - 1
    if (isNothing || isPrime) continue
    r[j] = x0
    r[n + j] = x1
    r[2 * n + j] = x2
    return
  }
}
