import { elementsOf, tensorOf } from '../../protocol/tensor.ts'
import { packCodes, unpackCodes, wordsOfRow } from '../exact/codes.ts'
import type { KernelCase, KernelSuite } from '../kernelSuite.ts'
import { seededCodes } from '../weights-i8/seededCodes.ts'
import { productOfRows } from '../weights-i8/weightMatrix.ts'
import { matrixOf, seededWeights } from '../weights-i8/weightTensors.ts'
import { matmulI8RowsKernels } from './kernel.ts'

type MatmulShape = { m: number; n: number; k: number; planes: number }

export const matmulI8RowsCases: readonly KernelCase[] = [
  { name: 'no row of activations', shape: { m: 0, n: 3, k: 5, planes: 1 }, seed: 1 },
  { name: 'no row of weights', shape: { m: 3, n: 0, k: 5, planes: 1 }, seed: 1 },
  { name: 'k of 0, whose sums are zero', shape: { m: 5, n: 6, k: 0, planes: 2 }, seed: 1 },
  { name: 'one element', shape: { m: 1, n: 1, k: 1, planes: 1 }, seed: 2 },
  { name: 'one row', shape: { m: 1, n: 70, k: 64, planes: 2 }, seed: 3 },
  { name: 'one column', shape: { m: 70, n: 1, k: 33, planes: 1 }, seed: 4 },
  { name: 'primes', shape: { m: 67, n: 71, k: 131, planes: 1 }, seed: 5 },
  { name: 'one past every tile, in two planes', shape: { m: 65, n: 65, k: 65, planes: 2 }, seed: 6 },
  { name: 'more groups than a word has multipliers', shape: { m: 3, n: 5, k: 300, planes: 2 }, seed: 7 },
  { name: 'long sums', shape: { m: 3, n: 3, k: 4099, planes: 1 }, seed: 8 },
  { name: 'a matrix of a model', shape: { m: 12, n: 96, k: 576, planes: 2 }, seed: 0xffffffff },
]

export const matmulI8RowsSuites: readonly KernelSuite[] = matmulI8RowsKernels.map(({ kernel, form }) => ({
  kernel,
  cases: matmulI8RowsCases,
  anyShape: { m: { from: 0, to: 80 }, n: { from: 0, to: 80 }, k: { from: 0, to: 200 }, planes: [1, 2] },
  inputs(shape: MatmulShape, seed) {
    const { m, k, planes } = shape
    const codes = packCodes(seededCodes(seed, m * k, planes), { rows: m, n: k, planes })
    return [
      tensorOf('codes', 'UINT32', [planes, m, wordsOfRow(k)], codes),
      ...seededWeights(form.program, shape, seed).tensors,
    ]
  },
  reference([codes, ...weights], shape: MatmulShape) {
    const { m, n, k, planes } = shape
    const activations = unpackCodes(elementsOf(codes!) as Uint32Array, { rows: m, n: k, planes })
    const matrix = matrixOf(form.program, weights, shape)
    return [tensorOf('accumulators', 'INT32', [m, n], productOfRows(activations, matrix, shape))]
  },
}))
