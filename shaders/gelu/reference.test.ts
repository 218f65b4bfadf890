import { expect, it } from 'vitest'
import { erfc, geluReference } from './reference.ts'

it('has the values of tables of erfc, on both sides of where the formula changes', () => {
  // Abramowitz and Stegun, tables 7.1 and 7.3.
  const known = [
    [0, 1],
    [0.5, 0.4795001221869535],
    [1, 0.15729920705028513],
    [1.9999, 0.004679802092970608],
    [2, 0.004677734981047266],
    [3, 2.2090496998585438e-5],
    [5, 1.5374597944280349e-12],
  ] as const
  for (const [z, value] of known) expect(Math.abs(erfc(z) / value - 1)).toBeLessThan(1e-12)
})

it('is half of x near zero, x above and nothing below, in both forms', () => {
  for (const tanh of [0, 1]) {
    expect(geluReference(0, tanh)).toBe(0)
    expect(geluReference(1e-9, tanh)).toBeCloseTo(0.5e-9, 17)
    expect(geluReference(30, tanh)).toBe(30)
    expect(geluReference(-30, tanh)).toBeCloseTo(0, 15)
  }
  expect(geluReference(1, 0)).toBeCloseTo(0.8413447460685429, 14)
  expect(geluReference(1, 1)).toBeCloseTo(0.5 * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * 1.044715)), 14)
})
