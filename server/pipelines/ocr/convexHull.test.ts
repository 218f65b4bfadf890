import { expect, it } from 'vitest'
import { convexHull } from './convexHull.ts'
import type { Point } from './geometry.ts'

it('gives a single point back, however often it is repeated', () => {
  expect(convexHull([[3, 4]])).toEqual([[3, 4]])
  expect(
    convexHull([
      [3, 4],
      [3, 4],
    ]),
  ).toEqual([[3, 4]])
})

it('keeps the two ends of a straight row of points', () => {
  const row: Point[] = [
    [2, 2],
    [0, 0],
    [1, 1],
    [3, 3],
  ]
  expect(convexHull(row)).toEqual([
    [0, 0],
    [3, 3],
  ])
})

it('leaves out points inside and on the edges', () => {
  const points: Point[] = []
  for (let y = 0; y <= 4; y++) for (let x = 0; x <= 6; x++) points.push([x, y])
  expect(convexHull(points).toSorted((a, b) => a[0] - b[0] || a[1] - b[1])).toEqual([
    [0, 0],
    [0, 4],
    [6, 0],
    [6, 4],
  ])
})
