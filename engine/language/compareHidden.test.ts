import { describe, expect, it } from 'vitest'
import { encodeHidden } from '../../protocol/hiddenStates.ts'
import { type HiddenFormat, hiddenFormats } from '../../protocol/language.ts'
import { pcg } from '../../protocol/seededInputs.ts'
import { compareHidden } from './compareHidden.ts'

const WIDTH = 576

/** A row of numbers between -1 and 1, with what else is given. */
function row(outliers: Record<number, number> = {}): Float32Array {
  const values = Float32Array.from({ length: WIDTH }, (_, i) => (pcg(i) / 2 ** 31 - 1) as number)
  for (const [at, value] of Object.entries(outliers)) values[Number(at)] = value
  return values
}

/** What the check says of `sent` where `expected` is right. */
const judged = (format: HiddenFormat, sent: Float32Array, expected: Float32Array): string | null =>
  compareHidden(format, encodeHidden(format, sent, WIDTH), expected, WIDTH)

describe.each(hiddenFormats)('rows that travel as %s', (format) => {
  it('pass as they are, and as another device computes them', () => {
    const right = row({ 3: 900, 4: -40_000 })
    const other = right.map((value, i) => value * (1 + (i % 2 ? 1e-4 : -1e-4)))
    expect([judged(format, right, right), judged(format, other, right)]).toEqual([null, null])
  })

  it('pass where an element is larger than the format can say', () => {
    const right = row({ 7: 70_000, 8: -3e7 })
    expect(judged(format, right, right)).toBeNull()
  })

  it('are found wrong in one common element beside outliers', () => {
    const right = row({ 3: 60_000 })
    const wrong = right.slice()
    // In another block than the outlier, whose neighbours int8 cannot tell apart.
    wrong[200]! += 0.2
    expect(judged(format, wrong, right)).toMatch(/^Element \[0,200\] of hidden/)
  })

  it('are found wrong where the outlier is missing, smaller, or of the other sign', () => {
    const right = row({ 3: 60_000 })
    for (const value of [0, 50_000, -60_000])
      expect(judged(format, row({ 3: value }), right)).toMatch(/^Element \[0,3\] of hidden/)
  })

  it('are found wrong where no tab can have them: the right ones are not finite', () => {
    for (const value of [Number.POSITIVE_INFINITY, Number.NaN])
      expect(judged(format, row(), row({ 5: value }))).toBe(
        `Row 0 of hidden has numbers and must have ${value}.`,
      )
  })
})

it('a row of zeros passes as one, and as nothing else', () => {
  const zeros = new Float32Array(WIDTH)
  expect(judged('f32', zeros, zeros)).toBeNull()
  expect(judged('f32', row(), zeros)).toMatch(/^Element/)
})
