import { expect, it } from 'vitest'
import { sumBound } from '../rows/sumBound.ts'
import { reduceReferences } from './reference.ts'

it('reduces rows by hand', () => {
  const x = Int32Array.of(1, -5, 3, 0x7fffffff, 1, 0)
  const shape = { rows: 2, n: 3 }
  expect(reduceReferences['sum-i32'](x, shape)).toEqual([-1, -0x80000000])
  expect(reduceReferences['reduce-max-i32'](x, shape)).toEqual([3, 0x7fffffff])
  expect(reduceReferences['reduce-min-i32'](x, shape)).toEqual([-5, 0])
})

it('has a result for empty rows', () => {
  const shape = { rows: 1, n: 0 }
  const results = Object.values(reduceReferences).map(
    (reduce) => reduce(new Int32Array(0) as Int32Array & Float32Array, shape)[0],
  )
  expect(results).toEqual([
    ...[0, -0x80000000, 0x7fffffff],
    ...[0, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
  ])
})

it('orders zeros and lets NaN through', () => {
  const { 'reduce-max-f32': largest, 'reduce-min-f32': least } = reduceReferences
  expect(largest(Float32Array.of(-0, 0), { rows: 1, n: 2 })).toEqual([0])
  expect(least(Float32Array.of(0, -0), { rows: 1, n: 2 })).toEqual([-0])
  expect(largest(Float32Array.of(1, Number.NaN), { rows: 1, n: 2 })).toEqual([Number.NaN])
})

it('the bound of a sum is nothing for one number but what is flushed, and holds in f32', () => {
  expect(sumBound(1, 5)).toBe(2 ** -125)
  expect(sumBound(2, 1)).toBeCloseTo(2 ** -24, 12)
  expect(sumBound(2 ** 25, 1)).toBe(Number.POSITIVE_INFINITY)
  const values = Array.from({ length: 5000 }, (_, t) => Math.fround(Math.sin(t * t)))
  const inF32 = values.reduce((sum, value) => Math.fround(sum + value), 0)
  const exact = values.reduce((sum, value) => sum + value, 0)
  const magnitude = values.reduce((sum, value) => sum + Math.abs(value), 0)
  expect(Math.abs(inF32 - exact)).toBeGreaterThan(0)
  expect(Math.abs(inF32 - exact)).toBeLessThanOrEqual(sumBound(values.length, magnitude))
})
