import type { Float32Rows } from './inputRows.ts'
import { EVERY_ROW_RIGHT, type MatmulShape } from './matmulShape.ts'
import { Scratch } from './scratch.ts'
import type { RandomWords } from './secretRandom.ts'

/**
 * Unit roundoff of one f32 operation. WGSL lets an implementation round to either neighbour ("correctly rounded" names
 * no rounding mode), so it is 2^-23 and not the 2^-24 of rounding to nearest.
 */
const UNIT_ROUNDOFF = 2 ** -23
/** Twice the unit roundoff of float64, which covers the higher-order terms of the check's own rounding. */
const OWN_ROUNDOFF = 2 ** -52
/** Smallest normal f32: what flushing a subnormal input, product or sum to zero can lose. */
const SMALLEST_NORMAL = 2 ** -126
/** Below this sum of |a||b| no order of summation can overflow f32 on the way. */
const NO_OVERFLOW = 2 ** 127
/** Columns that share one sum; fewer see smaller errors and cost more: m k n / GROUP_COLUMNS multiply-adds, twice. */
const GROUP_COLUMNS = 64
/** Columns up to which each is looked at by itself. */
const SINGLE_COLUMNS = 16

const projected = new Scratch()
const magnitudes = new Scratch()
const groupMagnitudes = new Scratch()
const sums = new Scratch()
const absolutes = new Scratch()
let groupOf = new Int32Array(64)
let signs = new Float64Array(64)

/** gamma_k = k u / (1 - k u) for u = UNIT_ROUNDOFF; Infinity from k = 2^23 on, where nothing can be said. */
export function gamma(k: number): number {
  const ku = k * UNIT_ROUNDOFF
  return ku < 1 ? ku / (1 - ku) : Number.POSITIVE_INFINITY
}

/**
 * Most that f32 may be off in a sum of `terms` / k dot products of length k, however they are ordered, blocked or fused.
 *
 * |fl(x y) - x y| <= gamma_k |x| |y| (Higham, "Accuracy and Stability of Numerical Algorithms", 2nd edition, section
 * 3.1, equations 3.4 and 3.5: any order of summation), added over the columns with |r| = 1; and 2^-126 for every
 * input, product and sum that may be flushed to zero.
 *
 * @param product sum over the columns and p of |a_p| |b_pj|
 * @param terms k times the number of columns
 * @param rowSum sum of |a_p|, times the number of columns
 * @param columnSum sum of |b_pj|
 */
export function roundingBound(
  k: number,
  product: number,
  terms: number,
  rowSum: number,
  columnSum: number,
): number {
  return gamma(k) * product + SMALLEST_NORMAL * (2 * terms + rowSum + columnSum)
}

/**
 * Freivalds' check of an f32 product c = a b within the rounding bound, computed in float64.
 *
 * Up to 16 columns each column is compared by itself. With more, the columns are dealt secretly into groups of at most
 * 64, each column with a secret sign r_j = +-1, and for every row i and group G
 *   | sum_G r_j c_ij - sum_p a_ip (sum_G r_j b_pj) |  <=  roundingBound  +  the check's own rounding,
 * the last being (k + columns) 2^-52 (sum_G |a||b| + sum_G |c|).
 *
 * A right result is never rejected, whatever the tiling. What it cannot see: an error of less than about twice the
 * bound, 2 k 2^-23 sum_G (|a||b|)_ij. With uniform inputs in [-1, 1), 64 columns and k = 1024 that is 4, where an element
 * of c is 11 by size; with k = 128 it is 0.06 of 3.8. A row in which one element is off by more is always caught; where
 * several in one group are, and cancel, with probability >= 1/2 (flipping the sign of the largest moves the sum by
 * twice that), and two columns meet in one group with probability about GROUP_COLUMNS / n. It is a check against work
 * that was not done, not against a result that is a little less precise.
 *
 * Where sum_G |a||b| is not below 2^127 (infinities and NaN among the inputs included) f32 may overflow on the way and
 * WGSL promises nothing: that row and group is not judged. Everywhere else an infinity or NaN in c is wrong.
 *
 * Gives the first wrong row, or EVERY_ROW_RIGHT.
 */
