import { elementsOf, tensorOf } from '../../protocol/tensor.ts'
import type { KernelCase, KernelSuite } from '../kernelSuite.ts'
import { rowsHardToRank, rowsToRank } from '../ranked/rankedCases.ts'
import { firstByRank } from '../ranked/rankOf.ts'
import { topK } from './kernel.ts'

type TopKShape = { rows: number; n: number; k: number }

const topKCases: readonly KernelCase[] = [
  { name: 'no row', shape: { rows: 0, n: 5, k: 2 }, seed: 1 },
  { name: 'one element', shape: { rows: 1, n: 1, k: 1 }, seed: 3 },
  { name: 'rows of one', shape: { rows: 70, n: 1, k: 1 }, seed: 11 },
  { name: 'all of a row', shape: { rows: 2, n: 37, k: 37 }, seed: 4 },
  { name: 'the largest of a prime row with equal numbers', shape: { rows: 3, n: 131, k: 1 }, seed: 6 },
  { name: 'more than a row has', shape: { rows: 3, n: 5, k: 8 }, seed: 5, inputs: () => tooFew() },
  { name: 'one past a part', shape: { rows: 2, n: 2049, k: 7 }, seed: 7 },
  { name: 'more than a part has', shape: { rows: 1, n: 700, k: 300 }, seed: 9 },
  { name: 'a vocabulary with equal numbers', shape: { rows: 1, n: 49_152, k: 40 }, seed: 10 },
  { name: 'a vocabulary', shape: { rows: 2, n: 32_003, k: 20 }, seed: 0xffffffff },
  ...Object.entries(rowsHardToRank).map(([name, x]) => ({
    name,
    shape: { rows: 1, n: x.length, k: Math.min(x.length, 65) },
    seed: 0,
    inputs: () => [tensorOf('x', 'FP32', [1, x.length], x)],
  })),
]

const tooFew = () => rowsToRank(topK, { rows: 3, n: 5, k: 8 }, 5)

export const topKSuite: KernelSuite = {
  kernel: topK,
  cases: topKCases,
  anyShape: { rows: { from: 0, to: 5 }, n: { from: 1, to: 900 }, k: { from: 1, to: 30 } },
  inputs: (shape, seed) => rowsToRank(topK, shape, seed),
  reference([x], { rows, n, k }: TopKShape) {
    const numbers = elementsOf(x!) as Float32Array
    // Words, so that a NaN stays the one that it was.
    const words = new Uint32Array(numbers.buffer, numbers.byteOffset, numbers.length)
    const values = new Uint32Array(rows * k).fill(0xff800000)
    const indices = new Uint32Array(rows * k).fill(0xffffffff)
    for (let row = 0; row < rows; row++) {
      const first = firstByRank(numbers.subarray(row * n, (row + 1) * n), k)
      for (const [at, index] of first.entries()) {
        values[row * k + at] = words[row * n + index]!
        indices[row * k + at] = index
      }
    }
    return [
      { name: 'values', datatype: 'FP32', shape: [rows, k], bytes: new Uint8Array(values.buffer) },
      tensorOf('indices', 'UINT32', [rows, k], indices),
    ]
  },
}
