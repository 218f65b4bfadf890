import { describe, expect, it } from 'vitest'
import type { Point, Quad } from './geometry.ts'
import { readingOrder } from './readingOrder.ts'

/** A box from its left, top, width and height, turned around the origin. */
function box(x: number, y: number, width: number, height: number, degrees = 0): Quad {
  const [cos, sin] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)]
  const turn = (px: number, py: number): Point => [px * cos - py * sin, px * sin + py * cos]
  return [turn(x, y), turn(x + width, y), turn(x + width, y + height), turn(x, y + height)]
}

describe('readingOrder', () => {
  it('has nothing to order', () => {
    expect(readingOrder([])).toEqual([])
    expect(readingOrder([box(0, 0, 5, 5)])).toEqual([0])
  })

  it.each([0, 4, -4])(
    'reads rows of a table from left to right on a page turned by %i degrees',
    (degrees) => {
      const cells: Quad[] = []
      for (let row = 0; row < 4; row++)
        for (let column = 0; column < 3; column++) cells.push(box(column * 300, row * 40, 90, 24, degrees))
      const shuffled = [7, 2, 11, 0, 5, 9, 1, 10, 4, 3, 8, 6]
      const order = readingOrder(shuffled.map((index) => cells[index]!))
      expect(order.map((index) => shuffled[index])).toEqual(cells.map((_, index) => index))
    },
  )

  it('takes boxes of unlike height for one row when their middles agree', () => {
    expect(readingOrder([box(200, 8, 100, 14), box(0, 0, 100, 30)])).toEqual([1, 0])
  })

  it('reads two columns of text one after the other, between a heading and a foot line across both', () => {
    const heading = box(0, 0, 830, 40)
    const left = [60, 95, 130, 165, 200].map((y) => box(0, y, 390, 24))
    const right = [68, 103, 138, 173, 208].map((y) => box(440, y, 380, 24))
    const foot = box(100, 260, 600, 24)
    const boxes = [heading, ...left.flatMap((cell, row) => [cell, right[row]!]), foot]
    const expected = [heading, ...left, ...right, foot]
    expect(readingOrder(boxes).map((index) => boxes[index])).toEqual(expected)
  })

  it('reads a list of names with figures row by row', () => {
    const rows = [0, 1, 2, 3, 4, 5].flatMap((row) => [box(0, row * 40, 200, 24), box(400, row * 40, 60, 24)])
    expect(readingOrder(rows)).toEqual(rows.map((_, index) => index))
  })
})
