import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { drawAt, philox } from './philox.ts'
import vectors from './samplingVectors.json' with { type: 'json' }

const u32 = fc.integer({ min: 0, max: 0xffffffff })

describe('the generator', () => {
  // Known answers of the Random123 library, kat_vectors, philox4x32 10.
  it.each([
    [
      [0, 0, 0, 0],
      [0, 0],
      [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
    ],
    [
      [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff],
      [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
    ],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    ],
  ] as const)('[SR1] gives the published numbers of counter %j under key %j', (counter, key, numbers) => {
    expect(philox(counter, key)).toEqual(numbers)
  })

  it('[SR2] draws what an independent program draws', () => {
    for (const [seed, position, draw] of vectors.draws as [[number, number], number, number][]) {
      expect(drawAt(seed, position)).toBe(draw)
    }
  })

  it('[SR2] draws multiples of 2^-53 from 0 up to 1', () => {
    fc.assert(
      fc.property(u32, u32, u32, (high, low, position) => {
        const draw = drawAt([high, low], position)
        expect(draw).toBeGreaterThanOrEqual(0)
        expect(draw).toBeLessThan(1)
        expect(Number.isInteger(draw * 2 ** 53)).toBe(true)
      }),
    )
  })

  it('[SR3] draws another number at another position, and for a seed that differs in either half', () => {
    const draws = [
      drawAt([1, 2], 0),
      drawAt([1, 2], 1),
      drawAt([1, 3], 0),
      drawAt([2, 2], 0),
      drawAt([2, 1], 0),
    ]
    expect(new Set(draws).size).toBe(5)
  })
})
