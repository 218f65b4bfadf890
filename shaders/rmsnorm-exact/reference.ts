import { codeRow, packCodes } from '../exact/codes.ts'
import { magnitude, mulHigh } from '../exact/mulshift.ts'
import type { CodedRows, CodedRowsShape } from '../quantize/reference.ts'

/** What rule S4 works out before the row is coded. */
export interface WeightedRow {
  /** i32[n]: elements times weights in units that the row shares. */
  weighted: Int32Array<ArrayBuffer>
  /** Even left shift of the sum of squares, k of the rule. */
  even: number
  /** Its root, D of the rule; in [2^15, 2^16). */
  root: number
}

/** The first half of rule S4 for one row h: i32[n] with weights i32[n] within +-65535; n of at most 1024. */
export function weightRow(h: Int32Array, weights: Int32Array): WeightedRow {
  const sizes = Uint32Array.from(h, (value) => Math.min(magnitude(value), 0x7fffffff))
  const shift = Math.clz32(sizes.reduce((most, size) => Math.max(most, size), 1)) - 1
  let squares = 0
  for (const size of sizes) squares += ((size << shift) >>> 20) ** 2
  // A row of zeros has no square: 1 keeps the root from zero.
  const square = Math.max(squares, 1)
  const even = Math.clz32(square) & ~1
  const weighted = h.map((value, at) => {
    const weight = weights[at]!
    const size = mulHigh((sizes[at]! << shift) >>> 0, (Math.min(magnitude(weight), 65535) << 16) >>> 0)
    return value < 0 !== weight < 0 ? -size : size
  })
  return { weighted, even, root: Math.floor(Math.sqrt((square << even) >>> 0)) }
}

/** Rule S4 of the exact lane for every row of h: i32[rows, n]. */
export function rmsnormExactReference(h: Int32Array, weights: Int32Array, shape: CodedRowsShape): CodedRows {
  const { rows, n, limit } = shape
  const codes = new Int32Array(rows * n)
  const scales = new Uint32Array(rows)
  const exponents = new Int32Array(rows)
  for (let row = 0; row < rows; row++) {
    const { weighted, even, root } = weightRow(h.subarray(row * n, (row + 1) * n), weights)
    const coded = codeRow(weighted, limit)
    codes.set(coded.codes, row * n)
    const below = coded.scale < root
    scales[row] = Math.floor((coded.scale * (below ? 2 ** 16 : 2 ** 15)) / root)
    exponents[row] = (below ? -16 : -15) + coded.exponent - 4 + even / 2
  }
  return { codes: packCodes(codes, shape), scales, exponents }
}
