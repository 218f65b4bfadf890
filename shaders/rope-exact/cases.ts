import { elementsOf, type Tensor, tensorOf } from '../../protocol/tensor.ts'
import { goldenVectors } from '../exact/goldenVectors.ts'
import type { KernelCase, KernelSuite } from '../kernelSuite.ts'
import { seededWords } from '../seededTensors.ts'
import { ropeExact } from './kernel.ts'
import { type RopeExactInputs, type RopeExactShape, ropeExactReference } from './reference.ts'

const tensors = (
  { x, position, cosines, sines }: RopeExactInputs,
  { rows, heads, half, positions }: RopeExactShape,
): Tensor[] => [
  tensorOf('x', 'INT32', [rows, heads, 2 * half], x),
  tensorOf('position', 'UINT32', [rows], position),
  tensorOf('cosines', 'INT32', [positions, half], cosines),
  tensorOf('sines', 'INT32', [positions, half], sines),
]

function ropeInputs(shape: RopeExactShape, seed: number): Tensor[] {
  const { rows, heads, half, positions } = shape
  // Any angle: the rule does not ask whether a table holds true cosines.
  const table = (input: number) =>
    Int32Array.from(seededWords(seed, input, positions * half), (word) => (word % 32769) - 16384)
  return tensors(
    {
      // Below and beyond every clamp.
      x: Int32Array.from(
        seededWords(seed, 0, rows * heads * 2 * half),
        (word) => (word | 0) >> (12 + (word % 8)),
      ),
      // Past the tables' end too.
      position: seededWords(seed, 1, rows).map((word) => word % (positions + 1)),
      cosines: table(2),
      sines: table(3),
    },
    shape,
  )
}

const { rope } = goldenVectors
const golden = { rows: 1, heads: 1, rotated: 1, half: 32, positions: 1 }
const ends = { rows: 1, heads: 2, rotated: 1, half: 2, positions: 1 }

export const ropeExactCases: readonly KernelCase[] = [
  { name: 'no row', shape: { rows: 0, heads: 1, rotated: 1, half: 4, positions: 1 }, seed: 1 },
  { name: 'one pair', shape: { rows: 1, heads: 1, rotated: 1, half: 1, positions: 3 }, seed: 2 },
  { name: 'values only', shape: { rows: 2, heads: 3, rotated: 0, half: 5, positions: 1 }, seed: 3 },
  {
    name: 'the golden vector of rule S8',
    shape: golden,
    seed: 0,
    inputs: () =>
      tensors(
        {
          x: Int32Array.from(rope.x),
          position: Uint32Array.of(0),
          cosines: Int32Array.from(rope.cos),
          sines: Int32Array.from(rope.sin),
        },
        golden,
      ),
  },
  {
    name: 'the ends of the integers and of the table',
    shape: ends,
    seed: 0,
    inputs: () =>
      tensors(
        {
          x: Int32Array.of(-0x80000000, 0x7fffffff, 32767, -32768, -0x80000000, 0x7fffffff, 16383, -16384),
          position: Uint32Array.of(0xffffffff),
          cosines: Int32Array.of(16384, -16384),
          sines: Int32Array.of(-16384, 16384),
        },
        ends,
      ),
  },
  { name: 'a prime shape', shape: { rows: 7, heads: 5, rotated: 3, half: 13, positions: 11 }, seed: 4 },
  {
    name: 'heads of a model',
    shape: { rows: 4, heads: 15, rotated: 12, half: 32, positions: 64 },
    seed: 0xffffffff,
  },
]

export const ropeExactSuite: KernelSuite = {
  kernel: ropeExact,
  cases: ropeExactCases,
  anyShape: {
    rows: { from: 0, to: 9 },
    heads: { from: 1, to: 6 },
    rotated: { from: 0, to: 6 },
    half: { from: 1, to: 40 },
    positions: { from: 1, to: 20 },
  },
  inputs: ropeInputs,
  reference(inputs, shape: RopeExactShape) {
    const [x, position, cosines, sines] = inputs.map((tensor) => elementsOf(tensor))
    const y = ropeExactReference(
      {
        x: x as Int32Array,
        position: position as Uint32Array,
        cosines: cosines as Int32Array,
        sines: sines as Int32Array,
      },
      shape,
    )
    return [tensorOf('y', 'INT32', [shape.rows, shape.heads, 2 * shape.half], y)]
  },
}
