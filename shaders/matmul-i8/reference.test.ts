import { describe, expect, it } from 'vitest'
import { matmulI8Reference } from './reference.ts'

describe('the reference of matmul-i8', () => {
  it('is zero for an empty sum and empty for an empty side', () => {
    const none = new Int8Array(0)
    expect([...matmulI8Reference(none, none, { m: 2, k: 0, n: 2 })]).toEqual([0, 0, 0, 0])
    expect([...matmulI8Reference(none, new Int8Array(6), { m: 0, k: 2, n: 3 })]).toEqual([])
    expect([...matmulI8Reference(new Int8Array(6), none, { m: 3, k: 2, n: 0 })]).toEqual([])
  })

  it('multiplies by hand', () => {
    const a = Int8Array.of(1, -2, 3, 127, -128, 0)
    const b = Int8Array.of(5, -6, 7, 8, -9, 10)
    expect([...matmulI8Reference(a, b, { m: 2, k: 3, n: 2 })]).toEqual([
      5 - 14 - 27,
      -6 - 16 + 30,
      635 - 896,
      -762 - 1024,
    ])
  })

  it('wraps modulo 2^32', () => {
    const least = new Int8Array(2 ** 17).fill(-128)
    expect([...matmulI8Reference(least, least, { m: 1, k: 2 ** 17, n: 1 })]).toEqual([-(2 ** 31)])
  })
})
