import { expect, it } from 'vitest'
import { layernormReference, momentsOf } from './reference.ts'

it('norms rows by hand', () => {
  // Mean 5, variance (9 + 1 + 1 + 9) / 4 = 5.
  const y = layernormReference([2, 4, 6, 8], [1, 1, 2, 1], [0, 0, 0, 10], { rows: 1, n: 4, epsilon: 0 })
  const unit = 1 / Math.sqrt(5)
  for (const [at, value] of [-3, -1, 2, 3].entries()) {
    expect(y[at]! - (at === 3 ? 10 : 0)).toBeCloseTo(value * unit, 14)
  }
})

it('gives the bias for a row of one element or of equal ones', () => {
  expect([...layernormReference([7], [3], [4], { rows: 1, n: 1, epsilon: 1e-5 })]).toEqual([4])
  expect(momentsOf([7, 7, 2, 2], 1, 2)).toEqual({ mean: 2, magnitude: 2, variance: 0, spread: 0 })
})
