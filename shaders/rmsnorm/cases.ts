import { elementsOf, tensorOf } from '../../protocol/tensor.ts'
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
import { rmsnorm } from './kernel.ts'
import { rmsnormReference } from './reference.ts'

/**
 * How far an element y may be from the true one. The mean square has non-negative terms, so its relative error is that
 * of its longest path: a product, n - 1 sums, a division, the sum with epsilon. What is flushed below 2^-126 (n squares
 * and as many sums) is at most 2n * 2^-126 / n of the mean, which is epsilon or more. A root halves a relative error e:
 * |1 / sqrt(1 + e) - 1| <= e / 2 / (1 - e). Then inverseSqrt itself and two products, of which each may be flushed.
 * @param sumError relative error of the sum of squares: n roundings, or 0 where it is exact
 */
export function rmsnormBound(y: number, weight: number, { epsilon }: NormShape, sumError: number): number {
  const mean = compounded(sumError + UNIT_ROUNDOFF, DIVISION_ERROR, (2 * SMALLEST_NORMAL) / epsilon)
  const root = mean / 2 / (1 - mean)
  const relative = compounded(root, INVERSE_SQRT_ERROR, 2 * UNIT_ROUNDOFF)
  return relative * Math.abs(y) + (1 + Math.abs(weight)) * SMALLEST_NORMAL
}

/** Of each row. */
const sumsOfSquares = (x: Float32Array, { rows, n }: NormShape): number[] =>
  Array.from({ length: rows }, (_, row) =>
    x.subarray(row * n, (row + 1) * n).reduce((sum, value) => sum + value * value, 0),
  )

export const rmsnormSuite: KernelSuite = {
  kernel: rmsnorm,
  cases: [
    ...normShapes,
    ...normRowCases(),
    wholeCase(rmsnorm, 'whole numbers in long rows', { rows: 2, n: 4099, epsilon: 1e-5 }),
  ],
  anyShape: { rows: { from: 0, to: 40 }, n: { from: 1, to: 700 }, epsilon: [1e-12, 1e-6, 1e-5, 1] },
  inputs: anyInputs(rmsnorm),
  reference([x, weights], shape: NormShape) {
    const y = rmsnormReference(elementsOf(x!) as Float32Array, elementsOf(weights!) as Float32Array, shape)
    return [tensorOf('y', 'FP32', [shape.rows, shape.n], Float32Array.from(y))]
  },
  mismatch([y], [x, weights], shape: NormShape) {
    const factors = elementsOf(weights!) as Float32Array
    const values = rmsnormReference(elementsOf(x!) as Float32Array, factors, shape)
    const expected = { name: 'y', datatype: 'FP32', shape: [shape.rows, shape.n], values } as const
    const numbers = elementsOf(x!) as Float32Array
    const isWhole = areWhole(numbers)
    const squares = sumsOfSquares(numbers, shape)
    return floatMismatch(y, expected, (at) => {
      const sumError = unlessExact(isWhole, squares[Math.floor(at / shape.n)]!, shape.n * UNIT_ROUNDOFF)
      return rmsnormBound(values[at]!, factors[at % shape.n]!, shape, sumError)
    })
  },
}
