import { elementsOf, tensorOf } from '../../protocol/tensor.ts'
import type { KernelCase, KernelSuite } from '../kernelSuite.ts'
import { rowsHardToRank, rowsToRank } from '../ranked/rankedCases.ts'
import { firstByRank } from '../ranked/rankOf.ts'
import { argmax } from './kernel.ts'

type ArgmaxShape = { rows: number; n: number }

const argmaxCases: readonly KernelCase[] = [
  { name: 'no row', shape: { rows: 0, n: 5 }, seed: 1 },
  { name: 'one element', shape: { rows: 1, n: 1 }, seed: 2 },
  { name: 'rows of one', shape: { rows: 70, n: 1 }, seed: 3 },
  { name: 'a prime row with equal numbers', shape: { rows: 3, n: 131 }, seed: 4 },
  { name: 'one past a part', shape: { rows: 2, n: 4097 }, seed: 5 },
  { name: 'a vocabulary', shape: { rows: 2, n: 49_152 }, seed: 0xffffffff },
  { name: 'many parts with equal numbers', shape: { rows: 1, n: 70_001 }, seed: 8 },
  ...Object.entries(rowsHardToRank).map(([name, x]) => ({
    name,
    shape: { rows: 1, n: x.length },
    seed: 0,
    inputs: () => [tensorOf('x', 'FP32', [1, x.length], x)],
  })),
]

export const argmaxSuite: KernelSuite = {
  kernel: argmax,
  cases: argmaxCases,
  anyShape: { rows: { from: 0, to: 20 }, n: { from: 1, to: 900 } },
  inputs: (shape, seed) => rowsToRank(argmax, shape, seed),
  reference([x], { rows, n }: ArgmaxShape) {
    const numbers = elementsOf(x!) as Float32Array
    const y = Uint32Array.from(
      { length: rows },
      (_, row) => firstByRank(numbers.subarray(row * n, (row + 1) * n), 1)[0]!,
    )
    return [tensorOf('y', 'UINT32', [rows], y)]
  },
}
