import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Sampling } from '../generation.ts'
import { MAX_VOCABULARY, Sampler } from './sampler.ts'
import { maskOf, noHistory, plainSampling } from './samplerCases.ts'
import vectors from './samplingVectors.json' with { type: 'json' }

const { NEGATIVE_INFINITY, POSITIVE_INFINITY } = Number

function pickOf(
  logits: readonly number[],
  options: Partial<Sampling> = {},
  { mask, history = noHistory, position = 0 }: Partial<PickCase> = {},
): number {
  const sampler = new Sampler({ ...plainSampling, ...options }, logits.length)
  return sampler.pick(Float32Array.from(logits), history, position, mask).id
}

interface PickCase {
  mask: Uint32Array
  history: { prompt: number[]; answer: number[] }
  position: number
}

/** Ids that come up in so many draws. */
function picked(logits: readonly number[], options: Partial<Sampling>, draws = 300): number[] {
  const sampler = new Sampler({ ...plainSampling, temperature: 1, ...options }, logits.length)
  const values = Float32Array.from(logits)
  const ids = Array.from({ length: draws }, (_, position) => sampler.pick(values, noHistory, position).id)
  return [...new Set(ids)].sort((a, b) => a - b)
}

const logit = fc.float({ min: -50, max: 50, noNaN: true })
const someLogits = fc.array(logit, { minLength: 1, maxLength: 100 })

describe('a pick of the sampler', () => {
  it('[SA1] [SL1] [SP1] [SK5] is that of an independent program in 300 cases', () => {
    expect(vectors.picks.length).toBe(300)
    for (const [
      index,
      { logits, options, prompt, answer, position, allowed, id },
    ] of vectors.picks.entries()) {
      const bytes = Buffer.from(logits, 'base64')
      const values = new Float32Array(new Uint8Array(bytes).buffer)
      const sampler = new Sampler(options as Sampling, values.length)
      const mask = allowed ? maskOf(allowed, values.length) : undefined
      expect(sampler.pick(values, { prompt, answer }, position, mask).id, `case ${index}`).toBe(id)
    }
  })

  it.each([
    ['NaN', [1, Number.NaN, 0], 'token 1 the logit NaN'],
    ['+Infinity', [1, 2, POSITIVE_INFINITY], 'token 2 the logit Infinity'],
    ['nothing but -Infinity', [NEGATIVE_INFINITY, NEGATIVE_INFINITY], 'None of 2 tokens can be picked'],
    ['no tokens at all', [], 'None of 0 tokens can be picked'],
  ])('[SL7] is refused of logits with %s', (_, logits, message) => {
    for (const temperature of [0, 1]) expect(() => pickOf(logits, { temperature })).toThrow(message)
  })

  it('[SL6] [SL7] is refused where the mask allows no token', () => {
    expect(() => pickOf([1, 2], {}, { mask: new Uint32Array(1) })).toThrow('None of 2 tokens can be picked')
  })

  it('[SL7] does not look at what the mask does not allow', () => {
    const logits = [Number.NaN, 3, POSITIVE_INFINITY, 2]
    for (const temperature of [0, 1e-3]) {
      expect(pickOf(logits, { temperature }, { mask: maskOf([1, 3], 4) })).toBe(1)
    }
  })

  it('[SL6] is a token that the mask allows, also where it ends early', () => {
    const mask = fc.array(fc.integer({ min: 0, max: 99 }), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(someLogits, mask, fc.constantFrom(0, 1, 20), (logits, ids, temperature) => {
        const allowed = [...ids.map((id) => id % logits.length)]
        const words = maskOf(allowed, Math.max(...allowed) + 1)
        expect(allowed).toContain(pickOf(logits, { temperature }, { mask: words }))
      }),
    )
  })

  it('[SL6] is never a token of -Infinity', () => {
    expect(picked([NEGATIVE_INFINITY, 0, NEGATIVE_INFINITY, 0], { temperature: 100 })).toEqual([1, 3])
  })

  it('refuses logits of another count than the vocabulary, and a vocabulary beyond 2^21', () => {
    const sampler = new Sampler(plainSampling, 3)
    expect(() => sampler.pick(new Float32Array(4), noHistory, 0)).toThrow('4 logits were given')
    expect(() => new Sampler(plainSampling, MAX_VOCABULARY + 1)).toThrow('2097153 tokens')
  })

  it('leaves the logits that it was given as they were', () => {
    const logits = Float32Array.of(1, 2, 3)
    const options = { ...plainSampling, temperature: 1, logitBias: [[0, 5]] as [number, number][], topK: 1 }
    new Sampler(options, 3).pick(logits, { prompt: [1], answer: [2] }, 0)
    expect([...logits]).toEqual([1, 2, 3])
  })
})

