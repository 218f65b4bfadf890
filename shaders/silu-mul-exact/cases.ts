import { elementsOf, type Tensor, tensorOf } from '../../protocol/tensor.ts'
import { exactTables } from '../exact/exactTables.ts'
import { goldenVectors } from '../exact/goldenVectors.ts'
import type { KernelCase, KernelSuite } from '../kernelSuite.ts'
import { seededWords } from '../seededTensors.ts'
import { siluMulExact } from './kernel.ts'
import { siluMulExactReference } from './reference.ts'

type SiluMulShape = { rows: number; n: number }

const tensors = (gateUp: Int32Array, { rows, n }: SiluMulShape): Tensor[] => [
  tensorOf('gateUp', 'INT32', [rows, 2, n], gateUp),
  tensorOf('sigmoids', 'UINT32', [1025], exactTables.sigmoid),
]

const { g, u } = goldenVectors.silumul

/** Gates of 0, around both ends of the table and at the ends of the integers. */
const gates = [0, 1, -1, 1023, 1024, 1048575, 1048576, -1048575, -1048576, 0x7fffffff, -0x80000000]
/** Factors at the ends of the integers. */
const ups = [0x7fffffff, -0x80000000, 65536, -65536, 1, -1, 0, 32768, -32768, 0x7fffffff, -0x80000000]

export const siluMulExactCases: readonly KernelCase[] = [
  { name: 'nothing', shape: { rows: 2, n: 0 }, seed: 1 },
  { name: 'one element', shape: { rows: 1, n: 1 }, seed: 2 },
  {
    name: 'the golden vectors of rule S10',
    shape: { rows: 1, n: g.length },
    seed: 0,
    inputs: () => tensors(Int32Array.from([...g, ...u]), { rows: 1, n: g.length }),
  },
  {
    name: 'the ends of the table and of the integers',
    shape: { rows: 1, n: gates.length },
    seed: 0,
    inputs: () => tensors(Int32Array.from([...gates, ...ups]), { rows: 1, n: gates.length }),
  },
  { name: 'a prime shape', shape: { rows: 7, n: 131 }, seed: 3 },
  { name: 'rows of a model', shape: { rows: 2, n: 1536 }, seed: 0xffffffff },
]

export const siluMulExactSuite: KernelSuite = {
  kernel: siluMulExact,
  cases: siluMulExactCases,
  anyShape: { rows: { from: 0, to: 9 }, n: { from: 0, to: 200 } },
  inputs(shape: SiluMulShape, seed) {
    // Of every magnitude, so that many gates lie within the table.
    const gateUp = Int32Array.from(
      seededWords(seed, 0, shape.rows * 2 * shape.n),
      (word) => (word | 0) >> (word % 24),
    )
    return tensors(gateUp, shape)
  },
  reference([gateUp, sigmoids], shape: SiluMulShape) {
    const y = siluMulExactReference(
      elementsOf(gateUp!) as Int32Array,
      elementsOf(sigmoids!) as Uint32Array,
      shape,
    )
    return [tensorOf('y', 'INT32', [shape.rows, shape.n], y)]
  },
}
