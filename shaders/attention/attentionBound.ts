import type { Tensor } from '../../protocol/tensor.ts'
import {
  compounded,
  DIVISION_ERROR,
  expOfDifferenceError,
  SMALLEST_NORMAL,
  UNIT_ROUNDOFF,
} from '../float/wgslAccuracy.ts'
import { floatMismatch } from '../kernelSuite.ts'
import { matmulF32Bound } from '../matmul-f32/roundingBound.ts'
import { type AttentionInputs, type AttentionShape, type QueryWeights, queryWeights } from './reference.ts'

/**
 * How far results of one query may be from the true ones; f64[width] each. With p the weights and v the values:
 * - A score is a sum of `width` products and a product with the scale; its error e is a factor exp(e) of the power.
 * - A power exp(score - most) has the error of exp and of the difference. It does not matter what `most` is, as long as
 *   all powers are of the same one: it cancels. A running sum is rescaled at most `rescalings` times: the differences
 *   of those add up to the power's own, so |t| counts once, and each costs the rest of its exp and a product.
 * - That is a relative error r of each power. The sum of powers has non-negative terms: its error is sum p r and that
 *   of its additions, at most one a key and one a rescaling. The sum of values is off by sum p |v| times the same.
 * - The quotient of both: (A + |y| D) / (1 - D), then a division, a product, and what is flushed (a power a key).
 */
export function queryErrors(
  { places, scores, magnitudes, weights }: QueryWeights,
  { values }: AttentionInputs,
  { width, rescalings }: { width: number; rescalings: number },
): { y: Float64Array<ArrayBuffer>; bound: Float64Array<ArrayBuffer> } {
  const most = scores.reduce((largest, score) => Math.max(largest, score), Number.NEGATIVE_INFINITY)
  const scoreErrors = magnitudes.map((magnitude) => matmulF32Bound(width + 1, magnitude))
  const worst = scoreErrors.reduce((largest, error) => Math.max(largest, error), 0)
  const steps = (places.length + rescalings + 1) * UNIT_ROUNDOFF
  const rescaled = rescalings * (expOfDifferenceError(0) + UNIT_ROUNDOFF)
  const relative = scores.map((score, at) => {
    const distance = most - score + 2 * worst
    return compounded(Math.expm1(scoreErrors[at]!), expOfDifferenceError(distance), rescaled, steps)
  })
  const sum = weights.reduce((total, weight, at) => total + weight * relative[at]!, 0)
  const y = new Float64Array(width)
  const ofValues = new Float64Array(width)
  const largest = new Float64Array(width)
  for (const [at, place] of places.entries()) {
    for (let i = 0; i < width; i++) {
      const value = values[place + i]!
      y[i]! += weights[at]! * value
      ofValues[i]! += weights[at]! * Math.abs(value) * (weights[at]! > 0 ? relative[at]! : 0)
      largest[i] = Math.max(largest[i]!, Math.abs(value))
    }
  }
  const last = compounded(DIVISION_ERROR, 2 * UNIT_ROUNDOFF)
  const bound = y.map((value, i) => {
    const quotient = (ofValues[i]! + Math.abs(value) * sum) / (1 - sum)
    const flushed = 2 * (places.length + rescalings + 2) * (1 + largest[i]!) * SMALLEST_NORMAL
    return quotient + last * (Math.abs(value) + quotient) + flushed
  })
  return { y, bound }
}

/**
 * How an attention's output differs from the true values by more than it may.
 * @param rescalings how often a partial sum may be rescaled before it is the whole one
 */
export function attentionMismatch(
  got: Tensor | undefined,
  expected: Omit<Tensor, 'bytes'>,
  inputs: AttentionInputs,
  shape: AttentionShape,
  rescalings: number,
): string | null {
  const values = new Float64Array(inputs.queries.length)
  const bounds = new Float64Array(inputs.queries.length)
  for (const query of queryWeights(inputs, shape)) {
    const { y, bound } = queryErrors(query, inputs, { width: shape.width, rescalings })
    values.set(y, query.start)
    bounds.set(bound, query.start)
  }
  return floatMismatch(got, { ...expected, values }, (at) => bounds[at]!)
}
