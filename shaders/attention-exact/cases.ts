import { elementsOf, type Tensor, tensorOf } from '../../protocol/tensor.ts'
import { exactTables } from '../exact/exactTables.ts'
import { goldenVectors } from '../exact/goldenVectors.ts'
import type { KernelCase, KernelSuite } from '../kernelSuite.ts'
import { seededWords } from '../seededTensors.ts'
import { attentionExact } from './kernel.ts'
import { type AttentionExactShape, attentionExactReference } from './reference.ts'

const tensors = (
  { queries, keys, values }: { queries: Int32Array; keys: Int32Array; values: Int32Array },
  { rows, before, kvHeads, group, width }: AttentionExactShape,
): Tensor[] => [
  tensorOf('queries', 'INT32', [rows, kvHeads * group, width], queries),
  tensorOf('keys', 'INT32', [before + rows, kvHeads, width], keys),
  tensorOf('values', 'INT32', [before + rows, kvHeads, width], values),
  tensorOf('exp2', 'UINT32', [257], exactTables.exp2),
]

function attentionInputs(shape: AttentionExactShape, seed: number): Tensor[] {
  const { rows, before, kvHeads, group, width } = shape
  const within = (input: number, limit: number, count: number) =>
    Int32Array.from(seededWords(seed, input, count), (word) => (word % (2 * limit + 1)) - limit)
  const cached = (before + rows) * kvHeads * width
  return tensors(
    {
      // Small enough that several keys have weight, up to the clamps of rule S8.
      queries: within(0, seed % 2 === 0 ? 400 : 5792, rows * kvHeads * group * width),
      keys: within(1, seed % 2 === 0 ? 400 : 5792, cached),
      values: within(2, 16383, cached),
    },
    shape,
  )
}

/** One query whose scores are given and whose sums are the weights themselves: value j is the unit vector j. */
function scoresAsGiven(scores: readonly number[]): KernelCase {
  const shape = { rows: 1, before: scores.length - 1, kvHeads: 1, group: 1, width: 64 }
  const keys = new Int32Array(scores.length * 64)
  const values = new Int32Array(scores.length * 64)
  for (const [key, score] of scores.entries()) {
    keys[key * 64] = score
    values[key * 64 + key] = 1
  }
  const queries = new Int32Array(64)
  queries[0] = 1
  return { name: '', shape, seed: 0, inputs: () => tensors({ queries, keys, values }, shape) }
}

export const attentionExactCases: readonly KernelCase[] = [
  { name: 'no row', shape: { rows: 0, before: 3, kvHeads: 1, group: 1, width: 4 }, seed: 1 },
  { name: 'one key', shape: { rows: 1, before: 0, kvHeads: 1, group: 1, width: 4 }, seed: 2 },
  ...goldenVectors.softmax_row.map(({ s }, at) => ({
    ...scoresAsGiven(s),
    name: `golden vector ${at} of rule S9`,
  })),
  { ...scoresAsGiven([0x7fffffff, -0x80000000, 0]), name: 'scores at the ends of the integers' },
  { ...scoresAsGiven(Array(64).fill(-7)), name: 'equal scores' },
  {
    ...scoresAsGiven([0, -1, -511, -512, -131071, -131072, -131073, -2097151, -2097152]),
    name: 'scores at the borders of the table',
  },
  {
    name: 'several rows after several, heads in groups',
    shape: { rows: 5, before: 7, kvHeads: 2, group: 3, width: 20 },
    seed: 4,
  },
  { name: 'rows of a prompt', shape: { rows: 17, before: 0, kvHeads: 3, group: 3, width: 64 }, seed: 6 },
  { name: 'scores beyond 2^30', shape: { rows: 3, before: 40, kvHeads: 1, group: 2, width: 64 }, seed: 7 },
  {
    name: 'more keys than a workgroup has invocations',
    shape: { rows: 1, before: 299, kvHeads: 1, group: 3, width: 64 },
    seed: 8,
  },
]

export const attentionExactSuite: KernelSuite = {
  kernel: attentionExact,
  cases: attentionExactCases,
  anyShape: {
    rows: { from: 0, to: 6 },
    before: { from: 0, to: 90 },
    kvHeads: { from: 1, to: 3 },
    group: { from: 1, to: 3 },
    width: [4, 12, 64],
  },
  inputs: attentionInputs,
  reference(inputs, shape: AttentionExactShape) {
    const [queries, keys, values, exp2] = inputs.map((tensor) => elementsOf(tensor))
    const y = attentionExactReference(
      {
        queries: queries as Int32Array,
        keys: keys as Int32Array,
        values: values as Int32Array,
        exp2: exp2 as Uint32Array,
      },
      shape,
    )
    return [tensorOf('y', 'INT32', [shape.rows, shape.kvHeads * shape.group, shape.width], y)]
  },
}