export function wrongRowFloat32(
  a: Float32Rows,
  b: Float32Rows,
  c: Float32Array,
  { m, k, n }: MatmulShape,
  random: RandomWords,
): number {
  const groups = Math.min(n, Math.max(SINGLE_COLUMNS, Math.ceil(n / GROUP_COLUMNS)))
  dealColumns(n, groups, random)
  const y = projected.of(groups * k)
  const z = magnitudes.of(groups * k)
  const columnSums = groupMagnitudes.of(groups)
  columnSums.fill(0, 0, groups)
  const sum = sums.of(groups)
  const absolute = absolutes.of(groups)
  for (let p = 0; p < k; p++) {
    b.select(p)
    sumGroups(b.elements, b.offset, n, groups, sum, absolute)
    for (let g = 0; g < groups; g++) {
      y[g * k + p] = sum[g]!
      z[g * k + p] = absolute[g]!
      columnSums[g]! += absolute[g]!
    }
  }
  const columns = Math.ceil(n / groups)
  for (let i = 0; i < m; i++) {
    a.select(i)
    sumGroups(c, i * n, n, groups, sum, absolute)
    const row = a.elements
    const at = a.offset
    let rowSum = 0
    for (let p = 0; p < k; p++) rowSum += Math.abs(row[at + p]!)
    for (let g = 0; g < groups; g++) {
      let expected = 0
      let expected1 = 0
      let product = 0
      let product1 = 0
      let p = 0
      let q = g * k
      for (; p + 1 < k; p += 2, q += 2) {
        const a0 = row[at + p]!
        const a1 = row[at + p + 1]!
        expected += a0 * y[q]!
        expected1 += a1 * y[q + 1]!
        product += Math.abs(a0) * z[q]!
        product1 += Math.abs(a1) * z[q + 1]!
      }
      if (p < k) {
        expected += row[at + p]! * y[q]!
        product += Math.abs(row[at + p]!) * z[q]!
      }
      product += product1
      if (!(product < NO_OVERFLOW)) continue
      const size = absolute[g]!
      const own = (k + columns + 4) * OWN_ROUNDOFF * (product + size)
      const bound = roundingBound(k, product, k * columns, rowSum * columns, columnSums[g]!) + own
      const off = Math.abs(sum[g]! - (expected + expected1))
      // A NaN compares false, an infinite element makes `size` infinite.
      if (!(off <= bound) || size === Number.POSITIVE_INFINITY) return i
    }
  }
  return EVERY_ROW_RIGHT
}

/** Deals the columns into groups of like size with a secret sign each; column j is group j where there are as many. */
function dealColumns(n: number, groups: number, random: RandomWords): void {
  if (groupOf.length < n) {
    groupOf = new Int32Array(n)
    signs = new Float64Array(n)
  }
  for (let j = 0; j < n; j++) {
    groupOf[j] = j % groups
    signs[j] = 1
  }
  if (groups === n) return
  for (let j = n - 1; j >= 0; j--) {
    const word = random.word()
    // Fisher-Yates; the bias of taking the remainder is below n / 2^31 and costs no soundness that matters.
    const other = (word >>> 1) % (j + 1)
    const group = groupOf[j]!
    groupOf[j] = groupOf[other]!
    groupOf[other] = group
    signs[j] = word & 1 ? 1 : -1
  }
}

/** sum[g] = sum of sign * x and absolute[g] = sum of |x| over the columns of group g. */
function sumGroups(
  x: Float32Array,
  at: number,
  n: number,
  groups: number,
  sum: Float64Array,
  absolute: Float64Array,
): void {
  sum.fill(0, 0, groups)
  absolute.fill(0, 0, groups)
  for (let j = 0; j < n; j++) {
    const g = groupOf[j]!
    const value = x[at + j]!
    sum[g]! += signs[j]! * value
    absolute[g]! += Math.abs(value)
  }
}
