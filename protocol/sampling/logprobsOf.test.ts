import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { logprobsOf } from './logprobsOf.ts'

describe('log-probabilities', () => {
  it('[SB1] are those of the softmax, and give the most likely tokens first', () => {
    const logits = Float64Array.from([0.1, 0.6, 0.3].map(Math.log))
    const [own, top] = logprobsOf(logits, 0, 2)
    expect(Math.exp(own)).toBeCloseTo(0.1, 12)
    expect(top.map(([id, logprob]) => [id, Number(Math.exp(logprob).toFixed(12))])).toEqual([
      [1, 0.6],
      [2, 0.3],
    ])
  })

  it('[SB1] put the lowest of equal ids first, also at the end of the list', () => {
    const ids = (logits: number[], k: number): number[] =>
      logprobsOf(Float32Array.from(logits), 0, k)[1].map(([id]) => id)
    expect(ids([2, 3, 2, 3, 2], 3)).toEqual([1, 3, 0])
    expect(ids([1, 1, 1, 1], 2)).toEqual([0, 1])
  })

  it('[SB1] are -Infinity for what cannot come', () => {
    const logits = Float32Array.of(Number.NEGATIVE_INFINITY, 1)
    expect(logprobsOf(logits, 0, 0)).toEqual([Number.NEGATIVE_INFINITY, []])
    expect(logprobsOf(logits, 1, 5)[1].map(([id]) => id)).toEqual([1, 0])
  })

  it('[SB1] list what a sort lists, and sum to one', () => {
    const logits = fc.array(fc.integer({ min: -8, max: 8 }), { minLength: 1, maxLength: 60 })
    fc.assert(
      fc.property(logits, fc.integer({ min: 0, max: 20 }), (values, k) => {
        const sorted = values.map((value, id) => [value, id] as const)
        sorted.sort(([a, i], [b, j]) => b - a || i - j)
        const [, top] = logprobsOf(Float32Array.from(values), 0, k)
        expect(top.map(([id]) => id)).toEqual(sorted.slice(0, k).map(([, id]) => id))
        const [, all] = logprobsOf(Float32Array.from(values), 0, values.length)
        expect(all.reduce((sum, [, logprob]) => sum + Math.exp(logprob), 0)).toBeCloseTo(1, 10)
      }),
    )
  })
})
