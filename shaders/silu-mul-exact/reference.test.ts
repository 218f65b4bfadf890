import fc from 'fast-check'
import { expect, it } from 'vitest'
import { exactTables } from '../exact/exactTables.ts'
import { goldenVectors } from '../exact/goldenVectors.ts'
import { siluMulExactReference } from './reference.ts'

it('has the golden vectors of rule S10', () => {
  const { g, u, out } = goldenVectors.silumul
  const y = siluMulExactReference(Int32Array.from([...g, ...u]), exactTables.sigmoid, {
    rows: 1,
    n: g.length,
  })
  expect([...y]).toEqual(out)
})

it('is near silu in f64', () => {
  const q16 = fc.integer({ min: -(20 * 65536), max: 20 * 65536 })
  fc.assert(
    fc.property(q16, q16, (gate, up) => {
      const [y] = siluMulExactReference(Int32Array.of(gate, up), exactTables.sigmoid, { rows: 1, n: 1 })
      const x = gate / 65536
      const expected = (x / (1 + Math.exp(-x))) * (up / 65536)
      // The sigmoid: half a unit each of the table and of the line, and a fifth of one for its bend over 1/64; then half
      // a unit of each product. From 16 on the sigmoid is within 2^-23 of 1.
      const room = (Math.abs(x) * 1.2 * 2 ** -16 + 2 ** -17) * Math.abs(up / 65536) + 2 ** -17
      expect(Math.abs(y! / 65536 - expected)).toBeLessThanOrEqual(room)
    }),
  )
})
