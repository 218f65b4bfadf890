import { expect, it } from 'vitest'
import { compounded, expError, expOfDifferenceError, UNIT_ROUNDOFF } from './wgslAccuracy.ts'

it('compounds as gamma does, and knows where it says nothing', () => {
  expect(compounded()).toBe(0)
  expect(compounded(UNIT_ROUNDOFF, 2 * UNIT_ROUNDOFF)).toBeCloseTo(3 * UNIT_ROUNDOFF, 12)
  expect(compounded(0.5, 0.25)).toBe(3)
  expect(compounded(0.5, 0.5)).toBe(Number.POSITIVE_INFINITY)
})

it('gives a power the units of its size, on both sides of zero', () => {
  expect(expError(0)).toBe(3 * 2 ** -23)
  expect(expError(-10)).toBe(23 * 2 ** -23)
  expect(expOfDifferenceError(-10)).toBe(23 * 2 ** -23 + 10 * 2 ** -24)
})

it('holds for a rounded exponential of a rounded difference', () => {
  for (let at = 0; at < 1000; at++) {
    const a = Math.fround(Math.sin(at) * 40)
    const b = Math.fround(40 + at / 7)
    const inF32 = Math.fround(Math.exp(Math.fround(a - b)))
    const exact = Math.exp(a - b)
    if (exact < 2 ** -126) continue
    expect(Math.abs(inF32 - exact)).toBeLessThanOrEqual(compounded(expOfDifferenceError(a - b)) * exact)
  }
})
