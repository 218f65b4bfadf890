import { elementsOf, tensorOf } from '../../protocol/tensor.ts'
import { anyInputs, type KernelCase, type KernelSuite } from '../kernelSuite.ts'
import { matmulI8 } from './kernel.ts'
import { matmulI8Reference } from './reference.ts'

/** Shapes that every variant must get right: the edges first, then tile borders, then a size worth timing. */
export const matmulI8Cases: readonly KernelCase[] = [
  { name: 'one element', shape: { m: 1, k: 1, n: 1 }, seed: 1 },
  { name: 'one row', shape: { m: 1, k: 64, n: 130 }, seed: 2 },
  { name: 'one column', shape: { m: 130, k: 64, n: 1 }, seed: 3 },
  { name: 'an outer product, k of 1', shape: { m: 33, k: 1, n: 70 }, seed: 4 },
  { name: 'k of 3, one byte short of a quad', shape: { m: 9, k: 3, n: 5 }, seed: 5 },
  { name: 'k of 5, one byte past a quad', shape: { m: 8, k: 5, n: 128 }, seed: 6 },
  { name: 'primes', shape: { m: 67, k: 131, n: 137 }, seed: 7 },
  { name: 'one past every tile', shape: { m: 65, k: 65, n: 129 }, seed: 0xffffffff },
  { name: 'whole tiles', shape: { m: 128, k: 128, n: 128 }, seed: 0 },
  { name: 'long sums', shape: { m: 7, k: 4099, n: 9 }, seed: 8 },
  { name: 'wide', shape: { m: 16, k: 40, n: 1030 }, seed: 9 },
  {
    name: 'a sum of 2^31, which wraps to -2^31',
    shape: { m: 1, k: 2 ** 17, n: 1 },
    seed: 0,
    inputs: () => {
      const least = new Int8Array(2 ** 17).fill(-128)
      return [tensorOf('a', 'INT8', [1, 2 ** 17], least), tensorOf('b', 'INT8', [2 ** 17, 1], least)]
    },
  },
]

export const matmulI8Suite: KernelSuite = {
  kernel: matmulI8,
  cases: matmulI8Cases,
  anyShape: { m: { from: 1, to: 150 }, k: { from: 1, to: 150 }, n: { from: 1, to: 150 } },
  inputs: anyInputs(matmulI8),
  reference([a, b], shape: { m: number; k: number; n: number }) {
    const c = matmulI8Reference(elementsOf(a!) as Int8Array, elementsOf(b!) as Int8Array, shape)
    return [tensorOf('c', 'INT32', [shape.m, shape.n], c)]
  },
}
