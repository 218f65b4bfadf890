import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { accepts, automatonOf } from './automaton.ts'
import { type Bounds, decimalRange, integerRange } from './numberRange.ts'
import type { Regular } from './regular.ts'

/** As a regular expression has it. */
function testOf(regular: Regular): { test(text: string): boolean } {
  const automaton = automatonOf(regular)
  return { test: (text) => accepts(automaton, text) }
}

const isWithin = ({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Bounds, value: number): boolean =>
  (minimum === undefined || value >= minimum) &&
  (maximum === undefined || value <= maximum) &&
  (exclusiveMinimum === undefined || value > exclusiveMinimum) &&
  (exclusiveMaximum === undefined || value < exclusiveMaximum)

const boundsOf = (bound: fc.Arbitrary<number>): fc.Arbitrary<Bounds> =>
  fc.record(
    { minimum: bound, maximum: bound, exclusiveMinimum: bound, exclusiveMaximum: bound },
    { requiredKeys: [] },
  )

describe('a range of integers', () => {
  it('has all integers within the bounds and no others', () => {
    fc.assert(
      fc.property(
        boundsOf(fc.oneof(fc.integer({ min: -1200, max: 1200 }), fc.constantFrom(-0.5, 99.5, 1000))),
        (bounds) => {
          const within = Array.from({ length: 2601 }, (_, i) => i - 1300).filter((value) =>
            isWithin(bounds, value),
          )
          if (within.length === 0) return
          const range = testOf(integerRange(bounds))
          for (let value = -1300; value <= 1300; value++) {
            expect(range.test(String(value)), String(value)).toBe(isWithin(bounds, value))
          }
        },
      ),
      { numRuns: 60 },
    )
  })

  it.each(['007', '-0', '1.0', '1e1', '', '-'])('has no text like %j', (text) => {
    expect(testOf(integerRange({ minimum: -20, maximum: 20 })).test(text)).toBe(false)
  })

  it('takes bounds that only exponents write', () => {
    const range = testOf(integerRange({ minimum: 1e21, maximum: 1e22 }))
    expect(
      ['1000000000000000000000', '9999999999999999999999', '999999999999999999999'].map((text) =>
        range.test(text),
      ),
    ).toEqual([true, true, false])
  })

  it('is refused where there is none', () => {
    expect(() => integerRange({ minimum: 0.2, maximum: 0.8 })).toThrow('allows nothing')
    expect(() => integerRange({ exclusiveMinimum: 3, exclusiveMaximum: 4 })).toThrow('allows nothing')
  })
})

describe('a range of decimals', () => {
  it('has the decimals within the bounds and no others', () => {
    const bound = fc.oneof(
      fc.integer({ min: -12, max: 12 }),
      fc.integer({ min: -1200, max: 1200 }).map((value) => value / 100),
      fc.constantFrom(0, 0.1, -0.001, 9.99),
    )
    const thousandths = Array.from({ length: 3001 }, (_, i) => (i * 9 - 13_500) / 1000)
    fc.assert(
      fc.property(boundsOf(bound), fc.array(bound), (bounds, edges) => {
        let range: ReturnType<typeof testOf>
        try {
          range = testOf(decimalRange(bounds))
        } catch {
          for (const value of thousandths) expect(isWithin(bounds, value)).toBe(false)
          return
        }
        for (const value of [...thousandths, ...edges, ...Object.values(bounds)]) {
          if (Object.is(value, -0)) continue
          expect(range.test(String(value)), String(value)).toBe(isWithin(bounds, value))
        }
      }),
      { numRuns: 100 },
    )
  })

  it('takes zeros at the end for what they are', () => {
    const range = testOf(decimalRange({ minimum: 1.5, maximum: 2 }))
    const texts = ['1.5', '1.50', '1.500001', '2', '2.0', '2.00', '1.49', '1.4999', '2.01', '1', '1x5']
    expect(texts.filter((text) => range.test(text))).toEqual(['1.5', '1.50', '1.500001', '2', '2.0', '2.00'])
  })

  it('leaves out a bound that is exclusive, and nothing near it', () => {
    const range = testOf(decimalRange({ exclusiveMinimum: 0, exclusiveMaximum: 1 }))
    const texts = ['0', '0.0', '0.000', '0.001', '0.999999', '1', '1.0', '-0.1']
    expect(texts.filter((text) => range.test(text))).toEqual(['0.001', '0.999999'])
  })

  it('goes on without end where one bound is missing', () => {
    const range = testOf(decimalRange({ minimum: -2.5 }))
    expect(['-2.5', '-2.6', '0', '123456789.25', '-3'].map((text) => range.test(text))).toEqual([
      true,
      false,
      true,
      true,
      false,
    ])
  })
})
