import { elementsOf, type Tensor, tensorOf } from '../../protocol/tensor.ts'
import { codedRowTensors } from '../exact/codedRowTensors.ts'
import { goldenVectors } from '../exact/goldenVectors.ts'
import type { KernelCase, KernelSuite } from '../kernelSuite.ts'
import type { CodedRowsShape } from '../quantize/reference.ts'
import { seededWords } from '../seededTensors.ts'
import { rmsnormExact } from './kernel.ts'
import { rmsnormExactReference } from './reference.ts'

const twoPlanes = { planes: 2, limit: 2047 }

const tensors = (h: Int32Array, weights: Int32Array, { rows, n }: { rows: number; n: number }): Tensor[] => [
  tensorOf('h', 'INT32', [rows, n], h),
  tensorOf('weights', 'INT32', [n], weights),
]

const given = (h: readonly number[], weights: readonly number[]) => ({
  shape: { rows: 1, n: weights.length, ...twoPlanes },
  seed: 0,
  inputs: () => tensors(Int32Array.from(h), Int32Array.from(weights), { rows: 1, n: weights.length }),
})

export const rmsnormExactCases: readonly KernelCase[] = [
  { name: 'no row', shape: { rows: 0, n: 5, ...twoPlanes }, seed: 1 },
  { name: 'one element', shape: { rows: 1, n: 1, ...twoPlanes }, seed: 2 },
  { name: 'a row of zeros', ...given([0, 0, 0], [1, -2, 65535]) },
  { name: 'weights of zero', ...given([5, -6, 7], [0, 0, 0]) },
  { name: 'the ends of the integers', ...given([-0x80000000, 0x7fffffff, -0x7fffffff], [65535, -65535, 1]) },
  {
    name: '1024 elements of the same largest size, the most that the sum of squares holds',
    ...given(Array(1024).fill(-0x7fffffff), Array(1024).fill(65535)),
  },
  ...goldenVectors.rmsnorm.map(({ h, W }, at) => ({
    name: `golden vector ${at} of rule S4`,
    ...given(h, W),
  })),
  { name: 'one past a group of 32', shape: { rows: 3, n: 33, planes: 1, limit: 127 }, seed: 3 },
  { name: 'a prime shape', shape: { rows: 37, n: 131, ...twoPlanes }, seed: 4 },
  { name: 'rows of a model', shape: { rows: 5, n: 576, ...twoPlanes }, seed: 0xffffffff },
]

export const rmsnormExactSuite: KernelSuite = {
  kernel: rmsnormExact,
  cases: rmsnormExactCases,
  // A plane holds the codes of limits up to 127, and two hold them too.
  anyShape: { rows: { from: 0, to: 40 }, n: { from: 1, to: 200 }, planes: [1, 2], limit: [1, 126, 127] },
  inputs(shape: CodedRowsShape, seed) {
    const { rows, n } = shape
    // Rows of every magnitude; weights of both signs.
    const h = Int32Array.from(
      seededWords(seed, 0, rows * n),
      (word, at) => (word | 0) >> (Math.floor(at / n) % 32),
    )
    const weights = Int32Array.from(seededWords(seed, 1, n), (word) => (word % 131071) - 65535)
    return tensors(h, weights, shape)
  },
  reference([h, weights], shape: CodedRowsShape) {
    const rows = rmsnormExactReference(
      elementsOf(h!) as Int32Array,
      elementsOf(weights!) as Int32Array,
      shape,
    )
    return codedRowTensors(rows, shape)
  },
}
