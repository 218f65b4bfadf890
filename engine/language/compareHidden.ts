import { decodeHidden, largestHidden } from '../../protocol/hiddenStates.ts'
import { HIDDEN_BLOCK, type HiddenFormat } from '../../protocol/language.ts'
import type { Tensor } from '../../protocol/tensor.ts'

/** How far an element may be off, as a share of its own size and of what is usual in its row. */
const HIDDEN_SLACK = 1e-3
/** Of a row's elements one in so many, the largest, say nothing of what is usual in it. */
const OUTLIERS = 64

/**
 * The first element that is further off than an honest tab's can be: by another device, and by the format's rounding.
 * Null where there is none, else the sentence for the contributor.
 * @param expected f32[rows, width] as computed here
 */
export function compareHidden(
  format: HiddenFormat,
  outputs: readonly Tensor[],
  expected: Float32Array,
  width: number,
): string | null {
  const actual = decodeHidden(format, outputs, width)
  if (actual.length !== expected.length) {
    return `Output hidden has ${actual.length / width} rows and must have ${expected.length / width}.`
  }
  const largest = largestHidden[format]
  for (let from = 0; from < expected.length; from += width) {
    const row = expected.subarray(from, from + width)
    const bad = row.find((value) => !Number.isFinite(value))
    // An honest tab refuses to send such a row.
    if (bad !== undefined) return `Row ${from / width} of hidden has numbers and must have ${bad}.`
    const usual = usualSize(row)
    for (let i = 0; i < width; i++) {
      const wanted = Math.max(-largest, Math.min(largest, row[i]!))
      const allowed = HIDDEN_SLACK * (Math.abs(wanted) + usual) + rounding(format, row, i)
      const value = actual[from + i]!
      // False for NaN.
      if (Math.abs(value - wanted) <= allowed) continue
      return `Element [${from / width},${i}] of hidden is ${value} and must be ${wanted} (within ${allowed.toPrecision(3)}).`
    }
  }
  return null
}

/**
 * Root mean square of a row without its outliers. Hidden states have a few elements thousands of times as large as the
 * others: with these in it, any value at all would be near enough for the others.
 */
function usualSize(row: Float32Array): number {
  const sizes = row.map(Math.abs).sort()
  const kept = sizes.subarray(0, row.length - Math.ceil(row.length / OUTLIERS))
  return Math.sqrt(kept.reduce((sum, value) => sum + value * value, 0) / Math.max(1, kept.length))
}

/** How far a value may be moved by its format: a whole step, half of which is for a scale that is a little off. */
function rounding(format: HiddenFormat, row: Float32Array, at: number): number {
  switch (format) {
    case 'f32':
      return 0
    case 'f16':
      return Math.abs(row[at]!) * 2 ** -10 + 2 ** -24
    case 'int8': {
      const from = at - (at % HIDDEN_BLOCK)
      let largest = 0
      for (const value of row.subarray(from, from + HIDDEN_BLOCK)) {
        largest = Math.max(largest, Math.abs(value))
      }
      const scale = largest / 127
      return 2 * Math.sqrt((Math.abs(row[at]!) * scale) / 127) + scale / 127
    }
    default:
      return format satisfies never
  }
}
