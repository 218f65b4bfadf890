import fc from 'fast-check'
import { expect, it } from 'vitest'
import { unpackCodes } from '../exact/codes.ts'
import { goldenVectors } from '../exact/goldenVectors.ts'
import { rmsnormExactReference, weightRow } from './reference.ts'

it('has the golden vectors of rule S4', () => {
  for (const { h, W, g, k, D } of goldenVectors.rmsnorm) {
    const { weighted, even, root } = weightRow(Int32Array.from(h), Int32Array.from(W))
    expect({ g: [...weighted], k: even, D: root }).toEqual({ g, k, D })
  }
})

it('gives zeros for zeros, with a scale that can be multiplied', () => {
  const shape = { rows: 1, n: 3, planes: 1, limit: 127 }
  const { codes, scales, exponents } = rmsnormExactReference(new Int32Array(3), Int32Array.of(1, 2, 3), shape)
  expect(codes.every((word) => word === 0)).toBe(true)
  expect([...scales, ...exponents]).toEqual([32768, -4])
})

it('is near the norm in f64', () => {
  const rows = fc.array(fc.integer({ min: -(2 ** 28), max: 2 ** 28 }), { minLength: 1, maxLength: 64 })
  fc.assert(
    fc.property(rows, fc.nat(1000), (h, seed) => {
      const n = h.length
      const weights = h.map((_, at) => ((at * 40503 + seed * 7919) % 131071) - 65535)
      const mean = h.reduce((sum, value) => sum + value * value, 0) / n
      if (mean < 2 ** 20) return
      const shape = { rows: 1, n, planes: 2, limit: 2047 }
      const row = rmsnormExactReference(Int32Array.from(h), Int32Array.from(weights), shape)
      // The rule leaves the root of n and the weights' own scale to the matrix that comes next.
      const unit = (row.scales[0]! * 2 ** row.exponents[0]! * Math.sqrt(n)) / shape.limit
      const expected = h.map((value, at) => (value / Math.sqrt(mean)) * weights[at]!)
      // Half a code of the row; and the root, whose squares keep 10 bits of the largest element.
      const room = Math.max(...expected.map(Math.abs)) * (0.5 / shape.limit + n * 2 ** -9)
      for (const [at, code] of unpackCodes(row.codes, shape).entries()) {
        expect(Math.abs(code * unit - expected[at]!)).toBeLessThanOrEqual(room)
      }
    }),
    { numRuns: 100 },
  )
})
