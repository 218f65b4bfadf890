import { elementsOf, type Tensor, tensorOf } from '../../protocol/tensor.ts'
import { anyInputs, floatMismatch, type KernelCase, type KernelSuite } from '../kernelSuite.ts'
import { areWhole, unlessExact, wholeCase } from '../wholeNumbers.ts'
import { matmulF32 } from './kernel.ts'
import { matmulF32Reference } from './reference.ts'
import { matmulF32Bound } from './roundingBound.ts'

type Product = { m: number; k: number; n: number }

/**
 * Shapes that every variant must get right: the edges first, then tile borders, then a size worth timing. A result is
 * right when |c - reference| <= gamma_k * sum |a*b| + k * 2^-125 for each element (roundingBound.ts); the error of the
 * f64 reference itself is 2^-29 of that and left out. Of small whole numbers it must be exact (wholeNumbers.ts).
 */
export const matmulF32Cases: readonly KernelCase[] = [
  { name: 'one element', shape: { m: 1, k: 1, n: 1 }, seed: 1 },
  { name: 'one row', shape: { m: 1, k: 64, n: 130 }, seed: 2 },
  { name: 'one column', shape: { m: 130, k: 64, n: 1 }, seed: 3 },
  { name: 'an outer product, k of 1', shape: { m: 33, k: 1, n: 70 }, seed: 4 },
  { name: 'k of 3', shape: { m: 9, k: 3, n: 5 }, seed: 5 },
  { name: 'k of 5', shape: { m: 8, k: 5, n: 128 }, seed: 6 },
  { name: 'primes', shape: { m: 67, k: 131, n: 137 }, seed: 7 },
  { name: 'one past every tile', shape: { m: 65, k: 65, n: 129 }, seed: 0xffffffff },
  { name: 'whole tiles', shape: { m: 128, k: 128, n: 128 }, seed: 0 },
  { name: 'long sums', shape: { m: 7, k: 4099, n: 9 }, seed: 8 },
  wholeCase(matmulF32, 'whole numbers in long sums', { m: 7, k: 4099, n: 9 }),
  { name: 'wide', shape: { m: 16, k: 40, n: 1030 }, seed: 9 },
]

const product = ([a, b]: readonly Tensor[], shape: Product, part: (x: number) => number = (x) => x) =>
  matmulF32Reference(
    (elementsOf(a!) as Float32Array).map(part),
    (elementsOf(b!) as Float32Array).map(part),
    shape,
  )

export const matmulF32Suite: KernelSuite = {
  kernel: matmulF32,
  cases: matmulF32Cases,
  anyShape: { m: { from: 1, to: 150 }, k: { from: 1, to: 150 }, n: { from: 1, to: 150 } },
  inputs: anyInputs(matmulF32),
  reference(inputs, shape: Product) {
    return [tensorOf('c', 'FP32', [shape.m, shape.n], Float32Array.from(product(inputs, shape)))]
  },
  mismatch([c], inputs, shape: Product) {
    const values = product(inputs, shape)
    const magnitudes = product(inputs, shape, Math.abs)
    const expected = { name: 'c', datatype: 'FP32', shape: [shape.m, shape.n], values } as const
    const isWhole = areWhole(...inputs.map((tensor) => elementsOf(tensor) as Float32Array))
    return floatMismatch(c, expected, (at) =>
      unlessExact(isWhole, magnitudes[at]!, matmulF32Bound(shape.k, magnitudes[at]!)),
    )
  },
}
