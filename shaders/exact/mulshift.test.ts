import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { goldenVectors } from './goldenVectors.ts'
import { mulHigh, mulshift, residualSum, scaled } from './mulshift.ts'

const u32 = fc.oneof(fc.nat(0xffffffff), fc.constantFrom(0, 1, 0x7fffffff, 0x80000000, 0xffff, 0xffffffff))
const i32 = u32.map((word) => word | 0)

/** Rule S1 over unbounded integers. */
function mulshiftByDefinition(a: number, p: number, s: number): number {
  const size = BigInt(a < 0 ? -a : a) * BigInt(p)
  const rounded = (size + (1n << BigInt(s - 1))) >> BigInt(s)
  const result = Number(rounded > 0x7fffffffn ? 0x7fffffffn : rounded)
  return a < 0 ? 0 - result : result
}

describe('rule S1', () => {
  it('has the golden vectors', () => {
    for (const [a, p, s, result] of goldenVectors.mulshift) expect(mulshift(a, p, s)).toBe(result)
  })

  it('is the rounded and saturated quotient for every number and shift', () => {
    fc.assert(
      fc.property(i32, u32, fc.integer({ min: 1, max: 63 }), (a, p, s) => {
        expect(mulshift(a, p, s)).toBe(mulshiftByDefinition(a, p, s))
      }),
      { numRuns: 2000 },
    )
  })

  it('has the whole 64-bit product', () => {
    fc.assert(
      fc.property(u32, u32, (a, b) => {
        expect(BigInt(mulHigh(a, b))).toBe((BigInt(a) * BigInt(b)) >> 32n)
      }),
      { numRuns: 1000 },
    )
  })
})

it('rule S5 gives 0 for long shifts and saturates for shifts that there are not', () => {
  expect(scaled(-0x80000000, 0xffffffff, 64)).toBe(0)
  expect([scaled(3, 1, 0), scaled(-3, 1, -5), scaled(0, 1, 0)]).toEqual([0x7fffffff, -0x7fffffff, 0])
  expect(scaled(7, 4, 1)).toBe(14)
})

it('rule S7 wraps and never gives -2^31', () => {
  expect(residualSum(0x7fffffff, 2)).toBe(-0x7fffffff)
  expect(residualSum(0x7fffffff, 1)).toBe(-0x7fffffff)
  expect(residualSum(-0x7fffffff, -1)).toBe(-0x7fffffff)
  expect(residualSum(5, -7)).toBe(-2)
})
