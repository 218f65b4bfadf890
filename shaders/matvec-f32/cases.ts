import { elementsOf, type Tensor, tensorOf } from '../../protocol/tensor.ts'
import { anyInputs, floatMismatch, type KernelCase, type KernelSuite } from '../kernelSuite.ts'
import { matmulF32Reference } from '../matmul-f32/reference.ts'
import { matmulF32Bound } from '../matmul-f32/roundingBound.ts'
import { areWhole, unlessExact, wholeCase } from '../wholeNumbers.ts'
import { matvecF32 } from './kernel.ts'

type MatvecShape = { n: number; k: number }

/** W and x of one shape, given. */
const numbers = (name: string, n: number, weights: readonly number[], x: readonly number[]): KernelCase => ({
  name,
  shape: { n, k: x.length },
  seed: 0,
  inputs: () => [
    tensorOf('weights', 'FP32', [n, x.length], Float32Array.from(weights)),
    tensorOf('x', 'FP32', [x.length], Float32Array.from(x)),
  ],
})

/**
 * Edges first, then rows that start at no whole vec4, then sizes worth timing. A result is right when
 * |y - reference| <= gamma_k * sum |w*x| + k * 2^-125 for each element: every product passes through at most k
 * roundings in whatever order the row is added up (matmul-f32/roundingBound.ts); of whole numbers none. NaN and infinities are no case, since
 * WGSL lets a device assume that there are none.
 */
export const matvecF32Cases: readonly KernelCase[] = [
  { name: 'no row', shape: { n: 0, k: 5 }, seed: 1 },
  { name: 'k of 0, whose sums are zero', shape: { n: 5, k: 0 }, seed: 1 },
  { name: 'one element', shape: { n: 1, k: 1 }, seed: 2 },
  { name: 'k of 1', shape: { n: 7, k: 1 }, seed: 3 },
  { name: 'one row of whole fours', shape: { n: 1, k: 64 }, seed: 4 },
  { name: 'k of 3', shape: { n: 9, k: 3 }, seed: 5 },
  { name: 'k of 5', shape: { n: 6, k: 5 }, seed: 6 },
  { name: 'primes', shape: { n: 67, k: 131 }, seed: 7 },
  { name: 'one past every workgroup', shape: { n: 257, k: 132 }, seed: 8 },
  numbers('what cancels', 1, [2 ** 24, 1, -(2 ** 24), 1], [1, 1, 1, 1]),
  numbers('numbers that are flushed to zero', 2, [2 ** -100, 2 ** -126, 2 ** -149, 1], [2 ** -30, 2 ** -140]),
  numbers('sums near the largest number', 1, [2 ** 126, 2 ** 126, -(2 ** 126)], [1, 1, 1]),
  { name: 'long rows', shape: { n: 3, k: 4099 }, seed: 9 },
  wholeCase(matvecF32, 'whole numbers in long rows', { n: 5, k: 4099 }),
  wholeCase(matvecF32, 'whole numbers in long rows of whole fours', { n: 3, k: 4100 }),
  { name: 'a matrix of a model', shape: { n: 192, k: 576 }, seed: 0xffffffff },
]

const product = ([weights, x]: readonly Tensor[], { n, k }: MatvecShape, part = (v: number) => v) =>
  matmulF32Reference(
    (elementsOf(weights!) as Float32Array).map(part),
    (elementsOf(x!) as Float32Array).map(part),
    { m: n, k, n: 1 },
  )

export const matvecF32Suite: KernelSuite = {
  kernel: matvecF32,
  cases: matvecF32Cases,
  anyShape: { n: { from: 0, to: 150 }, k: { from: 0, to: 300 } },
  inputs: anyInputs(matvecF32),
  reference(inputs, shape: MatvecShape) {
    return [tensorOf('y', 'FP32', [shape.n], Float32Array.from(product(inputs, shape)))]
  },
  mismatch([y], inputs, shape: MatvecShape) {
    const values = product(inputs, shape)
    const magnitudes = product(inputs, shape, Math.abs)
    const expected = { name: 'y', datatype: 'FP32', shape: [shape.n], values } as const
    const isWhole = areWhole(...inputs.map((tensor) => elementsOf(tensor) as Float32Array))
    return floatMismatch(y, expected, (row) =>
      unlessExact(isWhole, magnitudes[row]!, matmulF32Bound(shape.k, magnitudes[row]!)),
    )
  },
}
