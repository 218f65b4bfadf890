import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import vectors from './samplingVectors.json' with { type: 'json' }
import { FULL_WEIGHT, tokenWeight, WEIGHT_RANGE } from './tokenWeight.ts'

describe('the weight of a token', () => {
  it('[SA1] [SW3] is what an independent program makes of it, to the last bit', () => {
    for (const [x, weight] of vectors.weights as [number, number][]) {
      expect(x <= WEIGHT_RANGE ? tokenWeight(x) : 0, String(x)).toBe(weight)
    }
  })

  it('[SW2] is full at the largest logit and nothing at the end of the range', () => {
    expect(tokenWeight(0)).toBe(FULL_WEIGHT)
    expect([22.2, 22.3, 40, WEIGHT_RANGE].map(tokenWeight)).toEqual([0, 0, 0, 0])
    expect(tokenWeight(22.18)).toBe(1)
  })

  it('[SW3] is within a rounding of the exponential', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: WEIGHT_RANGE, noNaN: true }), (x) => {
        expect(Math.abs(tokenWeight(x) - 2 ** 31 * Math.exp(-x))).toBeLessThan(0.5 + 2 ** -7)
      }),
      { numRuns: 2000 },
    )
  })
})
