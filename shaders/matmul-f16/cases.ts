import { seededFloat32 } from '../../protocol/seededInputs.ts'
import { elementsOf, type Tensor, tensorOf } from '../../protocol/tensor.ts'
import { floatToHalf, halfToFloat } from '../../protocol/weights/halfFloat.ts'
import { floatMismatch, type KernelCase, type KernelSuite } from '../kernelSuite.ts'
import { matmulF32Reference } from '../matmul-f32/reference.ts'
import { matmulF32Bound } from '../matmul-f32/roundingBound.ts'
import { areWhole, unlessExact, wholeCase } from '../wholeNumbers.ts'
import { halfRounding, SMALLEST_NORMAL_HALF } from './halfBound.ts'
import { matmulF16 } from './kernel.ts'

type Product = { m: number; k: number; n: number }

const halves = (values: ArrayLike<number>): Uint16Array<ArrayBuffer> => Uint16Array.from(values, floatToHalf)
const floats = (tensor: Tensor): Float32Array<ArrayBuffer> => {
  const table = halfToFloat()
  return Float32Array.from(elementsOf(tensor) as Uint16Array, (bits) => table[bits]!)
}

const given = (name: string, a: readonly number[], b: readonly number[]): KernelCase => ({
  name,
  shape: { m: 1, k: a.length, n: 1 },
  seed: 0,
  inputs: () => [
    tensorOf('a', 'FP16', [1, a.length], halves(a)),
    tensorOf('b', 'FP16', [a.length, 1], halves(b)),
  ],
})

/**
 * The edges first, then tile borders. A result is right when |c - reference| <= B + halfRounding(|reference| + B), where
 * B bounds the sum in f32: gamma_k * sum |a*b| + k * 2^-125 (matmul-f32/roundingBound.ts), and what is lost where a
 * device flushes halves below 2^-14 to zero as it reads them, sum |a*b| over products with such a half. Of whole numbers
 * there is no error where halves hold the sum. Products beyond
 * the largest half are no case: what becomes of them is left open.
 */
export const matmulF16Cases: readonly KernelCase[] = [
  { name: 'one element', shape: { m: 1, k: 1, n: 1 }, seed: 1 },
  { name: 'one row', shape: { m: 1, k: 64, n: 130 }, seed: 2 },
  { name: 'one column', shape: { m: 130, k: 64, n: 1 }, seed: 3 },
  { name: 'an outer product, k of 1', shape: { m: 33, k: 1, n: 70 }, seed: 4 },
  { name: 'an odd number of elements', shape: { m: 3, k: 3, n: 5 }, seed: 5 },
  { name: 'primes', shape: { m: 67, k: 131, n: 137 }, seed: 6 },
  { name: 'one past every tile', shape: { m: 65, k: 65, n: 129 }, seed: 0xffffffff },
  given('a sum that halves would lose', [2048, 1, 1, -2048], [1, 1, 1, 1]),
  given('the largest half', [65504, 1], [1, 0]),
  given('halves that are flushed to zero', [2 ** -24, 2 ** -15, 1], [1, 1, 2 ** -20]),
  { name: 'long sums', shape: { m: 7, k: 4099, n: 9 }, seed: 7 },
  wholeCase(matmulF16, 'whole numbers in long sums', { m: 5, k: 4099, n: 9 }, (inputs) =>
    inputs.map((tensor) =>
      tensorOf(tensor.name, 'FP16', tensor.shape, halves(elementsOf(tensor) as Float32Array)),
    ),
  ),
]

/** Halves hold all whole numbers up to it. */
const MOST_WHOLE_HALF = 2048

const product = (a: Float32Array, b: Float32Array, shape: Product) => matmulF32Reference(a, b, shape)
const tiny = (values: Float32Array) => values.map((value) => (value < SMALLEST_NORMAL_HALF ? value : 0))

export const matmulF16Suite: KernelSuite = {
  kernel: matmulF16,
  cases: matmulF16Cases,
  anyShape: { m: { from: 1, to: 150 }, k: { from: 1, to: 150 }, n: { from: 1, to: 150 } },
  inputs: ({ m, k, n }: Product, seed) => [
    tensorOf('a', 'FP16', [m, k], halves(seededFloat32(seed, 0, m * k))),
    tensorOf('b', 'FP16', [k, n], halves(seededFloat32(seed, 1, k * n))),
  ],
  reference([a, b], shape: Product) {
    return [tensorOf('c', 'FP16', [shape.m, shape.n], halves(product(floats(a!), floats(b!), shape)))]
  },
  mismatch([c], [a, b], shape: Product) {
    if (c?.datatype !== 'FP16') return `the output is ${c?.datatype ?? 'nothing'} and must be FP16`
    const [left, right] = [floats(a!), floats(b!)]
    const values = product(left, right, shape)
    const [above, below] = [left.map(Math.abs), right.map(Math.abs)]
    const magnitudes = product(above, below, shape)
    const flushed = [product(tiny(above), below, shape), product(above, tiny(below), shape)]
    const expected = { name: 'c', datatype: 'FP32', shape: [shape.m, shape.n], values } as const
    const isWhole = areWhole(left, right)
    return floatMismatch(tensorOf(c.name, 'FP32', c.shape, floats(c)), expected, (at) => {
      const sum = matmulF32Bound(shape.k, magnitudes[at]!) + flushed[0]![at]! + flushed[1]![at]!
      const bound = sum + halfRounding(Math.abs(values[at]!) + sum)
      const isHalf = Math.abs(values[at]!) <= MOST_WHOLE_HALF
      return unlessExact(isWhole && isHalf, magnitudes[at]!, bound)
    })
  },
}
