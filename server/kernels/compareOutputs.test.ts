import { describe, expect, it } from 'vitest'
import { tensorOf } from '../../protocol/tensor.ts'
import { compareOutputs } from './compareOutputs.ts'

const floats = (...values: number[]) => [tensorOf('y', 'FP32', [values.length], Float32Array.from(values))]
const whole = (...values: number[]) => [tensorOf('y', 'INT32', [values.length], Int32Array.from(values))]
const halves = (...values: number[]) => [tensorOf('y', 'FP16', [values.length], Float16Array.from(values))]

describe('comparing outputs', () => {
  it('takes nothing for equal to something', async () => {
    expect(await compareOutputs([], floats(1))).toMatchObject({ agrees: false, first: { value: 'missing' } })
    expect(await compareOutputs(floats(1, 2), floats(1))).toMatchObject({ agrees: false })
    expect(await compareOutputs(whole(1), floats(1))).toMatchObject({ agrees: false })
    expect(await compareOutputs([], [])).toMatchObject({ agrees: true, maxUlp: 0 })
  })

  it('takes both zeros, and two that are no number, for equal, and nothing else for a NaN', async () => {
    expect(await compareOutputs(floats(0, Number.NaN), floats(-0, Number.NaN))).toMatchObject({
      agrees: true,
      maxUlp: 0,
    })
    const tolerance = { ulp: 1e9, absolute: 1e9, relative: 1e9 }
    expect(await compareOutputs(floats(Number.NaN), floats(1), tolerance)).toMatchObject({
      agrees: false,
      first: { output: 'y', index: 0, value: 'NaN', reference: 1 },
    })
  })

  it('counts the floats between two values, across zero too, in 32 and in 16 bits', async () => {
    const next = 1 + 2 ** -23
    expect(await compareOutputs(floats(next), floats(1))).toMatchObject({ agrees: false, maxUlp: 1 })
    expect(await compareOutputs(floats(next), floats(1), { ulp: 1 })).toMatchObject({
      agrees: true,
      maxUlp: 1,
    })
    const least = 2 ** -149
    expect(await compareOutputs(floats(-least), floats(least))).toMatchObject({ maxUlp: 2 })
    expect(await compareOutputs(halves(1 + 2 ** -10), halves(1))).toMatchObject({ maxUlp: 1 })
  })

  it('takes a bound of the distance or of its share', async () => {
    expect((await compareOutputs(floats(100.5), floats(100), { absolute: 0.5 })).agrees).toBe(true)
    expect((await compareOutputs(floats(100.5), floats(100), { absolute: 0.4 })).agrees).toBe(false)
    expect((await compareOutputs(floats(101), floats(100), { relative: 0.01 })).agrees).toBe(true)
    expect((await compareOutputs(floats(0.001), floats(0), { relative: 0.5 })).agrees).toBe(false)
  })

  it('wants whole numbers to be equal, whatever the tolerance', async () => {
    const tolerance = { ulp: 100, absolute: 100, relative: 1 }
    expect(await compareOutputs(whole(7, 8), whole(7, 9), tolerance)).toEqual({
      agrees: false,
      maxUlp: 1,
      first: { output: 'y', index: 1, value: 8, reference: 9 },
    })
  })

  it('counts in doubles too, beyond what a number holds exactly', async () => {
    const doubles = (value: number) => [tensorOf('y', 'FP64', [1], Float64Array.of(value))]
    expect(await compareOutputs(doubles(1 + 2 ** -52), doubles(1))).toMatchObject({ maxUlp: 1 })
    expect(await compareOutputs(doubles(-(2 ** -1074)), doubles(2 ** -1074))).toMatchObject({ maxUlp: 2 })
  })

  it('lets the relay do other work while it compares much', async () => {
    const [many, others] = [new Float32Array(2 ** 20).fill(1), new Float32Array(2 ** 20).fill(1 + 2 ** -23)]
    let turns = 0
    let isOver = false
    const count = (): void => {
      turns++
      if (!isOver) setImmediate(count)
    }
    setImmediate(count)
    const compared = await compareOutputs(
      [tensorOf('y', 'FP32', [2 ** 20], many)],
      [tensorOf('y', 'FP32', [2 ** 20], others)],
    )
    isOver = true
    expect(compared).toMatchObject({ agrees: false, maxUlp: 1 })
    expect(turns).toBeGreaterThan(2)
  })

  it('looks no further than the stretch in which an element differs where only that is asked for', async () => {
    const count = 2 ** 19
    const [mine, right] = [new Float32Array(count), new Float32Array(count)]
    mine[1] = 2 ** -149
    mine[count - 1] = 1
    const [one, other] = [tensorOf('y', 'FP32', [count], mine), tensorOf('y', 'FP32', [count], right)]
    const found = await compareOutputs([one], [other], {}, { untilDifferent: true })
    expect(found).toMatchObject({ agrees: false, maxUlp: 1, first: { index: 1 } })
  })
})
