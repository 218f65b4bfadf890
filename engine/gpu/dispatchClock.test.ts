import { describe, expect, it } from 'vitest'
import { runsOfMeasurement } from './dispatchClock.ts'

/** A kernel that takes so long, ms, on a device where every submit takes another millisecond. */
const taking = (ms: number) => {
  const asked: number[] = []
  const measure = async (runs: number): Promise<number> => {
    asked.push(runs)
    return runs * ms + 1
  }
  return { measure, asked }
}

describe('the runs of a measurement', () => {
  it('are one of a kernel that takes long', async () => {
    const { measure, asked } = taking(150)
    expect(await runsOfMeasurement(measure)).toBe(1)
    expect(asked).toEqual([1])
  })

  it('fill some 20 ms of a short one, the price of a submit left out', async () => {
    const runs = await runsOfMeasurement(taking(0.1).measure)
    expect(runs * 0.1).toBeGreaterThan(5)
    expect(runs * 0.1).toBeLessThan(25)
  })

  it('are never more than what is allowed, nor than 2,000, also on the way', async () => {
    const { measure, asked } = taking(0)
    expect(await runsOfMeasurement(measure, 6)).toBe(6)
    expect(Math.max(...asked)).toBeLessThanOrEqual(6)
    expect(await runsOfMeasurement(async () => 0)).toBe(2000)
    expect(await runsOfMeasurement(async () => -1, 6)).toBe(6)
  })
})
