import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { exactTables } from '../exact/exactTables.ts'
import { goldenVectors } from '../exact/goldenVectors.ts'
import { attentionExactReference, softmaxRow } from './reference.ts'

const { exp2 } = exactTables

describe('the weights of rule S9', () => {
  it('have the golden vectors', () => {
    for (const { s, p } of goldenVectors.softmax_row) {
      expect([...softmaxRow(Int32Array.from(s), exp2)]).toEqual(p)
    }
  })

  it('are one for one key and never more', () => {
    expect([...softmaxRow(Int32Array.of(-0x80000000), exp2)]).toEqual([65536])
    expect([...softmaxRow(Int32Array.of(-0x80000000, 0x7fffffff), exp2)]).toEqual([0, 65536])
  })

  it('are near the softmax to the base of two in f64', () => {
    const score = fc.integer({ min: -(20 << 17), max: 20 << 17 })
    fc.assert(
      fc.property(fc.array(score, { minLength: 1, maxLength: 40 }), (scores) => {
        const top = Math.max(...scores)
        const powers = scores.map((value) => 2 ** ((value - top) / 2 ** 17))
        const total = powers.reduce((sum, power) => sum + power, 0)
        for (const [key, weight] of softmaxRow(Int32Array.from(scores), exp2).entries()) {
          // A power is off by at most 2 of 2^15, so is each of the sum's; then two roundings and the cut inverse.
          const room = (2 + 2 * scores.length) * 2 ** -15 + 2 ** -15 + 2 ** -16
          expect(Math.abs(weight / 65536 - powers[key]! / total)).toBeLessThanOrEqual(room)
        }
      }),
    )
  })
})

it('a query sees its own key and those before, and its group shares keys and values', () => {
  const shape = { rows: 2, before: 1, kvHeads: 1, group: 2, width: 4 }
  const inputs = {
    queries: new Int32Array(2 * 2 * 4),
    keys: new Int32Array(3 * 4),
    values: Int32Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0),
    exp2,
  }
  const half = [32768, 32768, 0, 0]
  const third = softmaxRow(new Int32Array(3), exp2)[0]!
  const all = [third, third, third, 0]
  expect([...attentionExactReference(inputs, shape)]).toEqual([...half, ...half, ...all, ...all])
})