describe('a greedy pick', () => {
  it('[SG1] is the lowest of equal ids', () => {
    expect(pickOf([1, 5, 5, 5])).toBe(1)
    expect(pickOf([-0, 0])).toBe(0)
    expect(pickOf([1, 5, 5, 5], {}, { mask: maskOf([2, 3], 4) })).toBe(2)
  })

  it('[SG1] does not depend on seed, position or filters', () => {
    fc.assert(
      fc.property(someLogits, fc.nat(), fc.nat(), (logits, seed, position) => {
        const best = logits.indexOf(Math.max(...logits))
        const filters = { topK: 3, topP: 0.5, minP: 0.1, seed: [seed, 1] as [number, number] }
        expect(pickOf(logits, filters, { position })).toBe(best)
      }),
    )
  })
})

describe('biases and penalties', () => {
  it('[SL2] add biases in their order, the same id more than once', () => {
    expect(pickOf([0, 1], { logitBias: [[0, 0.6]] })).toBe(1)
    const twice: [number, number][] = [
      [0, 0.6],
      [0, 0.6],
    ]
    expect(pickOf([0, 1], { logitBias: twice })).toBe(0)
  })

  it('[SL2] let a bias of 100 or -100 decide', () => {
    expect(pickOf([0, 40], { logitBias: [[0, 100]] })).toBe(0)
    expect(picked([0, 40], { logitBias: [[1, -100]] })).toEqual([0])
  })

  it('[SL3] divide positive and multiply negative logits, once for each token of prompt and answer', () => {
    const sampler = new Sampler({ ...plainSampling, repetitionPenalty: 2 }, 5)
    const history = { prompt: [0, 0, 1], answer: Int32Array.of(1, 2, 3) }
    expect([...sampler.adjust(Float32Array.of(4, -4, 0, 8, 4), history)]).toEqual([2, -8, 0, 4, 4])
    expect([...sampler.adjust(Float32Array.of(4, -4, 0, 8, 4), history)]).toEqual([2, -8, 0, 4, 4])
  })

  it('[SL4] subtract for tokens of the answer and not of the prompt', () => {
    const options = { ...plainSampling, presencePenalty: 0.5, frequencyPenalty: 0.25 }
    const sampler = new Sampler(options, 3)
    const history = { prompt: [0, 0], answer: [1, 2, 2] }
    expect([...sampler.adjust(new Float32Array(3), history)]).toEqual([0, -0.75, -1])
    expect([...sampler.adjust(new Float32Array(3), history)]).toEqual([0, -0.75, -1])
  })

  it('[SL2] [SL3] [SL4] follow one another', () => {
    const options = { ...plainSampling, logitBias: [[0, 1]] as [number, number][], repetitionPenalty: 2 }
    const sampler = new Sampler({ ...options, presencePenalty: 1 }, 1)
    expect([...sampler.adjust(Float32Array.of(3), { prompt: [], answer: [0] })]).toEqual([1])
  })

  it('[SL5] ignore ids outside the vocabulary', () => {
    const options = { ...plainSampling, repetitionPenalty: 2, presencePenalty: 1, frequencyPenalty: 1 }
    const sampler = new Sampler({ ...options, logitBias: [[3, 5]] }, 3)
    const history = { prompt: [3, 0xffffffff], answer: [4, 3] }
    expect([...sampler.adjust(Float32Array.of(1, 2, 3), history)]).toEqual([1, 2, 3])
  })
})

