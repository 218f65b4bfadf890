import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { codeRow, packCodes, unpackCodes } from './codes.ts'
import { goldenVectors } from './goldenVectors.ts'

const i32 = fc.oneof(fc.nat(0xffffffff), fc.constantFrom(0x80000000, 0x7fffffff, 0)).map((word) => word | 0)

describe('rule S3', () => {
  it('has the golden vectors', () => {
    for (const { Q, x, q, M, E } of goldenVectors.quant) {
      const { codes, scale, exponent } = codeRow(Int32Array.from(x), Q)
      expect({ q: [...codes], M: scale, E: exponent }).toEqual({ q, M, E })
    }
  })

  it('gives zeros for zeros', () => {
    expect(codeRow(new Int32Array(3), 127)).toEqual({ codes: new Int32Array(3), scale: 32768, exponent: 0 })
  })

  it('keeps every element within its code, the limit and the scale of the row', () => {
    fc.assert(
      fc.property(fc.array(i32, { minLength: 1 }), fc.constantFrom(127, 2047, 16383), (x, limit) => {
        const { codes, scale, exponent } = codeRow(Int32Array.from(x), limit)
        const step = (scale * 2 ** exponent) / limit
        for (const [at, value] of x.entries()) {
          expect(Math.abs(codes[at]!)).toBeLessThanOrEqual(limit)
          // Half a step of rounding, and 16 of the row's bits are kept: each side loses at most one in 2^15.
          const room = step / 2 + Math.max(...x.map(Math.abs)) * 2 ** -14 + 1
          expect(Math.abs(value - codes[at]! * step)).toBeLessThanOrEqual(room)
        }
      }),
    )
  })
})

describe('packed codes', () => {
  it('lie four to a word and in groups of 32, zero past the row', () => {
    const packed = packCodes([1, -2, 3, 4, 5, -6], { rows: 2, n: 3, planes: 1 })
    expect(packed).toHaveLength(16)
    expect([...packed].map((word) => word.toString(16))).toEqual([
      ...['3fe01', '0', '0', '0', '0', '0', '0', '0'],
      ...['fa0504', '0', '0', '0', '0', '0', '0', '0'],
    ])
  })

  it('are high and low part of each code in two planes', () => {
    const bytes = new Int8Array(packCodes([2047, -2047, -1, 127], { rows: 1, n: 4, planes: 2 }).buffer)
    expect([...bytes.subarray(0, 4)]).toEqual([15, -16, -1, 0])
    expect([...bytes.subarray(32, 36)]).toEqual([127, 1, 127, 127])
  })

  it('come back as they were', () => {
    const shapes = fc.record({
      rows: fc.nat(4),
      n: fc.integer({ min: 1, max: 70 }),
      planes: fc.constantFrom(1, 2),
    })
    fc.assert(
      fc.property(shapes, fc.nat(1000), (shape, seed) => {
        const codes = Int32Array.from(
          { length: shape.rows * shape.n },
          (_, at) => ((at * 7919 + seed) % 255) - 127,
        )
        expect(unpackCodes(packCodes(codes, shape), shape)).toEqual(codes)
      }),
    )
  })
})
