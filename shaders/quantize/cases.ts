import { elementsOf, type Tensor, tensorOf } from '../../protocol/tensor.ts'
import { codedRowTensors } from '../exact/codedRowTensors.ts'
import { goldenVectors } from '../exact/goldenVectors.ts'
import type { KernelCase, KernelSuite } from '../kernelSuite.ts'
import { seededWords } from '../seededTensors.ts'
import { quantize } from './kernel.ts'
import { type CodedRowsShape, quantizeReference } from './reference.ts'

const onePlane = { planes: 1, limit: 127 }
const twoPlanes = { planes: 2, limit: 2047 }

const given = (x: readonly number[], shape: { rows: number; n: number }) => (): Tensor[] => [
  tensorOf('x', 'INT32', [shape.rows, shape.n], Int32Array.from(x)),
]

const golden: readonly KernelCase[] = goldenVectors.quant.map(({ Q, x }, at) => {
  const shape = { rows: 1, n: x.length, limit: Q, planes: Q > 127 ? 2 : 1 }
  return { name: `golden vector ${at} of rule S3`, shape, seed: 0, inputs: given(x, shape) }
})

export const quantizeCases: readonly KernelCase[] = [
  { name: 'no row', shape: { rows: 0, n: 5, ...onePlane }, seed: 1 },
  { name: 'one element', shape: { rows: 1, n: 1, ...onePlane }, seed: 2 },
  {
    name: 'rows of zeros',
    shape: { rows: 2, n: 3, ...twoPlanes },
    seed: 0,
    inputs: given([0, 0, 0, 0, 0, 0], { rows: 2, n: 3 }),
  },
  {
    name: 'the least integer, whose magnitude is 2^31',
    shape: { rows: 1, n: 4, ...twoPlanes },
    seed: 0,
    inputs: given([-0x80000000, 0x7fffffff, -1, 1], { rows: 1, n: 4 }),
  },
  ...golden,
  { name: 'one past a group of 32', shape: { rows: 3, n: 33, ...twoPlanes }, seed: 3 },
  { name: 'a prime shape', shape: { rows: 7, n: 131, ...onePlane }, seed: 4 },
  { name: 'many short rows', shape: { rows: 300, n: 3, ...onePlane }, seed: 5 },
  { name: 'a limit of one', shape: { rows: 2, n: 40, planes: 1, limit: 1 }, seed: 6 },
  { name: 'the largest limit', shape: { rows: 2, n: 40, planes: 2, limit: 16383 }, seed: 7 },
  { name: 'rows of a model', shape: { rows: 4, n: 1536, ...twoPlanes }, seed: 0xffffffff },
]

export const quantizeSuite: KernelSuite = {
  kernel: quantize,
  cases: quantizeCases,
  // A plane holds the codes of limits up to 127, and two hold them too.
  anyShape: { rows: { from: 0, to: 70 }, n: { from: 1, to: 200 }, planes: [1, 2], limit: [1, 7, 126, 127] },
  inputs({ rows, n }: CodedRowsShape, seed) {
    // Rows of every magnitude.
    const x = Int32Array.from(
      seededWords(seed, 0, rows * n),
      (word, at) => (word | 0) >> (Math.floor(at / n) % 32),
    )
    return [tensorOf('x', 'INT32', [rows, n], x)]
  },
  reference([x], shape: CodedRowsShape) {
    return codedRowTensors(quantizeReference(elementsOf(x!) as Int32Array, shape), shape)
  },
}
