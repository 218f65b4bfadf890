import { describe, expect, it } from 'vitest'
import blockVectors from './blockVectors.json' with { type: 'json' }
import { expandBlocks } from './expandBlocks.ts'
import { type PackFormat, packBlocks } from './packBlocks.ts'

const bytesOf = (base64: string) => new Uint8Array(Buffer.from(base64, 'base64'))

describe('packing weights', () => {
  for (const entry of blockVectors.pack) {
    it(`gives the reference quantiser's bytes for ${entry.format}`, () => {
      const values = new Float32Array(bytesOf(entry.values).buffer)
      expect(packBlocks(entry.format as PackFormat, values)).toEqual(bytesOf(entry.packed))
    })
  }

  it('packs every finite half to itself', () => {
    const halves = Uint16Array.from({ length: 65_536 }, (_, half) => half).filter(
      (half) => (half & 0x7c00) !== 0x7c00,
    )
    const values = expandBlocks('f16', new Uint8Array(halves.buffer))
    expect(new Uint16Array(packBlocks('f16', values).buffer)).toEqual(halves)
  })

  it('moves f32 unchanged, NaN included', () => {
    const values = Float32Array.of(1.5, Number.NaN, Number.NEGATIVE_INFINITY, -0)
    expect(packBlocks('f32', values)).toEqual(new Uint8Array(values.buffer))
  })

  it('refuses a NaN in a block', () => {
    const values = new Float32Array(32)
    values[17] = Number.NaN
    expect(() => packBlocks('q4_1', values)).toThrow('Element 17 is NaN, which q4_1 cannot hold.')
  })

  it('refuses what a half cannot hold, and keeps an infinity', () => {
    expect(() => packBlocks('f16', Float32Array.of(65_520))).toThrow('65520 is past 65504, the largest half.')
    expect(packBlocks('f16', Float32Array.of(65_519, Number.POSITIVE_INFINITY))).toEqual(
      Uint8Array.of(0xff, 0x7b, 0, 0x7c),
    )
    expect(() => packBlocks('q8_0', new Float32Array(32).fill(1e10))).toThrow('past 65504')
  })

  it('refuses a row that is no whole number of blocks', () => {
    expect(() => packBlocks('q4_0', new Float32Array(33))).toThrow('33 elements')
  })
})
