import { seededFloat32 } from '../../protocol/seededInputs.ts'
import { elementsOf, type Tensor, tensorOf } from '../../protocol/tensor.ts'
import { floatMismatch, type KernelCase, type KernelSuite } from '../kernelSuite.ts'
import { q4Bound } from '../weights-q4/q4Bound.ts'
import { q4Matrix, timesRows } from '../weights-q4/q4Matrix.ts'
import { areWholeQ4, seededQ4, wholeQ4 } from '../weights-q4/q4Tensors.ts'
import { unlessExact, wholeCase } from '../wholeNumbers.ts'
import { matmulQ4Kernels } from './kernel.ts'

type MatmulShape = { m: number; n: number; k: number }

/**
 * Edges first. A result is right within q4Bound, where the bound is derived; NaN and infinities are no case, since WGSL
 * lets a device assume that there are none.
 */
export const matmulQ4Cases: readonly KernelCase[] = [
  { name: 'no row of x', shape: { m: 0, n: 3, k: 5 }, seed: 1 },
  { name: 'no row of weights', shape: { m: 3, n: 0, k: 5 }, seed: 1 },
  { name: 'k of 0, whose sums are zero', shape: { m: 5, n: 6, k: 0 }, seed: 1 },
  { name: 'one element', shape: { m: 1, n: 1, k: 1 }, seed: 2 },
  { name: 'k of 1', shape: { m: 7, n: 5, k: 1 }, seed: 3 },
  { name: 'one row', shape: { m: 1, n: 70, k: 64 }, seed: 4 },
  { name: 'one column', shape: { m: 70, n: 1, k: 33 }, seed: 5 },
  { name: 'one short of a block', shape: { m: 5, n: 6, k: 31 }, seed: 6 },
  { name: 'primes', shape: { m: 67, n: 71, k: 131 }, seed: 7 },
  { name: 'one past every tile', shape: { m: 65, n: 65, k: 65 }, seed: 8 },
  { name: 'long sums', shape: { m: 3, n: 3, k: 4099 }, seed: 9 },
  { name: 'a matrix of a model', shape: { m: 12, n: 96, k: 576 }, seed: 0xffffffff },
]

export const matmulQ4Suites: readonly KernelSuite[] = matmulQ4Kernels.map(({ kernel, form }) => {
  const partsOf = (inputs: readonly Tensor[], shape: MatmulShape) => ({
    x: elementsOf(inputs[3]!) as Float32Array,
    matrix: q4Matrix(form.program, inputs.slice(0, 3), shape),
  })
  return {
    kernel,
    cases: [
      ...matmulQ4Cases,
      wholeCase(kernel, 'whole numbers in long sums', { m: 3, n: 5, k: 4099 }, wholeQ4(form.program)),
    ],
    anyShape: { m: { from: 0, to: 80 }, n: { from: 0, to: 80 }, k: { from: 0, to: 200 } },
    inputs: (shape: MatmulShape, seed) => [
      ...seededQ4(form.program, shape, seed),
      tensorOf('x', 'FP32', [shape.m, shape.k], seededFloat32(seed, 0, shape.m * shape.k)),
    ],
    reference(inputs, shape: MatmulShape) {
      const { x, matrix } = partsOf(inputs, shape)
      const y = Float32Array.from(timesRows(x, matrix.weights, shape))
      return [tensorOf('y', 'FP32', [shape.m, shape.n], y)]
    },
    mismatch([y], inputs, shape: MatmulShape) {
      const { m, n, k } = shape
      const { x, matrix } = partsOf(inputs, shape)
      const values = timesRows(x, matrix.weights, shape)
      const magnitudes = timesRows(x.map(Math.abs), matrix.magnitudes, shape)
      const factors = timesRows(new Float64Array(k).fill(1), matrix.factors, { m: 1, n, k })
      const sizes = timesRows(x.map(Math.abs), new Float64Array(k).fill(1), { m, n: 1, k })
      const expected = { name: 'y', datatype: 'FP32', shape: [m, n], values } as const
      const isWhole = areWholeQ4(form.program, inputs)
      return floatMismatch(y, expected, (at) =>
        unlessExact(
          isWhole,
          magnitudes[at]!,
          q4Bound(k, magnitudes[at]!, factors[at % n]! + sizes[Math.floor(at / n)]!),
        ),
      )
    },
  }
})
