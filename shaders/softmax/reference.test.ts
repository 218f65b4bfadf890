import { expect, it } from 'vitest'
import { softmaxReference } from './reference.ts'

it('weighs by powers, however large the numbers are', () => {
  const row = softmaxReference([1000, 1000 + Math.log(3)])
  expect(row[0]).toBeCloseTo(0.25, 12)
  expect(row[1]).toBeCloseTo(0.75, 12)
})

it('gives nothing to what is masked, and zeros for a row of that alone', () => {
  const masked = Number.NEGATIVE_INFINITY
  expect([...softmaxReference([masked, 5, masked])]).toEqual([0, 1, 0])
  expect([...softmaxReference([masked, masked])]).toEqual([0, 0])
  expect([...softmaxReference([])]).toEqual([])
})
