import { halfToFloat } from './halfFloat.ts'

/**
 * The formats with blocks of 32 elements. Each function reads `blocks` blocks of `packed` from byte `at` and writes
 * 32 * blocks elements of `out` from element `to`. Source of the layouts and formulas: dequantize_row_* in
 * ggml-quants.c.
 *
 * ggml computes in f32. Here the products are taken in f64 and rounded once, when they are stored: a half has 11
 * significant bits and a code at most 8, so a product is exact in f32 as well, and the one rounding of the sum
 * is the same.
 */
export type BlockExpander = (
  packed: Uint8Array,
  at: number,
  blocks: number,
  out: Float32Array,
  to: number,
) => void

export const expandQ8_0: BlockExpander = (packed, at, blocks, out, to) => {
  const half = halfToFloat()
  for (let block = 0; block < blocks; block++, at += 34, to += 32) {
    const d = half[packed[at]! | (packed[at + 1]! << 8)]!
    for (let j = 0; j < 32; j++) out[to + j] = d * ((packed[at + 2 + j]! << 24) >> 24)
  }
}

export const expandQ4_0: BlockExpander = (packed, at, blocks, out, to) => {
  const half = halfToFloat()
  for (let block = 0; block < blocks; block++, at += 18, to += 32) {
    const d = half[packed[at]! | (packed[at + 1]! << 8)]!
    for (let j = 0; j < 16; j++) {
      const codes = packed[at + 2 + j]!
      out[to + j] = d * ((codes & 15) - 8)
      out[to + 16 + j] = d * ((codes >> 4) - 8)
    }
  }
}

export const expandQ4_1: BlockExpander = (packed, at, blocks, out, to) => {
  const half = halfToFloat()
  for (let block = 0; block < blocks; block++, at += 20, to += 32) {
    const d = half[packed[at]! | (packed[at + 1]! << 8)]!
    const m = half[packed[at + 2]! | (packed[at + 3]! << 8)]!
    for (let j = 0; j < 16; j++) {
      const codes = packed[at + 4 + j]!
      out[to + j] = d * (codes & 15) + m
      out[to + 16 + j] = d * (codes >> 4) + m
    }
  }
}

export const expandQ5_0: BlockExpander = (packed, at, blocks, out, to) => {
  const half = halfToFloat()
  for (let block = 0; block < blocks; block++, at += 22, to += 32) {
    const d = half[packed[at]! | (packed[at + 1]! << 8)]!
    const fifth = packed[at + 2]! | (packed[at + 3]! << 8) | (packed[at + 4]! << 16) | (packed[at + 5]! << 24)
    for (let j = 0; j < 16; j++) {
      const codes = packed[at + 6 + j]!
      out[to + j] = d * (((codes & 15) | (((fifth >>> j) & 1) << 4)) - 16)
      out[to + 16 + j] = d * (((codes >> 4) | (((fifth >>> (j + 16)) & 1) << 4)) - 16)
    }
  }
}

export const expandQ5_1: BlockExpander = (packed, at, blocks, out, to) => {
  const half = halfToFloat()
  for (let block = 0; block < blocks; block++, at += 24, to += 32) {
    const d = half[packed[at]! | (packed[at + 1]! << 8)]!
    const m = half[packed[at + 2]! | (packed[at + 3]! << 8)]!
    const fifth = packed[at + 4]! | (packed[at + 5]! << 8) | (packed[at + 6]! << 16) | (packed[at + 7]! << 24)
    for (let j = 0; j < 16; j++) {
      const codes = packed[at + 8 + j]!
      out[to + j] = d * ((codes & 15) | (((fifth >>> j) & 1) << 4)) + m
      out[to + 16 + j] = d * ((codes >> 4) | (((fifth >>> (j + 16)) & 1) << 4)) + m
    }
  }
}
