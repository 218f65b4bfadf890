import type { BlockExpander } from './expandSimpleBlocks.ts'
import { halfToFloatBits } from './halfFloat.ts'

/** The formats without blocks. They move bits, so that NaNs keep theirs. */

export const expandF32: BlockExpander = (packed, at, elements, out, to) => {
  // By bytes, since packed data may stand at any offset; every platform of WebAssembly is little-endian.
  const bytes = new Uint8Array(out.buffer, out.byteOffset + 4 * to, 4 * elements)
  bytes.set(packed.subarray(at, at + 4 * elements))
}

export const expandF16: BlockExpander = (packed, at, elements, out, to) => {
  const table = halfToFloatBits()
  const bits = new Uint32Array(out.buffer, out.byteOffset, out.length)
  for (let i = 0; i < elements; i++, at += 2) bits[to + i] = table[packed[at]! | (packed[at + 1]! << 8)]!
}

export const expandBF16: BlockExpander = (packed, at, elements, out, to) => {
  const bits = new Uint32Array(out.buffer, out.byteOffset, out.length)
  for (let i = 0; i < elements; i++, at += 2) bits[to + i] = (packed[at]! << 16) | (packed[at + 1]! << 24)
}
