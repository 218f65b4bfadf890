import type { BlockExpander } from './expandSimpleBlocks.ts'
import { halfToFloat } from './halfFloat.ts'

/**
 * The K formats: super-blocks of 256 elements whose groups have scales of their own. Source of the layouts:
 * dequantize_row_q4_K, q5_K and q6_K in ggml-quants.c.
 *
 * Half times scale times code has at most 11 + 7 + 5 significant bits, exact in f32 as in f64; the only rounding is
 * that of the stored sum, as in ggml.
 */

/** The 6-bit scale of group 0..7, from the 12 bytes at `at` (get_scale_min_k4). */
export const scaleOf = (packed: Uint8Array, at: number, group: number): number =>
  group < 4
    ? packed[at + group]! & 63
    : (packed[at + group + 4]! & 15) | ((packed[at + group - 4]! >> 6) << 4)

/** The 6-bit minimum of group 0..7, from the 12 bytes at `at`. */
export const minimumOf = (packed: Uint8Array, at: number, group: number): number =>
  group < 4
    ? packed[at + group + 4]! & 63
    : (packed[at + group + 4]! >> 4) | ((packed[at + group]! >> 6) << 4)

export const expandQ4_K: BlockExpander = (packed, at, blocks, out, to) => {
  const half = halfToFloat()
  for (let block = 0; block < blocks; block++, at += 144) {
    const d = half[packed[at]! | (packed[at + 1]! << 8)]!
    const dmin = half[packed[at + 2]! | (packed[at + 3]! << 8)]!
    let codesAt = at + 16
    // Groups come in pairs: the low nibbles of 32 bytes, then the high ones.
    for (let group = 0; group < 8; group += 2, codesAt += 32, to += 64) {
      const lowScale = d * scaleOf(packed, at + 4, group)
      const lowMinimum = dmin * minimumOf(packed, at + 4, group)
      const highScale = d * scaleOf(packed, at + 4, group + 1)
      const highMinimum = dmin * minimumOf(packed, at + 4, group + 1)
      for (let j = 0; j < 32; j++) {
        const codes = packed[codesAt + j]!
        out[to + j] = lowScale * (codes & 15) - lowMinimum
        out[to + 32 + j] = highScale * (codes >> 4) - highMinimum
      }
    }
  }
}

export const expandQ5_K: BlockExpander = (packed, at, blocks, out, to) => {
  const half = halfToFloat()
  for (let block = 0; block < blocks; block++, at += 176) {
    const d = half[packed[at]! | (packed[at + 1]! << 8)]!
    const dmin = half[packed[at + 2]! | (packed[at + 3]! << 8)]!
    const fifthAt = at + 16
    let codesAt = at + 48
    for (let group = 0; group < 8; group += 2, codesAt += 32, to += 64) {
      const lowScale = d * scaleOf(packed, at + 4, group)
      const lowMinimum = dmin * minimumOf(packed, at + 4, group)
      const highScale = d * scaleOf(packed, at + 4, group + 1)
      const highMinimum = dmin * minimumOf(packed, at + 4, group + 1)
      for (let j = 0; j < 32; j++) {
        const codes = packed[codesAt + j]!
        // Byte j of the fifth bits serves element j of all groups: bit g is group g.
        const fifth = packed[fifthAt + j]! >> group
        out[to + j] = lowScale * ((codes & 15) | ((fifth & 1) << 4)) - lowMinimum
        out[to + 32 + j] = highScale * ((codes >> 4) | ((fifth & 2) << 3)) - highMinimum
      }
    }
  }
}

export const expandQ6_K: BlockExpander = (packed, at, blocks, out, to) => {
  const half = halfToFloat()
  for (let block = 0; block < blocks; block++, at += 210) {
    const d = half[packed[at + 208]! | (packed[at + 209]! << 8)]!
    // Two halves of 128 elements: 64 bytes of nibbles, 32 bytes of bit pairs, 8 scales for 16 elements each.
    for (let half128 = 0; half128 < 2; half128++, to += 128) {
      const low = at + 64 * half128
      const high = at + 128 + 32 * half128
      const scales = at + 192 + 8 * half128
      for (let group = 0; group < 2; group++) {
        const first = d * ((packed[scales + group]! << 24) >> 24)
        const second = d * ((packed[scales + group + 2]! << 24) >> 24)
        const third = d * ((packed[scales + group + 4]! << 24) >> 24)
        const fourth = d * ((packed[scales + group + 6]! << 24) >> 24)
        for (let j = 16 * group; j < 16 * group + 16; j++) {
          const near = packed[low + j]!
          const far = packed[low + 32 + j]!
          const pairs = packed[high + j]!
          out[to + j] = first * (((near & 15) | ((pairs & 3) << 4)) - 32)
          out[to + 32 + j] = second * (((far & 15) | ((pairs & 12) << 2)) - 32)
          out[to + 64 + j] = third * (((near >> 4) | (pairs & 48)) - 32)
          out[to + 96 + j] = fourth * (((far >> 4) | ((pairs & 192) >> 2)) - 32)
        }
      }
    }
  }
}
