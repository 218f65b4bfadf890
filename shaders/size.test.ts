import { expect, it } from 'vitest'
import { namesIn, sizeOf } from './size.ts'

const shape = { m: 2, k: 5, n: 7 }

it('a size counts numbers, arguments, quotients rounded up, products, sums, the least and the most', () => {
  expect(sizeOf(3, shape)).toBe(3)
  expect(sizeOf('k', shape)).toBe(5)
  expect(sizeOf({ ceilDiv: ['k', 4] }, shape)).toBe(2)
  expect(sizeOf({ ceilDiv: ['k', 5] }, shape)).toBe(1)
  expect(sizeOf({ ceilDiv: ['n', 'm'] }, shape)).toBe(4)
  expect(sizeOf({ times: [] }, shape)).toBe(1)
  expect(sizeOf({ times: ['m', { ceilDiv: ['n', 4] }, 10] }, shape)).toBe(40)
  expect(sizeOf({ plus: ['m', 'n', 1] }, shape)).toBe(10)
  expect(sizeOf({ min: ['m', 'n'] }, shape)).toBe(2)
  expect(sizeOf({ max: ['m', 1] }, shape)).toBe(2)
})

it('a size that names what the shape lacks is a fault of the descriptor', () => {
  expect(() => sizeOf({ times: [2, 'rows'] }, shape)).toThrow('A size names rows')
})

it('a size tells what it names', () => {
  expect(namesIn({ plus: [1, 'm', { ceilDiv: [{ times: ['k', 2] }, 'n'] }] })).toEqual(['m', 'k', 'n'])
})
