import { elementsOf, type Tensor, tensorOf } from '../../protocol/tensor.ts'
import {
  compounded,
  DIVISION_ERROR,
  INVERSE_SQRT_ERROR,
  SMALLEST_NORMAL,
  UNIT_ROUNDOFF,
} from '../float/wgslAccuracy.ts'
import { anyInputs, floatMismatch, type KernelSuite } from '../kernelSuite.ts'
import { normRowCases, normShapes } from '../rows/normCases.ts'
import type { NormShape } from '../rows/normRows.ts'
import { areWhole, unlessExact, wholeCase } from '../wholeNumbers.ts'
import { layernorm } from './kernel.ts'
import { layernormReference, momentsOf, type RowMoments } from './reference.ts'

/** How far the parts of a row's norm may be from the true ones. */
interface RowErrors {
  /** Of the mean, absolute. */
  mean: number
  /** Of 1 / sqrt(variance + epsilon), absolute, and its true value. */
  factor: number
  trueFactor: number
}

/**
 * Mean: n - 1 sums and a division, of mean |x|; and what is flushed. A distance d = x - mean is then off by that much
 * and its own rounding, so the mean of squares by 2 |d| times it and its square, besides the roundings of n
 * non-negative terms (a product, n - 1 sums, a division, the sum with epsilon). The factor is off by what the root
 * makes of both ends of that interval, and by inverseSqrt itself. Of whole numbers whose mean is zero both sums are
 * exact: one rounding is left, that of the sum with epsilon.
 */
function errorsOf(
  { mean: trueMean, magnitude, variance, spread }: RowMoments,
  shape: NormShape,
  isWhole: boolean,
): RowErrors {
  const { n } = shape
  const epsilon = Math.fround(shape.epsilon)
  const isCentred = isWhole && trueMean === 0
  const meanError = compounded((n - 1) * UNIT_ROUNDOFF, DIVISION_ERROR) * magnitude + 2 * SMALLEST_NORMAL
  const mean = unlessExact(isCentred, magnitude * n, meanError)
  const distances = unlessExact(isCentred, magnitude * n, compounded(2 * UNIT_ROUNDOFF))
  const shifted = variance + 2 * spread * mean + mean ** 2 + distances * (Math.sqrt(variance) + mean) ** 2
  const sumError = unlessExact(isCentred, variance * n, n * UNIT_ROUNDOFF)
  const rounded =
    compounded(UNIT_ROUNDOFF + sumError, DIVISION_ERROR) * (shifted + epsilon) + 2 * SMALLEST_NORMAL
  const off = shifted - variance + rounded
  const rootOf = (square: number) => 1 / Math.sqrt(Math.max(square, 0) + epsilon)
  const trueFactor = rootOf(variance)
  const most = 1 / Math.sqrt(Math.max(variance + epsilon - off, epsilon * (1 - compounded(UNIT_ROUNDOFF))))
  const furthest = Math.max(most - trueFactor, trueFactor - rootOf(variance + off))
  return { mean, factor: furthest + INVERSE_SQRT_ERROR * most, trueFactor }
}

/** Bound of one element from its distance to the mean: errors of distance and factor, then two products and a sum. */
function elementBound(distance: number, weight: number, bias: number, errors: RowErrors): number {
  const furthest = Math.abs(distance) + errors.mean
  const rounded = furthest * (1 + compounded(UNIT_ROUNDOFF))
  const largest = rounded * (errors.trueFactor + errors.factor) * Math.abs(weight)
  const exact = Math.abs(distance) * errors.trueFactor * Math.abs(weight)
  const roundings = compounded(3 * UNIT_ROUNDOFF) * (largest + Math.abs(bias))
  return largest - exact + roundings + (2 + Math.abs(weight)) * SMALLEST_NORMAL
}

/** Every second element takes the one before it back; the last one is zero. */
const centred = ([x, ...others]: readonly Tensor[]): Tensor[] => {
  const values = (elementsOf(x!) as Float32Array).map((value, at, all) =>
    at % 2 === 1 ? -all[at - 1]! : value,
  )
  values[values.length - 1] = 0
  return [tensorOf('x', 'FP32', x!.shape, values), ...others]
}

export const layernormSuite: KernelSuite = {
  kernel: layernorm,
  cases: [
    ...normShapes,
    ...normRowCases((n) => [tensorOf('bias', 'FP32', [n], new Float32Array(n))]),
    wholeCase(
      layernorm,
      'whole numbers in a long row, of mean zero',
      { rows: 1, n: 4099, epsilon: 1e-5 },
      centred,
    ),
  ],
  anyShape: { rows: { from: 0, to: 40 }, n: { from: 1, to: 700 }, epsilon: [1e-12, 1e-6, 1e-5, 1] },
  inputs: anyInputs(layernorm),
  reference(inputs, shape: NormShape) {
    const [x, weights, bias] = inputs.map((tensor) => elementsOf(tensor) as Float32Array)
    const y = Float32Array.from(layernormReference(x!, weights!, bias!, shape))
    return [tensorOf('y', 'FP32', [shape.rows, shape.n], y)]
  },
  mismatch([y], inputs, shape: NormShape) {
    const { rows, n } = shape
    const [x, weights, bias] = inputs.map((tensor) => elementsOf(tensor) as Float32Array)
    const values = layernormReference(x!, weights!, bias!, shape)
    const moments = Array.from({ length: rows }, (_, row) => momentsOf(x!, row, n))
    const errors = moments.map((row, at) => errorsOf(row, shape, areWhole(x!.subarray(at * n, (at + 1) * n))))
    const expected = { name: 'y', datatype: 'FP32', shape: [rows, n], values } as const
    return floatMismatch(y, expected, (at) => {
      const row = Math.floor(at / n)
      const distance = x![at]! - moments[row]!.mean
      return elementBound(distance, weights![at % n]!, bias![at % n]!, errors[row]!)
    })
  },
}
