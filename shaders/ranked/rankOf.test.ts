import { expect, it } from 'vitest'
import { firstByRank } from './rankOf.ts'

it('puts larger numbers first and, of equal ones, the lower index; zeros are equal', () => {
  expect(firstByRank([1, 3, 2, 3], 3)).toEqual([1, 3, 2])
  expect(firstByRank([-0, 0, -1], 3)).toEqual([0, 1, 2])
})

it('puts NaN before infinity, and takes what there is', () => {
  expect(firstByRank([Infinity, Number.NaN, -Infinity, Number.NaN], 9)).toEqual([1, 3, 0, 2])
  expect(firstByRank([], 1)).toEqual([])
})
