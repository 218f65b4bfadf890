import { describe, expect, it } from 'vitest'
import { blockFormats, packedBytes, type WeightFormat, weightFormats } from './blockFormats.ts'
import blockVectors from './blockVectors.json' with { type: 'json' }
import { expandBlocks, expandRows } from './expandBlocks.ts'

const bytesOf = (base64: string) => new Uint8Array(Buffer.from(base64, 'base64'))
const bitsOf = (values: Float32Array) => new Uint32Array(values.buffer, values.byteOffset, values.length)
const vectors = blockVectors.expand.map((entry) => ({
  format: entry.format as WeightFormat,
  packed: bytesOf(entry.packed),
  bits: new Uint32Array(bytesOf(entry.bits).buffer),
}))

describe('expanding packed weights', () => {
  it('has vectors of every format', () => {
    expect(vectors.map((entry) => entry.format).sort()).toEqual([...weightFormats].sort())
  })

  for (const { format, packed, bits } of vectors) {
    it(`gives gguf-py's bits for ${format}`, () => {
      expect(bitsOf(expandBlocks(format, packed))).toEqual(bits)
    })

    it(`gives them for ${format} at an odd address, into a given array`, () => {
      const shifted = new Uint8Array(packed.length + 3).subarray(3)
      shifted.set(packed)
      const whole = new Float32Array(bits.length + 2).fill(7)
      const out = whole.subarray(1, -1)
      expect(expandBlocks(format, shifted, out)).toBe(out)
      expect(bitsOf(out)).toEqual(bits)
      expect([whole[0], whole.at(-1)]).toEqual([7, 7])
    })

    it(`takes single rows of ${format}`, () => {
      const rowElements = blockFormats[format].blockElements
      const ids = Int32Array.of(2, 0, 2)
      const rows = expandRows(format, packed, rowElements, ids)
      const row = (id: number) => [...bits.subarray(id * rowElements, (id + 1) * rowElements)]
      expect([...bitsOf(rows)]).toEqual([...row(2), ...row(0), ...row(2)])
    })
  }

  it('keeps infinities and NaNs of halves', () => {
    const packed = new Uint8Array(Uint16Array.of(0x7c00, 0xfc00, 0x7e00, 0x7c01).buffer)
    const [plus, minus, ...nans] = expandBlocks('f16', packed)
    expect([plus, minus]).toEqual([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
    expect(nans.every(Number.isNaN)).toBe(true)
  })

  it('expands nothing to nothing', () => {
    for (const format of weightFormats) {
      expect(expandBlocks(format, new Uint8Array(0))).toEqual(new Float32Array(0))
    }
  })

  it('refuses half a block', () => {
    expect(() => expandBlocks('q4_1', new Uint8Array(30))).toThrow(
      '30 bytes are not a whole number of q4_1 blocks, which have 20 bytes.',
    )
    expect(() => packedBytes('q6_k', 255)).toThrow(
      '255 elements are not a whole number of q6_k blocks, which have 256 elements.',
    )
  })

  it('refuses an output of another length', () => {
    expect(() => expandBlocks('q8_0', new Uint8Array(34), new Float32Array(31))).toThrow(
      '32 elements were to be expanded into an array of 31.',
    )
  })

  it('refuses a row outside the table', () => {
    const table = new Uint8Array(2 * 34)
    expect(() => expandRows('q8_0', table, 32, Int32Array.of(2))).toThrow(
      'Row 2 was asked of a table of 2 rows.',
    )
    expect(() => expandRows('q8_0', table, 32, Int32Array.of(-1))).toThrow('Row -1')
    expect(() => expandRows('q8_0', table, 0, Int32Array.of(0))).toThrow('not a whole number of rows')
  })
})
