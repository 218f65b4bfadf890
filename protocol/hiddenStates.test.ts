import { describe, expect, it } from 'vitest'
import { OpentabError } from './errors.ts'
import { decodeHidden, encodeHidden } from './hiddenStates.ts'
import { hiddenFormats } from './language.ts'
import { elementsOf, type Tensor, tensorOf } from './tensor.ts'

const bytesOf = (tensors: Tensor[]) => tensors.reduce((sum, { bytes }) => sum + bytes.byteLength, 0)
/** Values between -8 and 8 with one of 3,000 in the first block of each row, as language models have them. */
const rowsOf = (rows: number, width: number) =>
  Float32Array.from({ length: rows * width }, (_, i) => (i % width === 3 ? 3000 : Math.sin(i * 1.7) * 8))

describe.each(hiddenFormats)('hidden states as %s', (format) => {
  it('pass when there are no rows', () => {
    expect(decodeHidden(format, encodeHidden(format, new Float32Array(0), 576), 576).length).toBe(0)
  })

  it('refuse NaN and infinity, naming the row', () => {
    const values = new Float32Array(8)
    values[5] = Number.NaN
    expect(() => encodeHidden(format, values, 4)).toThrow('Row 1 of the hidden state has NaN at element 1.')
    values[5] = Number.POSITIVE_INFINITY
    expect(() => encodeHidden(format, values, 4)).toThrow('Infinity')
  })

  it('refuse another datatype and another width', () => {
    const wrong = tensorOf('hidden', 'INT32', [1, 4], new Int32Array(4))
    expect(() => decodeHidden(format, [wrong], 4)).toThrow(OpentabError)
    expect(() => decodeHidden(format, encodeHidden(format, new Float32Array(8), 4), 8)).toThrow(
      'must be [rows,8]',
    )
    expect(() => decodeHidden(format, [], 4)).toThrow('no tensor hidden')
  })

  it('keep zeros and signs', () => {
    const values = Float32Array.of(0, -1, 1, 0, 2, -2, 0, 0)
    const decoded = decodeHidden(format, encodeHidden(format, values, 4), 4)
    expect([...decoded].map((value) => Math.sign(value))).toEqual(
      [...values].map((value) => Math.sign(value)),
    )
  })
})

it('f32 is exact and shares the memory', () => {
  const values = rowsOf(2, 576)
  const [hidden] = encodeHidden('f32', values, 576)
  expect(hidden!.bytes.buffer).toBe(values.buffer)
  expect(decodeHidden('f32', [hidden!], 576)).toEqual(values)
})

it('f16 keeps eleven bits and holds what is too large at the largest half', () => {
  const decoded = decodeHidden('f16', encodeHidden('f16', Float32Array.of(1 / 3, 1e6, -1e6, 3000), 4), 4)
  expect(decoded[0]).toBeCloseTo(1 / 3, 3)
  expect([...decoded.subarray(1)]).toEqual([65_504, -65_504, 3000])
})

it('int8 is off by at most half of the step beside each value, finer where values are small', () => {
  const values = rowsOf(3, 576)
  const decoded = decodeHidden('int8', encodeHidden('int8', values, 576), 576)
  for (const [i, value] of values.entries()) {
    const scale = ((i % 576 < 64 ? 3000 : 8) / 127) * 1.002
    // Between c and c + 1 lie (2c + 1) / 127 of the scale.
    const half = Math.sqrt((Math.abs(value) * scale) / 127) + scale / 127
    expect(Math.abs(decoded[i]! - value), `element ${i}`).toBeLessThanOrEqual(half)
  }
  // Beside an outlier of 3,000 even steps would be of 24.
  for (let i = 4; i < 64; i++) expect(Math.abs(decoded[i]! - values[i]!)).toBeLessThan(1.5)
})

it('int8 takes the nearest code: what was decoded comes back as it was', () => {
  const codes = Int8Array.from({ length: 255 }, (_, i) => i - 127)
  const blocks = Array.from({ length: 5 }, (_, i) => codes.subarray(i * 62, i * 62 + 62))
  for (const block of blocks) {
    // The largest code with its scale leads each block.
    const values = Float32Array.from([127, -127, ...block], (code) => (0.5 * code * Math.abs(code)) / 127)
    const [hidden] = encodeHidden('int8', values, values.length)
    expect([...elementsOf(hidden as Tensor & { datatype: 'INT8' })]).toEqual([127, -127, ...block])
  }
})

it('int8 takes at most 0.53 of the bytes of f16', () => {
  const values = rowsOf(1, 576)
  const share = bytesOf(encodeHidden('int8', values, 576)) / bytesOf(encodeHidden('f16', values, 576))
  expect(share).toBeLessThanOrEqual(0.53)
})

it('int8 gives a width that is no whole number of blocks a shorter last one', () => {
  const values = Float32Array.from({ length: 2 * 70 }, (_, i) => (i % 70 < 64 ? 1000 : 0.5))
  const [hidden, scales] = encodeHidden('int8', values, 70)
  expect(scales!.shape).toEqual([2, 2])
  const decoded = decodeHidden('int8', [hidden!, scales!], 70)
  expect(decoded[69]).toBeCloseTo(0.5, 2)
  expect(decoded[70]).toBeCloseTo(1000, 0)
})

it('int8 survives magnitudes below the smallest and above the largest scale', () => {
  const tiny = decodeHidden('int8', encodeHidden('int8', new Float32Array(4).fill(1e-30), 4), 4)
  expect(Math.abs(tiny[0]!)).toBeLessThan(1e-5)
  const huge = decodeHidden('int8', encodeHidden('int8', new Float32Array(4).fill(1e30), 4), 4)
  expect(huge[0]).toBe(127 * 65_504)
})

it('int8 never rounds a block beyond its codes: the largest comes back as the largest', () => {
  // A scale rounded down would ask for a code of 128.
  for (let i = 1; i < 2000; i++) {
    const values = Float32Array.of(i * 0.37, -i * 0.37, 0, 0)
    const [hidden] = encodeHidden('int8', values, 4)
    const codes = elementsOf(hidden as Tensor & { datatype: 'INT8' })
    expect(codes[0]! + codes[1]!, `block of ${i}`).toBe(0)
    expect(Math.abs(codes[0]!)).toBeGreaterThan(120)
  }
})

it('int8 refuses scales that are missing, of another shape, negative or no number', () => {
  const [hidden, scales] = encodeHidden('int8', new Float32Array(64).fill(1), 64) as [Tensor, Tensor]
  const scale = (bits: number) => tensorOf('scales', 'FP16', [1, 1], Uint16Array.of(bits))
  expect(() => decodeHidden('int8', [hidden], 64)).toThrow('no tensor scales')
  expect(() => decodeHidden('int8', [hidden, { ...scales, shape: [1] }], 64)).toThrow('must be [1,1]')
  expect(() => decodeHidden('int8', [hidden, scale(0x7e00)], 64)).toThrow('Scale 0 is NaN')
  expect(() => decodeHidden('int8', [hidden, scale(0xbc00)], 64)).toThrow('Scale 0 is -1')
  expect(() => decodeHidden('int8', [hidden, scale(0x7c00)], 64)).toThrow('Infinity')
})
