import { seededFloat32 } from '../../protocol/seededInputs.ts'
import { elementsOf, type Tensor, tensorOf } from '../../protocol/tensor.ts'
import { floatMismatch, type KernelCase, type KernelSuite } from '../kernelSuite.ts'
import { q4Bound } from '../weights-q4/q4Bound.ts'
import { q4Matrix, timesRows } from '../weights-q4/q4Matrix.ts'
import { areWholeQ4, seededQ4, wholeQ4 } from '../weights-q4/q4Tensors.ts'
import { unlessExact, wholeCase } from '../wholeNumbers.ts'
import { matvecQ4Kernels } from './kernel.ts'

type MatvecShape = { n: number; k: number }

/**
 * Edges first. A result is right within q4Bound, where the bound is derived; NaN and infinities are no case, since WGSL
 * lets a device assume that there are none.
 */
export const matvecQ4Cases: readonly KernelCase[] = [
  { name: 'no row of weights', shape: { n: 0, k: 5 }, seed: 1 },
  { name: 'k of 0, whose sums are zero', shape: { n: 5, k: 0 }, seed: 1 },
  { name: 'one element', shape: { n: 1, k: 1 }, seed: 2 },
  { name: 'k of 1', shape: { n: 7, k: 1 }, seed: 3 },
  { name: 'one short of a block', shape: { n: 4, k: 31 }, seed: 4 },
  { name: 'one block', shape: { n: 6, k: 32 }, seed: 5 },
  { name: 'one past a block', shape: { n: 5, k: 33 }, seed: 6 },
  { name: 'three blocks, half a byte of zero points left', shape: { n: 9, k: 96 }, seed: 7 },
  { name: 'primes', shape: { n: 67, k: 131 }, seed: 8 },
  { name: 'one past every workgroup', shape: { n: 257, k: 64 }, seed: 9 },
  { name: 'long rows', shape: { n: 3, k: 4099 }, seed: 10 },
  { name: 'a matrix of a model', shape: { n: 192, k: 576 }, seed: 0xffffffff },
]

export const matvecQ4Suites: readonly KernelSuite[] = matvecQ4Kernels.map(({ kernel, form }) => {
  const partsOf = (inputs: readonly Tensor[], shape: MatvecShape) => {
    const { n, k } = shape
    const x = elementsOf(inputs[3]!) as Float32Array
    const matrix = q4Matrix(form.program, inputs.slice(0, 3), shape)
    const times = (values: ArrayLike<number>, weights: Float64Array) =>
      timesRows(values, weights, { m: 1, n, k })
    return { x, matrix, times }
  }
  return {
    kernel,
    cases: [
      ...matvecQ4Cases,
      wholeCase(kernel, 'whole numbers in long rows', { n: 5, k: 4099 }, wholeQ4(form.program)),
    ],
    anyShape: { n: { from: 0, to: 150 }, k: { from: 0, to: 300 } },
    inputs: (shape: MatvecShape, seed) => [
      ...seededQ4(form.program, shape, seed),
      tensorOf('x', 'FP32', [shape.k], seededFloat32(seed, 0, shape.k)),
    ],
    reference(inputs, shape: MatvecShape) {
      const { x, matrix, times } = partsOf(inputs, shape)
      return [tensorOf('y', 'FP32', [shape.n], Float32Array.from(times(x, matrix.weights)))]
    },
    mismatch([y], inputs, shape: MatvecShape) {
      const { x, matrix, times } = partsOf(inputs, shape)
      const values = times(x, matrix.weights)
      const magnitudes = times(x.map(Math.abs), matrix.magnitudes)
      const factors = times(new Float64Array(shape.k).fill(1), matrix.factors)
      const sizes = x.reduce((sum, value) => sum + Math.abs(value), 0)
      const expected = { name: 'y', datatype: 'FP32', shape: [shape.n], values } as const
      const isWhole = areWholeQ4(form.program, inputs)
      return floatMismatch(y, expected, (row) =>
        unlessExact(isWhole, magnitudes[row]!, q4Bound(shape.k, magnitudes[row]!, factors[row]! + sizes)),
      )
    },
  }
})
