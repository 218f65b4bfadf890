import { expect, it } from 'vitest'
import { compareNumbers } from './compareNumbers.ts'

const vector = (length: number) => ({ name: 'y', datatype: 'FP32' as const, shape: [length] })

it('calls nothing wrong in an output of no elements', () => {
  expect(compareNumbers(vector(0), [], [], 0)).toMatchObject({
    count: 0,
    wrong: 0,
    maxUlp: 0,
    meanUlp: 0,
    first: null,
  })
})

it('counts units in the last place across zero, and takes both zeros for one', () => {
  const least = 2 ** -149
  expect(compareNumbers(vector(1), [least], [-least], 2)).toMatchObject({ wrong: 0, maxUlp: 2 })
  expect(compareNumbers(vector(1), [-0], [0], 0)).toMatchObject({ wrong: 0, maxUlp: 0 })
  expect(compareNumbers(vector(1), [1 + 2 ** -23], [1], 0)).toMatchObject({ wrong: 1, maxUlp: 1 })
})

it('rounds what is expected to the datatype first', () => {
  expect(compareNumbers(vector(1), [Math.fround(0.1)], [0.1], 0)).toMatchObject({ wrong: 0, maxUlp: 0 })
})

it('takes two NaN for equal and one NaN for infinitely far', () => {
  expect(compareNumbers(vector(1), [Number.NaN], [Number.NaN], 0)).toMatchObject({ wrong: 0 })
  expect(compareNumbers(vector(2), [Number.NaN, 1], [1, 1], 9)).toMatchObject({
    wrong: 1,
    maxUlp: Number.POSITIVE_INFINITY,
    first: { index: 0 },
  })
})

it('names the first mismatch with its coordinates and both values, and puts it on the map', () => {
  const output = { name: 'y', datatype: 'INT32' as const, shape: [2, 3] }
  const compared = compareNumbers(output, [1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 9, 0], 0)
  expect(compared).toMatchObject({
    wrong: 2,
    maxUlp: 6,
    first: { index: 4, at: [1, 1], got: 5, expected: 9 },
  })
  expect(compared.heat).toEqual({
    rows: 2,
    columns: 3,
    rowStep: 1,
    columnStep: 1,
    values: [0, 0, 0, 0, 4, 6],
  })
})

it('lays a large tensor on a map of few cells, each with its greatest distance', () => {
  const output = { name: 'y', datatype: 'UINT32' as const, shape: [100, 200] }
  const got = new Uint32Array(20_000)
  got[99 * 200 + 199] = 7
  const { heat } = compareNumbers(output, got, new Uint32Array(20_000), 0)
  expect(heat.rows).toBeLessThanOrEqual(48)
  expect(heat.columns).toBeLessThanOrEqual(48)
  expect(heat.values.at(-1)).toBe(7)
  expect(heat.values.filter((value) => value > 0)).toHaveLength(1)
})

it('tells whole numbers of 64 bits apart that are one double', () => {
  const output = { name: 'y', datatype: 'INT64' as const, shape: [3] }
  const got = BigInt64Array.of(2n ** 53n + 1n, -(2n ** 63n), 5n)
  expect(compareNumbers(output, got, got, 0)).toMatchObject({ wrong: 0, maxUlp: 0 })
  expect(compareNumbers(output, got, BigInt64Array.of(2n ** 53n, 1n - 2n ** 63n, 5n), 0)).toMatchObject({
    wrong: 2,
    maxUlp: 1,
    first: { index: 0, got: 2n ** 53n + 1n, expected: 2n ** 53n },
  })
  // A file of doubles as the reference.
  expect(compareNumbers(output, got, [2 ** 53, -(2 ** 63), 4.5], 0)).toMatchObject({ wrong: 2, maxUlp: 1 })
})

it('takes whole numbers of 64 bits as the reference of other datatypes', () => {
  const reference = BigInt64Array.of(7n, 2n ** 53n + 1n)
  const whole = { name: 'y', datatype: 'INT32' as const, shape: [2] }
  expect(compareNumbers(whole, Int32Array.of(7, 1), reference, 0)).toMatchObject({ wrong: 1 })
  expect(compareNumbers(vector(2), Float32Array.of(7, 2 ** 53), reference, 0)).toMatchObject({ wrong: 0 })
})
