import { OpentabError } from '../../../protocol/errors.ts'
import { gamma, roundingBound } from './boundedFloat32.ts'
import type { Float32Rows, Int8Rows } from './inputRows.ts'
import type { MatmulShape } from './matmulShape.ts'

/**
 * Computes row `row` of c again, k n multiply-adds modulo 2^32, and gives the sentence that names its first wrong
 * element.
 * @throws OpentabError `internal` when the row is right: the check itself would be broken, and no tab may suffer for it
 */
export function describeInt8Row(
  a: Int8Rows,
  b: Int8Rows,
  c: Int32Array,
  { k, n }: MatmulShape,
  row: number,
): string {
  const expected = new Int32Array(n)
  a.select(row)
  for (let p = 0; p < k; p++) {
    const factor = a.elements[a.offset + p]!
    b.select(p)
    const { elements, offset } = b
    for (let j = 0; j < n; j++) expected[j]! += factor * elements[offset + j]!
  }
  for (let j = 0; j < n; j++) {
    const claimed = c[row * n + j]!
    if (claimed !== expected[j]!) return `c[${row},${j}] is ${claimed} and must be ${expected[j]}.`
  }
  throw new OpentabError('internal', `The check refused row ${row} of a product that is right.`)
}

/**
 * Computes row `row` of c again in float64 and gives the sentence that names the element that is furthest outside its
 * own rounding bound.
 * @throws OpentabError `internal` when no element is outside its bound, as describeInt8Row
 */
export function describeFloat32Row(
  a: Float32Rows,
  b: Float32Rows,
  c: Float32Array,
  { k, n }: MatmulShape,
  row: number,
): string {
  const expected = new Float64Array(n)
  const magnitude = new Float64Array(n)
  const columnSum = new Float64Array(n)
  a.select(row)
  let rowSum = 0
  for (let p = 0; p < k; p++) {
    const factor = a.elements[a.offset + p]!
    rowSum += Math.abs(factor)
    b.select(p)
    const { elements, offset } = b
    for (let j = 0; j < n; j++) {
      const product = factor * elements[offset + j]!
      expected[j]! += product
      magnitude[j]! += Math.abs(product)
      columnSum[j]! += Math.abs(elements[offset + j]!)
    }
  }
  let worst = -1
  let worstRatio = 1
  for (let j = 0; j < n; j++) {
    const ratio = Math.abs(c[row * n + j]! - expected[j]!) / boundOf(j)
    // NaN, or infinity: nothing is worse.
    if (!Number.isFinite(ratio)) {
      worst = j
      break
    }
    if (ratio > worstRatio) {
      worst = j
      worstRatio = ratio
    }
  }
  if (worst < 0)
    throw new OpentabError('internal', `The check refused row ${row} of a product that is right.`)
  return `c[${row},${worst}] is ${c[row * n + worst]} and must be ${Math.fround(expected[worst]!)} within ${boundOf(worst).toPrecision(3)} (${k} products, gamma ${gamma(k).toPrecision(3)}).`

  function boundOf(j: number): number {
    return roundingBound(k, magnitude[j]!, k, rowSum, columnSum[j]!)
  }
}
