import { describe, expect, it } from 'vitest'
import { floatToHalf, halfToFloat } from '../../protocol/weights/halfFloat.ts'
import { halfRounding } from './halfBound.ts'

describe('the rounding of a half', () => {
  it('is the distance to the next half', () => {
    const table = halfToFloat()
    for (const value of [2 ** -14, 0.1, 1, 1.999, 2, 1000, 65472]) {
      const bits = floatToHalf(value)
      expect(halfRounding(table[bits]!)).toBe(table[bits + 1]! - table[bits]!)
    }
  })

  it('is all of a number that may be flushed to zero', () => {
    expect([halfRounding(0), halfRounding(2 ** -24), halfRounding(2 ** -15)]).toEqual(
      new Array(3).fill(2 ** -14),
    )
  })
})