describe('what is kept', () => {
  it('[SK1] [SK2] of equal weights are the lowest ids', () => {
    expect(picked([0, 3, 0, 3, 3, 0], { topK: 2 })).toEqual([1, 3])
    expect(picked([0, 0, 3, 0], { topK: 2 })).toEqual([0, 2])
  })

  it('[SK2] are all where top_k is 0 or more than there are', () => {
    for (const topK of [0, 4, 0xffffffff]) expect(picked([0, 0, 0, 0], { topK })).toEqual([0, 1, 2, 3])
  })

  it('[SK3] are those not too far below the most likely one', () => {
    expect(picked([Math.log(10), Math.log(2), Math.log(0.9)], { minP: 0.1 })).toEqual([0, 1])
    expect(picked([2, 2, 1.999], { minP: 1 })).toEqual([0, 1])
  })

  it('[SK4] are the fewest that reach the sum, at least one', () => {
    const logits = [0.1, 0.5, 0.1, 0.3].map(Math.log)
    expect(picked(logits, { topP: 1e-9 })).toEqual([1])
    expect(picked(logits, { topP: 0.49 })).toEqual([1])
    expect(picked(logits, { topP: 0.79 })).toEqual([1, 3])
    expect(picked(logits, { topP: 0.85 })).toEqual([0, 1, 3])
    expect(picked(logits, { topP: 0.95 })).toEqual([0, 1, 2, 3])
  })

  it('[SK4] are found where many light tokens share the sum', () => {
    const flat = new Array<number>(5000).fill(-9)
    const ids = picked([...flat, 0], { topP: 0.9 }, 2000)
    // 5,000 e^-9 = 0.617: of 1.617 together 0.9 is reached by the heavy one and 3,689 of the others.
    expect(Math.max(...ids.slice(0, -1))).toBeLessThan(3690)
    expect(ids.at(-1)).toBe(5000)
    expect(ids.length).toBeGreaterThan(300)
  })

  it('[SK5] go by top_p of what top_k has left', () => {
    const logits = [0.4, 0.3, 0.15, 0.15].map(Math.log)
    // 0.6 of all would take the first two; of the first two together it takes both, too; 0.5 takes one of them only.
    expect(picked(logits, { topP: 0.5 })).toEqual([0, 1])
    expect(picked(logits, { topP: 0.5, topK: 2 })).toEqual([0])
  })
})

describe('a drawn pick', () => {
  it('[SR3] is the same again, and another seed or position gives others', () => {
    const logits = Array.from({ length: 50 }, (_, i) => i % 7)
    const draw = (seed: number, position: number): number =>
      pickOf(logits, { temperature: 2, seed: [seed, 0] }, { position })
    const run = (seed: number): number[] => Array.from({ length: 40 }, (_, position) => draw(seed, position))
    expect(run(1)).toEqual(run(1))
    expect(run(1)).not.toEqual(run(2))
  })

  it('[SW1] does not change when a constant is added to all logits', () => {
    // Multiples of 1/8 stay exact in f32.
    const eighths = fc.array(fc.integer({ min: -400, max: 400 }), { minLength: 1, maxLength: 60 })
    fc.assert(
      fc.property(eighths, fc.integer({ min: -1000, max: 1000 }), fc.nat(), (values, shift, position) => {
        const options = { temperature: 0.7, topP: 0.9, topK: 20 }
        const at = (offset: number): number =>
          pickOf(
            values.map((value) => (value + offset) / 8),
            options,
            { position },
          )
        expect(at(shift)).toBe(at(0))
      }),
    )
  })

  it('[SW2] [SG1] is the greedy one as the temperature goes to nothing', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: -99, max: 99 }), { minLength: 1 }),
        fc.nat(),
        (values, position) => {
          for (const temperature of [1e-3, Number.MIN_VALUE]) {
            expect(pickOf(values, { temperature }, { position })).toBe(values.indexOf(Math.max(...values)))
          }
        },
      ),
    )
  })

  it('[SP1] permutes with the tokens where these have one weight each', () => {
    // Four tokens of a quarter each: the draw alone says which.
    const counts = [0, 0, 0, 0]
    for (let position = 0; position < 400; position++) {
      counts[pickOf([3, 3, 3, 3], { temperature: 1, seed: [9, 9] }, { position })]!++
    }
    expect(Math.min(...counts)).toBeGreaterThan(70)
  })

  it('[SA2] [SP1] has the share of its weight, by chi-square over 2,000 draws of each of 100 seeds', () => {
    const probabilities = [0.5, 0.2, 0.15, 0.1, 0.04, 0.01]
    const logits = Float32Array.from(probabilities.map((p) => 2 * Math.log(p)))
    let chiSquare = 0
    for (let seed = 0; seed < 100; seed++) {
      const sampler = new Sampler({ ...plainSampling, temperature: 2, seed: [seed, 7] }, 6)
      const counts = new Array<number>(6).fill(0)
      for (let t = 0; t < 2000; t++) counts[sampler.pick(logits, noHistory, t).id]!++
      for (const [i, p] of probabilities.entries()) chiSquare += (counts[i]! - 2000 * p) ** 2 / (2000 * p)
    }
    // 500 degrees of freedom: 500, give or take 32; four of these to either side.
    expect(chiSquare).toBeGreaterThan(374)
    expect(chiSquare).toBeLessThan(626)
  })

  it('[SA2] draws from 2^17 equal tokens without losing one', () => {
    const vocabulary = 2 ** 17
    const sampler = new Sampler({ ...plainSampling, temperature: 1, topP: 0.5 }, vocabulary)
    const logits = new Float32Array(vocabulary)
    const { id, share } = sampler.pick(logits, noHistory, 3)
    expect(share).toBe(2 ** -16)
    expect(id).toBeLessThan(2 ** 16)
  })
})
