import { expect, it } from 'vitest'
import { medianOf } from './medianOf.ts'

it('is NaN of none, the middle of an odd number and the mean of the middle two of an even one', () => {
  expect(medianOf([])).toBeNaN()
  expect(medianOf([7])).toBe(7)
  expect(medianOf([10, 9, 100])).toBe(10)
  const values = [4, 1, 100, 2]
  expect(medianOf(values)).toBe(3)
  expect(values).toEqual([4, 1, 100, 2])
})
