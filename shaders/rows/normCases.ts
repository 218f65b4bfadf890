import { type Tensor, tensorOf } from '../../protocol/tensor.ts'
import type { KernelCase } from '../kernelSuite.ts'
import type { NormShape } from './normRows.ts'

/** Shapes for norms of rows: edges first, then the borders of workgroups, then a model's rows. */
export const normShapes: readonly KernelCase[] = [
  { name: 'no row', shape: { rows: 0, n: 5, epsilon: 1e-5 }, seed: 1 },
  { name: 'one element', shape: { rows: 1, n: 1, epsilon: 1e-5 }, seed: 2 },
  { name: 'rows of one', shape: { rows: 70, n: 1, epsilon: 1 }, seed: 3 },
  { name: 'a prime row', shape: { rows: 3, n: 131, epsilon: 1e-6 }, seed: 4 },
  { name: 'one short of a workgroup', shape: { rows: 2, n: 63, epsilon: 1e-5 }, seed: 5 },
  { name: 'one past a workgroup', shape: { rows: 2, n: 257, epsilon: 1e-5 }, seed: 6 },
  { name: 'rows of a model', shape: { rows: 5, n: 576, epsilon: 1e-5 }, seed: 7 },
  { name: 'a long row', shape: { rows: 1, n: 8192, epsilon: 1e-5 }, seed: 0xffffffff },
]

/** Rows that try a norm's arithmetic, for weights of one and, where the norm has it, a bias of zero. */
export function normRowCases(extra: (n: number) => Tensor[] = () => []): readonly KernelCase[] {
  const row = (name: string, x: readonly number[], epsilon = 1e-5): KernelCase => {
    const n = x.length
    const shape: NormShape = { rows: 1, n, epsilon }
    const inputs = () => [
      tensorOf('x', 'FP32', [1, n], Float32Array.from(x)),
      tensorOf('weights', 'FP32', [n], new Float32Array(n).fill(1)),
      ...extra(n),
    ]
    return { name, shape, seed: 0, inputs }
  }
  return [
    row('a row of zeros', [0, -0, 0]),
    row('equal elements far from zero', Array(100).fill(1000.1), 1e-12),
    row('elements whose squares are subnormal', [1e-20, -1e-21, 1e-22], 1e-12),
    row('the largest squares', [2 ** 61, -(2 ** 61), 2 ** 60]),
    row('one large element among small ones', [1e6, ...Array(300).fill(1e-3)]),
  ]
}
