import { elementsOf, tensorOf } from '../../protocol/tensor.ts'
import { packCodes, unpackCodes, wordsOfRow } from '../exact/codes.ts'
import type { KernelCase, KernelSuite } from '../kernelSuite.ts'
import { seededCodes } from '../weights-i8/seededCodes.ts'
import { productOfRows } from '../weights-i8/weightMatrix.ts'
import { matrixOf, seededWeights } from '../weights-i8/weightTensors.ts'
import { matvecI8Kernels } from './kernel.ts'

type MatvecShape = { n: number; k: number; planes: number }

export const matvecI8Cases: readonly KernelCase[] = [
  { name: 'no row of weights', shape: { n: 0, k: 5, planes: 1 }, seed: 1 },
  { name: 'k of 0, whose sums are zero', shape: { n: 5, k: 0, planes: 2 }, seed: 1 },
  { name: 'one element', shape: { n: 1, k: 1, planes: 1 }, seed: 2 },
  { name: 'k of 1', shape: { n: 7, k: 1, planes: 2 }, seed: 3 },
  { name: 'one short of a group', shape: { n: 4, k: 31, planes: 1 }, seed: 4 },
  { name: 'one past a group', shape: { n: 5, k: 33, planes: 2 }, seed: 5 },
  { name: 'primes', shape: { n: 67, k: 131, planes: 1 }, seed: 6 },
  { name: 'more groups than a word has multipliers', shape: { n: 3, k: 300, planes: 2 }, seed: 7 },
  { name: 'long rows', shape: { n: 3, k: 4099, planes: 1 }, seed: 8 },
  { name: 'past a block of 512 and rows past 32', shape: { n: 35, k: 545, planes: 2 }, seed: 9 },
  { name: 'rows of several workgroups', shape: { n: 600, k: 33, planes: 1 }, seed: 10 },
  { name: 'a matrix of a model', shape: { n: 96, k: 576, planes: 2 }, seed: 0xffffffff },
]

/** Weights and activations of one value each, the largest in magnitude: what sums in f32 could not hold. */
const extreme = (weight: number, activation: number): KernelCase => {
  const shape = { n: 5, k: 1024, planes: 1 }
  const filled = (rows: number, code: number) =>
    packCodes(new Int32Array(rows * shape.k).fill(code), { ...shape, rows, n: shape.k })
  return {
    name: `weights of ${weight} times activations of ${activation}`,
    shape,
    seed: 0,
    inputs: () => [
      tensorOf('codes', 'UINT32', [1, wordsOfRow(shape.k)], filled(1, activation)),
      tensorOf('weights', 'UINT32', [shape.n, wordsOfRow(shape.k)], filled(shape.n, weight)),
    ],
  }
}
const extremes = [extreme(127, -128), extreme(127, 127), extreme(-128, -128), extreme(-128, 127)]

export const matvecI8Suites: readonly KernelSuite[] = matvecI8Kernels.map(({ kernel, form }) => ({
  kernel,
  cases: form.program === 'perChannel' ? [...matvecI8Cases, ...extremes] : matvecI8Cases,
  anyShape: { n: { from: 0, to: 150 }, k: { from: 0, to: 300 }, planes: [1, 2] },
  inputs(shape: MatvecShape, seed) {
    const { k, planes } = shape
    const codes = packCodes(seededCodes(seed, k, planes), { rows: 1, n: k, planes })
    return [
      tensorOf('codes', 'UINT32', [planes, wordsOfRow(k)], codes),
      ...seededWeights(form.program, shape, seed).tensors,
    ]
  },
  reference([codes, ...weights], shape: MatvecShape) {
    const { n, k, planes } = shape
    const activations = unpackCodes(elementsOf(codes!) as Uint32Array, { rows: 1, n: k, planes })
    const matrix = matrixOf(form.program, weights, shape)
    return [tensorOf('accumulators', 'INT32', [n], productOfRows(activations, matrix, { m: 1, n, k }))]
  },
}))
