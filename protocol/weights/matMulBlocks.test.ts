import { describe, expect, it } from 'vitest'
import { blockFormats, type WeightFormat } from './blockFormats.ts'
import blockVectors from './blockVectors.json' with { type: 'json' }
import { expandBlocks } from './expandBlocks.ts'
import { matMulBlocks, matMulForms } from './matMulBlocks.ts'

const formats = Object.keys(matMulForms) as WeightFormat[]
const packedOf = (format: WeightFormat): Uint8Array => {
  const { packed } = blockVectors.expand.find((entry) => entry.format === format)!
  return new Uint8Array(Buffer.from(packed, 'base64'))
}

/** What MatMulNBits and the matmul with the offsets make of the parts, in f64. */
function elementsOf(format: WeightFormat, packed: Uint8Array): number[] {
  const { bits, blockElements } = matMulForms[format]!
  const { codes, scales, offsets } = matMulBlocks({ name: 'w', format, bytes: packed })
  return Array.from({ length: scales.length * blockElements }, (_, i) => {
    const code = bits === 8 ? codes[i]! : (codes[i >> 1]! >> (4 * (i & 1))) & 15
    const block = Math.floor(i / blockElements)
    const scaled = scales[block]! * (code - (bits === 8 ? 128 : 8))
    return offsets ? scaled + offsets[block]! : scaled
  })
}

describe('packed weights as MatMulNBits takes them', () => {
  it.each(formats)('hold the elements of %s', (format) => {
    const packed = packedOf(format)
    const wanted = expandBlocks(format, packed)
    const got = elementsOf(format, packed)
    expect(got.length).toBe(wanted.length)
    const scales = matMulBlocks({ name: 'w', format, bytes: packed }).scales
    for (const [i, value] of wanted.entries()) {
      if (!Number.isFinite(value)) continue
      // Scales are exact; an offset is rounded once, to half a unit in the last place of f32.
      const largest =
        Math.abs(value) + 32 * Math.abs(scales[Math.floor(i / matMulForms[format]!.blockElements)]!)
      expect(Math.abs(got[i]! - value), `element ${i}`).toBeLessThanOrEqual(largest * 2 ** -23)
    }
  })

  it('of formats without offsets are the same to the bit', () => {
    for (const format of formats.filter((each) => !matMulForms[each]!.hasOffsets)) {
      const packed = packedOf(format)
      expect(Float32Array.from(elementsOf(format, packed)), format).toEqual(expandBlocks(format, packed))
    }
  })

  it('keep a block without a scale, whose elements are all its minimum', () => {
    const packed = new Uint8Array(20)
    packed.set([0, 0, 0x00, 0x3c])
    expect(elementsOf('q4_1', packed)).toEqual(new Array(32).fill(1))
  })

  it('refuse a format that has no such form, and half a block', () => {
    expect(() => matMulBlocks({ name: 'w', format: 'f16', bytes: new Uint8Array(210) })).toThrow(
      'Tensor "w" is f16, which MatMulNBits cannot hold.',
    )
    const { blockBytes } = blockFormats.q4_k
    expect(() => matMulBlocks({ name: 'w', format: 'q4_k', bytes: new Uint8Array(blockBytes + 1) })).toThrow(
      'Tensor "w" has 145 bytes, no whole number of q4_k blocks of 144.',
    )
  })
})
