import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_TASK_TOKENS, MAX_TEXTS, MAX_TOKENS } from './embeddingsLimits.ts'
import { planBatches, tokenBatches } from './tokenBatches.ts'

describe('planBatches', () => {
  it('makes one task of one text', () => {
    expect(planBatches([7])).toEqual([[0]])
  })

  it('cuts 64 sentences into at least four tasks', () => {
    for (const length of [3, 10, 20, 60]) {
      expect(planBatches(new Array(64).fill(length)).length).toBeGreaterThanOrEqual(
        Math.min(4, (64 * length) / 128),
      )
    }
    expect(planBatches(Array.from({ length: 64 }, (_, i) => 8 + (i % 20))).length).toBeGreaterThanOrEqual(4)
  })

  it('puts each text into one batch, longest first, within the budget of tokens', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 2, max: MAX_TOKENS }), { minLength: 1, maxLength: 200 }),
        (lengths) => {
          const batches = planBatches(lengths)
          expect(batches.flat().toSorted((a, b) => a - b)).toEqual(lengths.map((_, index) => index))
          const ordered = batches.flat().map((index) => lengths[index]!)
          expect(ordered).toEqual(ordered.toSorted((a, b) => b - a))
          for (const batch of batches)
            expect(batch.length * lengths[batch[0]!]!).toBeLessThanOrEqual(MAX_TASK_TOKENS)
        },
      ),
    )
  })

  it('stays below the tasks of a job for the largest request', () => {
    expect(planBatches(new Array(MAX_TEXTS).fill(MAX_TOKENS)).length).toBeLessThanOrEqual(512)
  })
})

it('pads with zeros under a mask', () => {
  expect(
    tokenBatches([
      [101, 102],
      [101, 7, 102],
    ]),
  ).toEqual([
    {
      members: [1, 0],
      length: 3,
      ids: BigInt64Array.of(101n, 7n, 102n, 101n, 102n, 0n),
      mask: BigInt64Array.of(1n, 1n, 1n, 1n, 1n, 0n),
    },
  ])
})
