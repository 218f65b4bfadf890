import { tensorOf } from '../../protocol/tensor.ts'
import { inputsOf, seededAttention } from '../attention/asTensors.ts'
import { attentionMismatch } from '../attention/attentionBound.ts'
import { type AttentionShape, attentionReference } from '../attention/reference.ts'
import type { KernelCase, KernelSuite } from '../kernelSuite.ts'
import { attentionPrefill } from './kernel.ts'

const all = 2 ** 21
const scaled = (shape: Omit<AttentionShape, 'scale'>): AttentionShape => ({
  ...shape,
  scale: shape.width ** -0.5,
})

/**
 * Three rows of one head of width 4 whose window ends before key 7 or later and whose own keys are 10 to 12; the given
 * keys score so much that a row which takes one for its own sees nothing else.
 */
function loudKeys(name: string, loud: readonly number[]): KernelCase {
  const shape = { rows: 3, before: 10, kvHeads: 1, group: 1, width: 4, window: 4, scale: 1 }
  const keys = Float32Array.from({ length: 13 * 4 }, (_, at) => (loud.includes(at / 4) ? 1e4 : 0))
  const values = Float32Array.from({ length: 13 * 4 }, (_, at) => ((at * 7) % 11) - 5)
  const inputs = () => [
    tensorOf('queries', 'FP32', [3, 1, 4], Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0)),
    tensorOf('keys', 'FP32', [13, 1, 4], keys),
    tensorOf('values', 'FP32', [13, 1, 4], values),
  ]
  return { name, shape, seed: 0, inputs }
}

const prefillCases: readonly KernelCase[] = [
  {
    name: 'no row',
    shape: scaled({ rows: 0, before: 3, kvHeads: 1, group: 1, width: 4, window: all }),
    seed: 1,
  },
  {
    name: 'one row and one key',
    shape: scaled({ rows: 1, before: 0, kvHeads: 1, group: 1, width: 4, window: all }),
    seed: 2,
  },
  {
    name: 'a window of one',
    shape: scaled({ rows: 5, before: 2, kvHeads: 2, group: 1, width: 8, window: 1 }),
    seed: 3,
  },
  loudKeys('a loud key that only the first row still sees', [7]),
  loudKeys('a loud key that only the last row already sees', [12]),
  {
    name: 'several rows after several, heads in groups',
    shape: scaled({ rows: 5, before: 7, kvHeads: 2, group: 3, width: 20, window: all }),
    seed: 4,
  },
  {
    name: 'a window that ends before the tile does',
    shape: scaled({ rows: 37, before: 19, kvHeads: 1, group: 2, width: 64, window: 11 }),
    seed: 5,
  },
  {
    name: 'whole tiles',
    shape: scaled({ rows: 32, before: 0, kvHeads: 1, group: 1, width: 64, window: all }),
    seed: 6,
  },
  {
    name: 'one past a tile, the widest heads that lie in workgroup memory at once',
    shape: scaled({ rows: 17, before: 16, kvHeads: 1, group: 2, width: 128, window: all }),
    seed: 7,
  },
  {
    name: 'one vec4 wider than that',
    shape: scaled({ rows: 17, before: 3, kvHeads: 2, group: 1, width: 132, window: all }),
    seed: 9,
  },
  {
    name: 'the widest heads',
    shape: scaled({ rows: 18, before: 16, kvHeads: 1, group: 2, width: 256, window: 21 }),
    seed: 10,
  },
  {
    name: 'a prompt of a model',
    shape: scaled({ rows: 67, before: 0, kvHeads: 3, group: 3, width: 64, window: all }),
    seed: 8,
  },
  {
    name: 'one row after a long cache',
    shape: scaled({ rows: 1, before: 601, kvHeads: 1, group: 3, width: 80, window: 500 }),
    seed: 0xffffffff,
  },
]

export const attentionPrefillSuite: KernelSuite = {
  kernel: attentionPrefill,
  cases: prefillCases,
  anyShape: {
    rows: { from: 0, to: 40 },
    before: { from: 0, to: 50 },
    kvHeads: { from: 1, to: 2 },
    group: { from: 1, to: 3 },
    width: [4, 12, 64, 68, 128, 256],
    window: [1, 7, 20, all],
    scale: [0.125, 1],
  },
  inputs: (shape, seed) => seededAttention(attentionPrefill, shape, seed),
  reference(inputs, shape: AttentionShape) {
    const y = Float32Array.from(attentionReference(inputsOf(inputs), shape))
    return [tensorOf('y', 'FP32', inputs[0]!.shape, y)]
  },
  mismatch([y], inputs, shape: AttentionShape) {
    const expected = { name: 'y', datatype: 'FP32', shape: inputs[0]!.shape } as const
    // A running sum is rescaled with each tile of keys; the smallest tile has four.
    const rescalings = Math.ceil(Math.min(shape.before + shape.rows, shape.window) / 4) + 1
    return attentionMismatch(y, expected, inputsOf(inputs), shape, rescalings)
  },
}
