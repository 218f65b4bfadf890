import { expect, it } from 'vitest'
import { gridOf, MOST_POINTS, sweepCsv, wrongValue } from './sweepGrid.ts'

it('varies nothing where no value is given', () => {
  expect(gridOf({})).toEqual({ names: [], points: [], count: 0 })
  expect(gridOf({ lanes: ' , x' })).toEqual({ names: [], points: [], count: 0 })
  expect([' , x', '8, NaN', '', '1e3'].map(wrongValue)).toEqual(['x', 'NaN', null, null])
})

it('makes every combination, the last name fastest, each value once', () => {
  expect(gridOf({ a: '1, 2', none: '', b: '3 4 3' })).toEqual({
    names: ['a', 'b'],
    points: [
      { a: 1, b: 3 },
      { a: 1, b: 4 },
      { a: 2, b: 3 },
      { a: 2, b: 4 },
    ],
    count: 4,
  })
})

it('ends at the most points', () => {
  const many = Array.from({ length: 20 }, (_, at) => at).join(',')
  const { points, count } = gridOf({ a: many, b: many })
  expect([points.length, count]).toEqual([MOST_POINTS, 400])
})

it('is written as CSV, with empty fields for what was not timed', () => {
  const timing = { medianMs: 1.5, madMs: 0.25, n: 9, method: 'wall' }
  const rows = [
    { point: { a: 1 }, timing, right: true },
    { point: { a: 2 }, timing: null, right: false },
  ]
  expect(sweepCsv(['a'], rows)).toBe('a,medianMs,madMs,n,method,right\n1,1.5,0.25,9,wall,true\n2,,,,,false\n')
})
