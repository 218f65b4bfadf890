import type { Tolerance } from '../../../protocol/manifest.ts'
import { elementsOf, type Tensor } from '../../../protocol/tensor.ts'
import { type Mismatch, mismatchSentence } from './mismatchSentence.ts'

/** What the referee computed for two outputs that rank classes. */
export interface ExpectedRanks {
  /** INT64[..., ranks]. */
  indices: Tensor
  /** FP32[..., ranks], best first. */
  values: Tensor
  /** Number of classes. */
  classes: number
}

/**
 * Compares ranked classes, INT64[..., ranks] of the expected shape. At each rank must stand the class that the referee
 * has there, or another class of its ranks whose value lies within the tolerance of the one there: |x - y| <= atol +
 * rtol max(|x|, |y|), both finite. No class may stand at two ranks. The values themselves are compared as any floats.
 *
 * At the last rank any class will do that the referee does not rank: the class after the last may be as good as the
 * last, and its value is not known here. That gains nothing, since nobody may rely on the last rank (protocol
 * `Ranked`); and a class cannot be lifted from there, because the ranks before take only the referee's own classes, in
 * an order that an honest device within the tolerance could have given.
 *
 * Gives null when all agree, else the sentence for the contributor.
 */
export function compareRanked(
  actual: Tensor,
  expected: ExpectedRanks,
  { rtol, atol }: Tolerance,
): string | null {
  const a = elementsOf({ ...actual, datatype: 'INT64' })
  const b = elementsOf({ ...expected.indices, datatype: 'INT64' })
  const values = elementsOf({ ...expected.values, datatype: 'FP32' })
  const ranks = expected.indices.shape.at(-1) ?? 1
  const classes = BigInt(expected.classes)

  const isTied = (at: number, other: number): boolean => {
    const [x, y] = [values[at]!, values[other]!]
    return (
      Number.isFinite(x) &&
      Number.isFinite(y) &&
      Math.abs(x - y) <= atol + rtol * Math.max(Math.abs(x), Math.abs(y))
    )
  }
  const isAllowed = (row: number, rank: number): boolean => {
    const found = a[row + rank]!
    for (let before = 0; before < rank; before++) if (a[row + before] === found) return false
    if (found === b[row + rank]) return true
    for (let other = 0; other < ranks; other++) {
      if (found === b[row + other]) return isTied(row + rank, row + other)
    }
    return rank === ranks - 1 && found >= 0n && found < classes && Number.isFinite(values[row + rank]!)
  }

  let first: Mismatch | undefined
  let count = 0
  for (let row = 0; row < b.length; row += ranks) {
    for (let rank = 0; rank < ranks; rank++) {
      if (isAllowed(row, rank)) continue
      count++
      first ??= { index: row + rank, actual: String(a[row + rank]), expected: String(b[row + rank]) }
    }
  }
  if (!first) return null
  const rule = `classes may change places where their values lie within ${atol} + ${rtol} * |value|`
  return mismatchSentence(expected.indices, count, first, first, rule)
}
