import { describe, expect, it } from 'vitest'
import { tensorOf } from '../../protocol/tensor.ts'
import { compareOutputs, type Tolerance } from './compareOutputs.ts'

const floats = (...values: number[]) => [tensorOf('y', 'FP32', [values.length], Float32Array.from(values))]
const whole = (...values: number[]) => [tensorOf('y', 'INT32', [values.length], Int32Array.from(values))]
const halves = (...values: number[]) => [tensorOf('y', 'FP16', [values.length], Float16Array.from(values))]

describe('comparing outputs', () => {
  it('takes nothing for equal to something', () => {
    expect(compareOutputs([], floats(1))).toMatchObject({ agrees: false, first: { value: 'missing' } })
    expect(compareOutputs(floats(1, 2), floats(1))).toMatchObject({ agrees: false })
    expect(compareOutputs(whole(1), floats(1))).toMatchObject({ agrees: false })
    expect(compareOutputs([], [])).toMatchObject({ agrees: true, maxUlp: 0 })
  })

  it('takes both zeros, and two that are no number, for equal, and nothing else for a NaN', () => {
    expect(compareOutputs(floats(0, Number.NaN), floats(-0, Number.NaN))).toMatchObject({
      agrees: true,
      maxUlp: 0,
    })
    const tolerance = { ulp: 1e9, absolute: 1e9, relative: 1e9 }
    expect(compareOutputs(floats(Number.NaN), floats(1), tolerance)).toMatchObject({
      agrees: false,
      first: { output: 'y', index: 0, value: 'NaN', reference: 1 },
    })
  })

  it('counts the floats between two values, across zero too, in 32 and in 16 bits', () => {
    const next = 1 + 2 ** -23
    expect(compareOutputs(floats(next), floats(1))).toMatchObject({ agrees: false, maxUlp: 1 })
    expect(compareOutputs(floats(next), floats(1), { ulp: 1 })).toMatchObject({
      agrees: true,
      maxUlp: 1,
    })
    const least = 2 ** -149
    expect(compareOutputs(floats(-least), floats(least))).toMatchObject({ maxUlp: 2 })
    expect(compareOutputs(halves(1 + 2 ** -10), halves(1))).toMatchObject({ maxUlp: 1 })
  })

  it('takes a bound of the distance or of its share', () => {
    expect(compareOutputs(floats(100.5), floats(100), { absolute: 0.5 }).agrees).toBe(true)
    expect(compareOutputs(floats(100.5), floats(100), { absolute: 0.4 }).agrees).toBe(false)
    expect(compareOutputs(floats(101), floats(100), { relative: 0.01 }).agrees).toBe(true)
    expect(compareOutputs(floats(0.001), floats(0), { relative: 0.5 }).agrees).toBe(false)
  })

  it('wants whole numbers to be equal, whatever the tolerance', () => {
    const tolerance = { ulp: 100, absolute: 100, relative: 1 }
    expect(compareOutputs(whole(7, 8), whole(7, 9), tolerance)).toEqual({
      agrees: false,
      isCreditable: false,
      maxUlp: 1,
      first: { output: 'y', index: 1, value: 8, reference: 9 },
    })
  })

  it('names whole numbers of 64 bits that a double cannot tell apart', () => {
    const long = (value: bigint) => [tensorOf('y', 'INT64', [1], BigInt64Array.of(value))]
    expect(compareOutputs(long(2n ** 53n), long(2n ** 53n + 1n))).toEqual({
      agrees: false,
      isCreditable: false,
      maxUlp: 1,
      first: { output: 'y', index: 0, value: '9007199254740992', reference: '9007199254740993' },
    })
  })

  it('takes an infinity for equal to itself only, whatever the tolerance', () => {
    const [most, infinite] = [(2 - 2 ** -23) * 2 ** 127, Number.POSITIVE_INFINITY]
    const tolerance = { ulp: 1e9, absolute: 1e300, relative: 1e9 }
    expect(compareOutputs(floats(infinite), floats(infinite)).agrees).toBe(true)
    expect(compareOutputs(floats(most), floats(infinite), tolerance).agrees).toBe(false)
    expect(compareOutputs(floats(infinite), floats(-infinite), tolerance)).toMatchObject({
      agrees: false,
      isCreditable: false,
      first: { value: 'Infinity', reference: '-Infinity' },
    })
  })

  it('finds the same whichever side is which', () => {
    const tolerance = { relative: 0.5 }
    expect(compareOutputs(floats(1), floats(2), tolerance).agrees).toBe(true)
    expect(compareOutputs(floats(2), floats(1), tolerance).agrees).toBe(true)
  })
})

describe('what a comparison can be credited for', () => {
  const isCreditable = (a: number[], b: number[], tolerance: Tolerance): boolean =>
    compareOutputs(floats(...a), floats(...b), tolerance).isCreditable
  const anything = { absolute: 1e300 }

  it('is no agreement of values that only a tolerance for everything takes for equal', () => {
    expect(compareOutputs(floats(1, 2), floats(9, -9), anything).agrees).toBe(true)
    expect(isCreditable([1, 2], [9, -9], anything)).toBe(false)
    expect(isCreditable([0], [1e-30], { ulp: 1e9 })).toBe(false)
    expect(isCreditable([0], [1], { relative: 2 })).toBe(false)
  })

  it('is agreement within a 64th of the value, or near zero within a 1024th of the mean', () => {
    expect(isCreditable([100, 1], [101, 1], anything)).toBe(true)
    expect(isCreditable([100, 1], [103, 1], anything)).toBe(false)
    expect(isCreditable([100, 0], [100, 0.04], anything)).toBe(true)
    expect(isCreditable([100, 0], [100, 0.06], anything)).toBe(false)
  })

  it('takes the mean of the whole output: one of zeros with a few values, or with one peak, has its noise near zero too', () => {
    const [sparse, peaked] = [
      [0, 0, 0, 0, 0, 64],
      [0.001, 0.002, 0.001, 0.002, 0.001, 64],
    ]
    expect(isCreditable(sparse, [0.001, 0, 0, 0, 0, 64], anything)).toBe(true)
    expect(isCreditable(peaked, [0.002, 0.001, 0.001, 0.002, 0.001, 64], anything)).toBe(true)
  })

  it('is no agreement that the job’s own tolerance does not allow', () => {
    expect(isCreditable([100], [101], {})).toBe(false)
    expect(isCreditable([100], [100], {})).toBe(true)
  })
})
