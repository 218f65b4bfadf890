import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Sampling } from '../generation.ts'
import { possiblyKept } from './possiblyKept.ts'
import { Sampler } from './sampler.ts'
import { maskOf, noHistory, plainSampling } from './samplerCases.ts'
import { withinPick } from './withinPick.ts'

const SLACK = 1e-2

function passes(
  logits: readonly number[],
  id: number,
  options: Partial<Sampling> = {},
  position = 0,
): boolean {
  const all = { ...plainSampling, ...options }
  return withinPick(Float32Array.from(logits), id, all, noHistory, position, undefined, SLACK)
}

/** A bounded random walk of options, logits and what another device makes of them. */
const cases = fc.record({
  logits: fc.array(fc.float({ min: -6, max: 6, noNaN: true }), { minLength: 2, maxLength: 40 }),
  // By how much each logit is off, in halves of the slack: two of them differ by the slack at most.
  offsets: fc.array(fc.double({ min: -0.5, max: 0.5, noNaN: true }), { minLength: 40, maxLength: 40 }),
  slack: fc.constantFrom(1e-4, 1e-2, 0.5),
  options: fc.record({
    temperature: fc.constantFrom(0, 1e-3, 0.1, 0.7, 1, 3),
    topP: fc.constantFrom(1, 0.3, 0.9),
    topK: fc.constantFrom(0, 1, 3, 10),
    minP: fc.constantFrom(0, 0.05, 0.5),
    repetitionPenalty: fc.constantFrom(1, 1.3, 0.5),
    presencePenalty: fc.constantFrom(0, 0.5),
    frequencyPenalty: fc.constant(0),
    logitBias: fc.constant<[number, number][]>([]),
    seed: fc.tuple(fc.nat(), fc.nat()),
  }),
  answer: fc.array(fc.integer({ min: 0, max: 39 }), { maxLength: 5 }),
  position: fc.nat(),
  isMasked: fc.boolean(),
})

describe('a token that a checker looks at', () => {
  it('[SC1] passes where it is the pick', () => {
    expect(passes([1, 2, 3], 2)).toBe(true)
    expect(passes([1, 2, 3], 1)).toBe(false)
  })

  it('[SC3] passes greedily within the slack of the largest', () => {
    expect(passes([1, 1 - SLACK / 2], 1)).toBe(true)
    expect(passes([1, 1 - SLACK * 1.01], 1)).toBe(false)
  })

  it('[SC2] passes further off where the repetition penalty stretches differences', () => {
    const options = { ...plainSampling, repetitionPenalty: 4 }
    const history = { prompt: [1], answer: [] }
    const judge = (logit: number): boolean =>
      withinPick(Float32Array.of(-4, logit), 1, options, history, 0, undefined, SLACK)
    // Both are -4 after the penalty where the second is -1.
    expect(judge(-1 - SLACK * 0.9)).toBe(true)
    expect(judge(-1 - SLACK * 1.1)).toBe(false)
  })

  it('fails where it is outside the vocabulary or the mask', () => {
    const judge = (id: number): boolean =>
      withinPick(Float32Array.of(1, 1, 1), id, plainSampling, noHistory, 0, maskOf([0, 1], 3), SLACK)
    expect([judge(1), judge(2), judge(3), judge(-1), judge(Number.NaN)]).toEqual([
      true,
      false,
      false,
      false,
      false,
    ])
  })

  it('[SC1] [SC2] [SC3] [SC4] [SC5] [SC6] [SC7] passes whatever logits within the slack pick', () => {
    fc.assert(
      fc.property(cases, ({ logits, offsets, slack, options, answer, position, isMasked }) => {
        const history = { prompt: [0], answer }
        const mask = isMasked ? maskOf([0, 1, 4, 9, 16, 25, 36], 40) : undefined
        const mine = Float32Array.from(logits)
        // A hundredth less than the slack, for the rounding of f32.
        const theirs = mine.map((logit, i) => logit + 0.99 * slack * offsets[i]!)
        const { id } = new Sampler(options, mine.length).pick(theirs, history, position, mask)
        expect(withinPick(mine, id, options, history, position, mask, slack)).toBe(true)
      }),
      { numRuns: 3000 },
    )
  })

  it('[SC4] fails where its part of the line is nowhere near the draw', () => {
    const logits = Array.from({ length: 20 }, (_, i) => Math.sin(i))
    const options = { temperature: 1, topP: 0.95 }
    const sampler = new Sampler({ ...plainSampling, ...options }, 20)
    let [passed, others] = [0, 0]
    for (let position = 0; position < 200; position++) {
      const { id } = sampler.pick(Float32Array.from(logits), noHistory, position)
      expect(passes(logits, id, options, position)).toBe(true)
      for (let other = 0; other < 20; other++) {
        if (other === id) continue
        others++
        if (passes(logits, other, options, position)) passed++
      }
    }
    // Each end moves by a quarter of a hundredth of the line at most: about 2 x 0.0025 x 20 neighbours of 19 others.
    expect(passed / others).toBeLessThan(0.005)
    expect(passed).toBeGreaterThan(0)
  })

  it('[SC5] [SC6] fails where no logits within the slack keep it', () => {
    const logits = [0.4, 0.3, 0.2, 0.1].map(Math.log)
    for (let position = 0; position < 100; position++) {
      expect(passes(logits, 3, { temperature: 1, topK: 3 }, position)).toBe(false)
      expect(passes(logits, 3, { temperature: 1, minP: 0.27 }, position)).toBe(false)
      expect(passes(logits, 3, { temperature: 1, topP: 0.89 }, position)).toBe(false)
    }
  })
})

describe('what is possibly and surely kept', () => {
  const logits = Float64Array.from([0.4, 0.3, 0.2, 0.1].map(Math.log))
  const edgesOf = (options: Partial<Sampling>, slack: number): [number, number] => {
    const all = { ...plainSampling, temperature: 1, ...options }
    const { possible, sure } = possiblyKept(logits, all, undefined, slack)
    return [Math.exp(possible), Math.exp(sure)].map((edge) => Number(edge.toFixed(3))) as [number, number]
  }

  it('[SC6] are the same without slack', () => {
    expect(edgesOf({ topK: 2 }, 0)).toEqual([0.3, 0.3])
    expect(edgesOf({ minP: 0.4 }, 0)).toEqual([0.2, 0.2])
    expect(edgesOf({ topP: 0.75 }, 0)).toEqual([0.2, 0.2])
  })

  it('[SC6] part where the slack reaches over the edge', () => {
    // 0.3 and 0.2 are 0.405 apart.
    expect(edgesOf({ topK: 2 }, 0.41)).toEqual([0.2, 0.4])
    expect(edgesOf({ topK: 2 }, 0.4)).toEqual([0.3, 0.3])
    expect(edgesOf({ topK: 1 }, 0.3)).toEqual([0.3, Number.POSITIVE_INFINITY])
    expect(edgesOf({ minP: 0.49 }, 0.05)).toEqual([0.2, 0.3])
    // 0.7 is reached by two; some slack makes it three.
    expect(edgesOf({ topP: 0.69 }, 0.1)).toEqual([0.2, 0.3])
  })
})
