import { describe, expect, it } from 'vitest'
import { matmulF32Reference } from './reference.ts'
import { matmulF32Bound } from './roundingBound.ts'

describe('the reference of matmul-f32', () => {
  it('is zero for an empty sum and empty for an empty side', () => {
    const none = new Float32Array(0)
    expect([...matmulF32Reference(none, none, { m: 2, k: 0, n: 2 })]).toEqual([0, 0, 0, 0])
    expect([...matmulF32Reference(none, new Float32Array(6), { m: 0, k: 2, n: 3 })]).toEqual([])
  })

  it('multiplies by hand', () => {
    const a = Float32Array.of(1, -2, 3, 0.5, 0.25, 0)
    const b = Float32Array.of(5, -6, 7, 8, -9, 10)
    expect([...matmulF32Reference(a, b, { m: 2, k: 3, n: 2 })]).toEqual([-36, 8, 4.25, -1])
  })

  it('keeps what an f32 sum would drop', () => {
    const a = Float32Array.of(2 ** 24, 1, -(2 ** 24))
    expect([...matmulF32Reference(a, Float32Array.of(1, 1, 1), { m: 1, k: 3, n: 1 })]).toEqual([1])
  })
})

describe('the rounding bound of matmul-f32', () => {
  it('is one rounding for one product and grows with k', () => {
    expect(matmulF32Bound(1, 1)).toBeCloseTo(2 ** -24, 12)
    expect(matmulF32Bound(1000, 1) / matmulF32Bound(1, 1)).toBeCloseTo(1000, 0)
  })

  it('leaves room for products that are flushed to zero', () => {
    expect(matmulF32Bound(3, 0)).toBe(3 * 2 ** -125)
  })

  it('promises nothing once the sum is too long for the theory', () => {
    expect(matmulF32Bound(2 ** 24, 1)).toBe(Number.POSITIVE_INFINITY)
  })

  it('holds the error of a sum in f32, one rounding after the other', () => {
    const values = Array.from({ length: 5000 }, (_, t) => Math.fround(Math.sin(t * t)))
    let inF32 = 0
    let exact = 0
    let magnitude = 0
    for (const value of values) {
      inF32 = Math.fround(inF32 + Math.fround(value * value))
      exact += value * value
      magnitude += value * value
    }
    const error = Math.abs(inF32 - exact)
    expect(error).toBeGreaterThan(0)
    expect(error).toBeLessThanOrEqual(matmulF32Bound(values.length, magnitude))
  })
})
