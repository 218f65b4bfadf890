import { tensorOf } from '../../protocol/tensor.ts'
import { inputsOf, seededAttention } from '../attention/asTensors.ts'
import { attentionMismatch } from '../attention/attentionBound.ts'
import { type AttentionShape, attentionReference } from '../attention/reference.ts'
import type { KernelCase, KernelSuite } from '../kernelSuite.ts'
import { attentionDecode } from './kernel.ts'

type DecodeShape = Omit<AttentionShape, 'rows' | 'before'> & { keys: number }

const asRow = ({ keys, ...shape }: DecodeShape): AttentionShape => ({ ...shape, rows: 1, before: keys - 1 })
const formOf = ({ kvHeads, group, width }: DecodeShape) =>
  ({ name: 'y', datatype: 'FP32', shape: [kvHeads * group, width] }) as const

const all = 2 ** 20
const scaled = (shape: Omit<DecodeShape, 'scale'>): DecodeShape => ({ ...shape, scale: shape.width ** -0.5 })

/** One head of width 4 whose scores are given, and values that tell the keys apart. */
function scoresAsGiven(name: string, scores: readonly number[]): KernelCase {
  const shape = { keys: scores.length, kvHeads: 1, group: 1, width: 4, window: all, scale: 1 }
  const keys = Float32Array.from({ length: 4 * scores.length }, (_, at) =>
    at % 4 === 0 ? scores[at / 4]! : 0,
  )
  const values = Float32Array.from({ length: 4 * scores.length }, (_, at) => ((at * 7) % 11) - 5)
  const inputs = () => [
    tensorOf('queries', 'FP32', [1, 4], Float32Array.of(1, 0, 0, 0)),
    tensorOf('keys', 'FP32', [scores.length, 1, 4], keys),
    tensorOf('values', 'FP32', [scores.length, 1, 4], values),
  ]
  return { name, shape, seed: 0, inputs }
}

const decodeCases: readonly KernelCase[] = [
  { name: 'one key', shape: scaled({ keys: 1, kvHeads: 1, group: 1, width: 4, window: all }), seed: 1 },
  scoresAsGiven('equal scores', Array(70).fill(-7)),
  scoresAsGiven(
    'scores that grow',
    Array.from({ length: 300 }, (_, at) => at / 3),
  ),
  scoresAsGiven(
    'scores that fall',
    Array.from({ length: 300 }, (_, at) => -at / 3),
  ),
  scoresAsGiven('scores whose powers are out of range', [1e4, -1e4, 9990, 1e4]),
  // Whatever stands past the last key must not count as a score.
  scoresAsGiven('scores far below zero, not a multiple of four', Array(71).fill(-1e4)),
  scoresAsGiven(
    'scores that fall at once',
    Array.from({ length: 256 }, (_, at) => (at < 50 ? 0 : -200)),
  ),
  { name: 'a window of one', shape: scaled({ keys: 9, kvHeads: 2, group: 1, width: 8, window: 1 }), seed: 2 },
  {
    name: 'a window within a cache, heads in groups',
    shape: scaled({ keys: 300, kvHeads: 2, group: 3, width: 20, window: 131 }),
    seed: 3,
  },
  {
    name: 'one short of a split',
    shape: scaled({ keys: 127, kvHeads: 3, group: 1, width: 64, window: all }),
    seed: 4,
  },
  {
    name: 'whole splits',
    shape: scaled({ keys: 256, kvHeads: 1, group: 4, width: 64, window: all }),
    seed: 5,
  },
  {
    name: 'one past a split, wide heads',
    shape: scaled({ keys: 129, kvHeads: 1, group: 2, width: 256, window: all }),
    seed: 6,
  },
  {
    name: 'heads wider than a workgroup',
    shape: scaled({ keys: 33, kvHeads: 1, group: 1, width: 512, window: all }),
    seed: 7,
  },
  {
    name: 'a long cache of a model',
    shape: scaled({ keys: 1500, kvHeads: 3, group: 3, width: 64, window: all }),
    seed: 0xffffffff,
  },
]

/**
 * Partial sums that meet one after another: 64 subgroups of four, an invocation's own, and the splits, which the join
 * rescales once.
 */
const RESCALINGS = 66

export const attentionDecodeSuite: KernelSuite = {
  kernel: attentionDecode,
  cases: decodeCases,
  anyShape: {
    keys: { from: 1, to: 300 },
    kvHeads: { from: 1, to: 3 },
    group: { from: 1, to: 3 },
    width: [4, 12, 64, 80],
    window: [1, 50, 129, all],
    scale: [0.125, 1],
  },
  inputs: (shape, seed) => seededAttention(attentionDecode, shape, seed),
  reference(inputs, shape: DecodeShape) {
    const { name, datatype, shape: dimensions } = formOf(shape)
    const y = attentionReference(inputsOf(inputs), asRow(shape))
    return [tensorOf(name, datatype, dimensions, Float32Array.from(y))]
  },
  mismatch: ([y], inputs, shape: DecodeShape) =>
    attentionMismatch(y, formOf(shape), inputsOf(inputs), asRow(shape), RESCALINGS),
}
