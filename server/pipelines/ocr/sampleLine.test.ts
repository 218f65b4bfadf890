import { describe, expect, it } from 'vitest'
import { cutLine } from './cutLine.ts'
import type { Picture } from './decodePicture.ts'
import { sampleLine } from './sampleLine.ts'

/** A picture whose red is `paint(x, y)`. */
function picture(width: number, height: number, paint: (x: number, y: number) => number): Picture {
  const pixels = new Uint8Array(width * height * 3)
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) pixels[(y * width + x) * 3] = paint(x, y)
  return { width, height, pixels }
}
const reds = (line: Uint8Array) => Array.from({ length: line.length / 3 }, (_, i) => line[3 * i])

describe('sampleLine', () => {
  const numbered = picture(4, 3, (x, y) => 10 * (y * 4 + x))

  it('gives the pixels themselves back at their own size', () => {
    const whole = [
      [0, 0],
      [4, 0],
      [4, 3],
      [0, 3],
    ] as const
    expect(reds(sampleLine(numbered, whole, 4, 3))).toEqual([0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110])
  })

  it('turns a quarter when the upper edge runs down the right side', () => {
    const sideways = [
      [4, 0],
      [4, 3],
      [0, 3],
      [0, 0],
    ] as const
    expect(reds(sampleLine(numbered, sideways, 3, 4))).toEqual([
      30, 70, 110, 20, 60, 100, 10, 50, 90, 0, 40, 80,
    ])
  })

  it('averages where it scales down, so that no stripe is lost', () => {
    const striped = picture(32, 32, (x) => (x % 4 === 0 ? 200 : 0))
    const whole = [
      [0, 0],
      [32, 0],
      [32, 32],
      [0, 32],
    ] as const
    for (const red of reds(sampleLine(striped, whole, 8, 8))) expect(red).toBe(50)
  })

  it('repeats the edge beyond the picture', () => {
    const outside = [
      [-4, 0],
      [0, 0],
      [0, 1],
      [-4, 1],
    ] as const
    expect(reds(sampleLine(numbered, outside, 4, 1)).slice(0, 3)).toEqual([0, 0, 0])
  })
})

describe('cutLine', () => {
  const grey = picture(200, 200, () => 128)

  it('is 48 high and as wide as the box with its margins', () => {
    const box = [
      [20, 20],
      [120, 20],
      [120, 40],
      [20, 40],
    ] as const
    // 100 by 20, four more at both ends.
    expect(cutLine(grey, box).width).toBe(Math.ceil((48 * 108) / 20))
    expect(cutLine(grey, box, 192)).toMatchObject({ width: 192, pixels: { length: 192 * 48 * 3 } })
  })

  it('reads a high box downwards', () => {
    const shaded = picture(200, 200, (_, y) => y)
    const box = [
      [20, 20],
      [40, 20],
      [40, 120],
      [20, 120],
    ] as const
    const { width, pixels } = cutLine(shaded, box)
    const row = reds(pixels).slice(0, width)
    expect(row[5]).toBeLessThan(row[width - 5]!)
  })
})
