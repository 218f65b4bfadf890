import { describe, expect, it } from 'vitest'
import { LINE_HEIGHT } from './ocrLimits.ts'
import { planBatches, prepareRecognition } from './prepareRecognition.ts'

describe('planBatches', () => {
  it('makes no batch of no lines', () => {
    expect(planBatches([])).toEqual([])
  })

  it('makes at least four tasks of fifteen lines, whatever their widths', () => {
    for (const width of [1, 320, 500, 700, 900, 1200, 1500, 3200]) {
      expect(planBatches(new Array(15).fill(width)).length).toBeGreaterThanOrEqual(4)
    }
  })

  it('puts the widest lines first, lines of like width together, batches evenly', () => {
    expect(planBatches([100, 900, 310, 330, 320, 12, 5, 2])).toEqual([
      { members: [1], paddedWidth: 960 },
      { members: [3], paddedWidth: 480 },
      { members: [0, 2, 4], paddedWidth: 320 },
      { members: [5, 6, 7], paddedWidth: 320 },
    ])
  })
})

describe('prepareRecognition', () => {
  const strip = () => {
    const pixels = new Uint8Array(LINE_HEIGHT * 2 * 3)
    pixels.set([255, 0, 51], 0)
    return { width: 2, pixels }
  }
  const plane = LINE_HEIGHT * 320

  it('writes blue first, scaled to -1..1, and grey to the right', () => {
    const [batch] = prepareRecognition({ lines: [{ strip: strip(), turned: false }] })
    expect(batch!.elements).toHaveLength(3 * plane)
    expect(batch!.elements[0]).toBeCloseTo(51 / 127.5 - 1)
    expect(batch!.elements[plane]).toBe(-1)
    expect(batch!.elements[2 * plane]).toBe(1)
    expect(batch!.elements[2]).toBe(0)
  })

  it('turns a line that stands on its head', () => {
    const [batch] = prepareRecognition({ lines: [{ strip: strip(), turned: true }] })
    expect(batch!.elements[2 * plane]).toBe(-1)
    expect(batch!.elements[2 * plane + (LINE_HEIGHT - 1) * 320 + 1]).toBe(1)
  })
})
