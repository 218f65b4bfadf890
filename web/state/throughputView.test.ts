import { describe, expect, it } from 'vitest'
import { CHART_SPAN_MS, chartColumns, hasRun, minutesOf, speedAxisTop, summaryOf } from './throughputView.ts'

const NOW = 1_800_000_000_000
const sample = (ago: number, gflops = 1, tasks = 1) => ({ at: NOW - ago, gflops, tasks })

describe('the chart', () => {
  it('of nothing is empty', () => {
    expect(chartColumns([], NOW)).toEqual([[], [], []])
    expect(minutesOf([], NOW)).toEqual([])
    expect(summaryOf([], NOW)).toEqual({ now: 0, top: 0, tasks: 0 })
  })
  it('drops what is older than it covers', () => {
    const samples = [sample(CHART_SPAN_MS + 1, 99, 9), sample(CHART_SPAN_MS, 2, 3)]
    expect(chartColumns(samples, NOW)[1]).toEqual([2])
    expect(summaryOf(samples, NOW)).toEqual({ now: 2, top: 2, tasks: 3 })
  })
  it('leaves a gap where samples are missing', () => {
    expect(chartColumns([sample(65_000, 4), sample(60_000, 5), sample(5_000, 6)], NOW)[1]).toEqual([
      4,
      5,
      null,
      6,
    ])
  })
})

describe('the axis of the speed', () => {
  it('ends at 1 where there is no speed, and a little over the highest where there is one', () => {
    expect(speedAxisTop(0)).toBe(1)
    expect(speedAxisTop(null)).toBe(1)
    expect(speedAxisTop(4)).toBeCloseTo(4.6)
    expect(speedAxisTop(0.0004)).toBeCloseTo(0.00046)
  })
})

describe('whether anything has run', () => {
  it('is told by speed or tasks of the last 15 minutes, not by samples alone', () => {
    expect(hasRun([], NOW)).toBe(false)
    expect(hasRun([sample(5_000, 0, 0), sample(0, 0, 0)], NOW)).toBe(false)
    expect(hasRun([sample(CHART_SPAN_MS + 1), sample(0, 0, 0)], NOW)).toBe(false)
    expect(hasRun([sample(5_000, 0, 1), sample(0, 0, 0)], NOW)).toBe(true)
    expect(hasRun([sample(5_000, 0.1, 0)], NOW)).toBe(true)
  })
})

describe('the table', () => {
  it('takes the mean speed and the sum of tasks of a minute, newest first', () => {
    expect(minutesOf([sample(60_000, 10, 1), sample(5_000, 2, 1), sample(0, 4, 2)], NOW)).toEqual([
      { at: NOW - 60_000, gflops: 3, tasks: 3 },
      { at: NOW - 120_000, gflops: 10, tasks: 1 },
    ])
  })
})
