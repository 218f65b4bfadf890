import { describe, expect, it } from 'vitest'
import { meanInside, textBoxes } from './textBoxes.ts'

/** A map of 64 by 32 with one block of text, columns 10..29 and rows 8..15. */
function blockMap(probability: number): Float32Array {
  const map = new Float32Array(64 * 32)
  for (let y = 8; y <= 15; y++) map.fill(probability, y * 64 + 10, y * 64 + 30)
  return map
}

describe('textBoxes', () => {
  it('finds nothing on an empty map, also one of NaN', () => {
    expect(textBoxes(new Float32Array(64 * 32), 64, 32, 640, 320)).toEqual([])
    expect(textBoxes(new Float32Array(64 * 32).fill(Number.NaN), 64, 32, 640, 320)).toEqual([])
  })

  it('drops a block with a mean below 0.6, and a block three pixels high', () => {
    expect(textBoxes(blockMap(0.59), 64, 32, 640, 320)).toEqual([])
    const thin = new Float32Array(64 * 32)
    for (let y = 8; y <= 10; y++) thin.fill(1, y * 64 + 10, y * 64 + 30)
    expect(textBoxes(thin, 64, 32, 640, 320)).toEqual([])
  })

  it('grows a block by area * 1.5 / perimeter and scales it to the picture', () => {
    // Between pixel centres the block has 19 by 7, so it grows by 19 * 7 * 1.5 / 52 on each side.
    const grow = (19 * 7 * 1.5) / 52
    const [box, ...others] = textBoxes(blockMap(0.8), 64, 32, 640, 160)
    expect(others).toEqual([])
    expect(box![0]![0]).toBeCloseTo((10.5 - grow) * 10, 3)
    expect(box![0]![1]).toBeCloseTo((8.5 - grow) * 5, 3)
    expect(box![2]![0]).toBeCloseTo((29.5 + grow) * 10, 3)
    expect(box![2]![1]).toBeCloseTo((15.5 + grow) * 5, 3)
  })

  it('keeps a box within the picture', () => {
    const [box] = textBoxes(new Float32Array(64 * 32).fill(1), 64, 32, 640, 320)
    expect(box).toEqual([
      [0, 0],
      [640, 0],
      [640, 320],
      [0, 320],
    ])
  })

  it('survives a chequered map of a thousand specks', () => {
    const map = Float32Array.from({ length: 64 * 32 }, (_, i) => (((i % 64) >> 1) + ((i / 64) >> 1)) % 2)
    expect(textBoxes(map, 64, 32, 640, 320).length).toBeLessThanOrEqual(1)
  })
})

describe('meanInside', () => {
  const map = Float32Array.from({ length: 100 }, (_, i) => (i % 10) / 10)

  it('takes the pixels of the edge in', () => {
    const box = [
      [2, 3],
      [4, 3],
      [4, 5],
      [2, 5],
    ] as const
    expect(meanInside(map, 10, 10, box)).toBeCloseTo(0.3)
  })

  it('leaves out what lies outside the map', () => {
    const box = [
      [-5, -5],
      [1, -5],
      [1, 1],
      [-5, 1],
    ] as const
    expect(meanInside(map, 10, 10, box)).toBeCloseTo(0.05)
  })

  it('follows the edges of a turned quad', () => {
    const diamond = [
      [5, 1],
      [9, 5],
      [5, 9],
      [1, 5],
    ] as const
    const flat = new Float32Array(100)
    // The corners of its bounding box are not inside it.
    for (const corner of [11, 19, 91, 99]) flat[corner] = 1
    expect(meanInside(flat, 10, 10, diamond)).toBe(0)
  })
})
