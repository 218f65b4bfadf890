import { describe, expect, it } from 'vitest'
import type { Point } from './geometry.ts'
import { cornersOf, minimalRectangle } from './minimalRectangle.ts'

/** Corners of a rectangle of 40 by 10 around (50, 60), turned clockwise. */
function turned(degrees: number): Point[] {
  const [cos, sin] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)]
  return [
    [-20, -5],
    [20, -5],
    [20, 5],
    [-20, 5],
  ].map(([u, v]) => [50 + u! * cos - v! * sin, 60 + u! * sin + v! * cos])
}

describe('minimalRectangle', () => {
  it('gives a single pixel no extent', () => {
    expect(minimalRectangle([[7, 9]])).toEqual({ centre: [7, 9], along: [1, 0], width: 0, height: 0 })
  })

  it('gives a row of pixels no height', () => {
    expect(
      minimalRectangle([
        [1, 5],
        [9, 5],
      ]),
    ).toMatchObject({ centre: [5, 5], width: 8, height: 0 })
  })

  it.each([0, 2, -2, 17, 44, -44])('finds a rectangle that is turned by %i degrees', (degrees) => {
    const corners = turned(degrees)
    const found = minimalRectangle([...corners, [50, 60]])
    expect(found.width).toBeCloseTo(40)
    expect(found.height).toBeCloseTo(10)
    for (const [place, corner] of cornersOf(found).entries()) {
      expect(corner[0]).toBeCloseTo(corners[place]![0])
      expect(corner[1]).toBeCloseTo(corners[place]![1])
    }
  })

  it.each([46, 80, 90, 134])(
    'counts the corners of a high rectangle (%i degrees) from its top left',
    (degrees) => {
      const found = minimalRectangle(turned(degrees))
      expect(found.height).toBeCloseTo(40)
      const [topLeft, topRight, bottomRight, bottomLeft] = cornersOf(found)
      expect(topLeft[0]).toBeLessThan(topRight[0])
      expect(topLeft[1]).toBeLessThan(bottomLeft[1])
      expect(bottomRight[1]).toBeGreaterThan(topRight[1])
    },
  )
})
