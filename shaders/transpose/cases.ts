import { elementsOf, tensorOf } from '../../protocol/tensor.ts'
import { anyInputs, type KernelCase, type KernelSuite } from '../kernelSuite.ts'
import { transpose } from './kernel.ts'
import { transposeReference } from './reference.ts'

export const transposeCases: readonly KernelCase[] = [
  { name: 'no row', shape: { rows: 0, columns: 5 }, seed: 1 },
  { name: 'no column', shape: { rows: 5, columns: 0 }, seed: 1 },
  { name: 'one element', shape: { rows: 1, columns: 1 }, seed: 2 },
  { name: 'one row', shape: { rows: 1, columns: 131 }, seed: 3 },
  { name: 'one column', shape: { rows: 131, columns: 1 }, seed: 4 },
  {
    // A pattern of NaN that a float register would change.
    name: 'a signalling NaN, kept as it is',
    shape: { rows: 1, columns: 2 },
    seed: 0,
    inputs: () => [tensorOf('x', 'UINT32', [1, 2], Uint32Array.of(0x7fa00001, 0xffffffff))],
  },
  { name: 'primes', shape: { rows: 67, columns: 137 }, seed: 5 },
  { name: 'whole tiles', shape: { rows: 64, columns: 128 }, seed: 6 },
  { name: 'one past every tile', shape: { rows: 65, columns: 65 }, seed: 0xffffffff },
]

export const transposeSuite: KernelSuite = {
  kernel: transpose,
  cases: transposeCases,
  anyShape: { rows: { from: 0, to: 100 }, columns: { from: 0, to: 100 } },
  inputs: anyInputs(transpose),
  reference([x], shape: { rows: number; columns: number }) {
    const y = transposeReference(elementsOf(x!) as Uint32Array, shape)
    return [tensorOf('y', 'UINT32', [shape.columns, shape.rows], y)]
  },
}
