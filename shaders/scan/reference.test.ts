import { expect, it } from 'vitest'
import { scanReference } from './reference.ts'

it('sums rows by hand, with the element and without it', () => {
  const x = [1, -2, 5, 10, 20, 30]
  expect([...scanReference(x, { rows: 2, n: 3, exclusive: 0 })]).toEqual([1, -1, 4, 10, 30, 60])
  expect([...scanReference(x, { rows: 2, n: 3, exclusive: 1 })]).toEqual([0, 1, -1, 0, 10, 30])
  expect([...scanReference([], { rows: 2, n: 0, exclusive: 0 })]).toEqual([])
})
