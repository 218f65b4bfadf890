import { describe, expect, it } from 'vitest'
import { distanceOf } from './distance.ts'

const FAR = Number.POSITIVE_INFINITY

describe('the distance of two elements', () => {
  it('is nothing between both zeros and between two that are no number', () => {
    for (const datatype of ['FP16', 'FP32', 'FP64'] as const) {
      const distance = distanceOf(datatype)
      expect(distance(0, -0)).toBe(0)
      expect(distance(Number.NaN, Number.NaN)).toBe(0)
    }
  })

  it('is infinite from a NaN or an infinity to anything else, the largest float too', () => {
    for (const [datatype, largest] of [
      ['FP16', 65504],
      ['FP32', (2 - 2 ** -23) * 2 ** 127],
      ['FP64', Number.MAX_VALUE],
    ] as const) {
      const distance = distanceOf(datatype)
      expect([
        distance(Number.NaN, 1),
        distance(largest, FAR),
        distance(-FAR, FAR),
        distance(FAR, FAR),
      ]).toEqual([FAR, FAR, FAR, 0])
    }
  })

  it('counts the steps between floats, across zero too', () => {
    expect(distanceOf('FP16')(1 + 2 ** -10, 1)).toBe(1)
    expect(distanceOf('FP32')(1, 1 + 2 ** -23)).toBe(1)
    expect(distanceOf('FP32')(-(2 ** -149), 2 ** -149)).toBe(2)
    expect(distanceOf('FP64')(1 + 2 ** -52, 1)).toBe(1)
    expect(distanceOf('FP64')(-(2 ** -1074), 2 ** -1074)).toBe(2)
  })

  it('rounds to the datatype first', () => {
    expect(distanceOf('FP32')(Math.fround(0.1), 0.1)).toBe(0)
    expect(distanceOf('FP32')(FAR, 1e39)).toBe(0)
  })

  it('is the difference of whole numbers, of 64 bits as well', () => {
    expect(distanceOf('INT32')(-7, 8)).toBe(15)
    expect(distanceOf('INT64')(2n ** 53n + 1n, 2n ** 53n)).toBe(1)
    expect(distanceOf('UINT64')(0n, 2n ** 64n - 1n)).toBe(2 ** 64)
  })
})
