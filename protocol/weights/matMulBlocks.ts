import { blockFormats, type WeightFormat } from './blockFormats.ts'
import { minimumOf, scaleOf } from './expandSuperBlocks.ts'
import { halfToFloat } from './halfFloat.ts'
import { quotedName, refuseWeights } from './refuseWeights.ts'
import type { WeightTensor } from './weightFile.ts'

/**
 * Packed weights as ONNX Runtime's MatMulNBits takes them, without loss: a matrix [N, K] in blocks of 32 or 16 elements
 * along K, each element `scale * (code - middle) + offset` with the middle of the codes' range, 8 or 128. MatMulNBits on
 * WebGPU has no zero points other than whole numbers, so the offsets are a matmul of their own with the sums of each
 * block's inputs: y = MatMulNBits(x) + sums(x) * offsets^T.
 */
export interface MatMulForm {
  bits: 4 | 8
  /** Elements along K that share a scale and an offset. */
  blockElements: 16 | 32
  /** Whether elements have an offset. */
  hasOffsets: boolean
}

const form = (bits: 4 | 8, blockElements: 16 | 32, hasOffsets: boolean): MatMulForm => ({
  bits,
  blockElements,
  hasOffsets,
})

/** The formats that map without loss: all but floats, which have no blocks. */
export const matMulForms: Partial<Record<WeightFormat, MatMulForm>> = {
  q4_0: form(4, 32, false),
  q4_1: form(4, 32, true),
  q5_0: form(8, 32, false),
  q5_1: form(8, 32, true),
  q8_0: form(8, 32, false),
  q4_k: form(4, 32, true),
  q5_k: form(8, 32, true),
  q6_k: form(8, 16, false),
}

/** Locations of a packed graph's external data for a tensor of such a format. */
export const codesOf = (name: string): string => `${name}.codes`
export const scalesOf = (name: string): string => `${name}.scales`
export const offsetsOf = (name: string): string => `${name}.offsets`

/** What a packed graph reads of a tensor. */
export interface MatMulBlocks {
  /** u8[N, K / blockElements, blockElements * bits / 8]; of two 4-bit codes in a byte the first is the low one. */
  codes: Uint8Array<ArrayBuffer>
  /** f32[N * K / blockElements] */
  scales: Float32Array<ArrayBuffer>
  /** f32[N, K / blockElements]; null where the format has none. */
  offsets: Float32Array<ArrayBuffer> | null
}

/**
 * @throws OpentabError `model_refused` for a format that has no such form, or bytes that are not whole blocks
 */
export function matMulBlocks({ name, format, bytes }: Omit<WeightTensor, 'shape'>): MatMulBlocks {
  const form = matMulForms[format]
  const reader = readers[format]
  if (!form || !reader)
    throw refuseWeights(`Tensor ${quotedName(name)} is ${format}, which MatMulNBits cannot hold.`)
  const { blockElements, blockBytes } = blockFormats[format]
  if (bytes.length % blockBytes !== 0) {
    throw refuseWeights(
      `Tensor ${quotedName(name)} has ${bytes.length} bytes, no whole number of ${format} blocks of ${blockBytes}.`,
    )
  }
  const size = form.blockElements
  const groups = blockElements / size
  const blocks = (bytes.length / blockBytes) * groups
  const codes = new Uint8Array((blocks * size * form.bits) / 8)
  const scales = new Float32Array(blocks)
  const offsets = form.hasOffsets ? new Float32Array(blocks) : null
  const group: Group = { codes: new Uint8Array(size), scale: 0, minimum: 0 }
  for (let block = 0, at = 0; block < blocks; block++) {
    reader.read(bytes, Math.floor(block / groups) * blockBytes, block % groups, group)
    scales[block] = group.scale
    if (offsets) offsets[block] = group.minimum + reader.centre * group.scale
    if (form.bits === 4) {
      for (let j = 0; j < size; j += 2) codes[at++] = group.codes[j]! | (group.codes[j + 1]! << 4)
    } else {
      // Codes of five or six bits move to the middle of the eight, so that scale * (code - 128) stays small.
      for (let j = 0; j < size; j++) codes[at++] = group.codes[j]! + 128 - reader.centre
    }
  }
  return { codes, scales, offsets }
}

/** The elements of one block: scale * code + minimum, or scale * (code - centre) in formats without offsets. */
interface Group {
  codes: Uint8Array
  scale: number
  minimum: number
}

interface GroupReader {
  /** The middle of the codes' range. */
  centre: number
  /** Reads group `group` of the block at byte `at`. */
  read(bytes: Uint8Array, at: number, group: number, out: Group): void
}

const half = (bytes: Uint8Array, at: number): number => halfToFloat()[bytes[at]! | (bytes[at + 1]! << 8)]!

/** Blocks with one f16 scale, then an f16 minimum or none, then fifth bits or none, then nibbles j and j + 16. */
const simple = (hasMinimum: boolean, hasFifthBits: boolean): GroupReader => ({
  centre: hasFifthBits ? 16 : 8,
  read(bytes, at, _group, out) {
    out.scale = half(bytes, at)
    out.minimum = hasMinimum ? half(bytes, at + 2) : 0
    const fifthAt = at + (hasMinimum ? 4 : 2)
    const nibblesAt = fifthAt + (hasFifthBits ? 4 : 0)
    const fifth = (j: number): number =>
      hasFifthBits ? ((bytes[fifthAt + (j >> 3)]! >> (j & 7)) & 1) << 4 : 0
    for (let j = 0; j < 16; j++) {
      out.codes[j] = (bytes[nibblesAt + j]! & 15) | fifth(j)
      out.codes[j + 16] = (bytes[nibblesAt + j]! >> 4) | fifth(j + 16)
    }
  },
})

/** Super-blocks of eight groups with six-bit scales and minima; nibbles of 64 elements in 32 bytes. */
const superBlocks = (hasFifthBits: boolean): GroupReader => ({
  centre: hasFifthBits ? 16 : 8,
  read(bytes, at, group, out) {
    out.scale = half(bytes, at) * scaleOf(bytes, at + 4, group)
    out.minimum = -half(bytes, at + 2) * minimumOf(bytes, at + 4, group)
    const nibblesAt = at + (hasFifthBits ? 48 : 16) + 32 * (group >> 1)
    for (let j = 0; j < 32; j++) {
      const nibble = (bytes[nibblesAt + j]! >> (4 * (group & 1))) & 15
      const fifth = hasFifthBits ? ((bytes[at + 16 + j]! >> group) & 1) << 4 : 0
      out.codes[j] = nibble | fifth
    }
  },
})

const readers: Partial<Record<WeightFormat, GroupReader>> = {
  q4_0: simple(false, false),
  q4_1: simple(true, false),
  q5_0: simple(false, true),
  q5_1: simple(true, true),
  q8_0: {
    centre: 0,
    read(bytes, at, _group, out) {
      out.scale = half(bytes, at)
      out.minimum = 0
      // As signed bytes: adding 128 to their unsigned form wraps to the code.
      out.codes.set(bytes.subarray(at + 2, at + 34))
    },
  },
  q4_k: superBlocks(false),
  q5_k: superBlocks(true),
  q6_k: {
    centre: 32,
    read(bytes, at, group, out) {
      out.scale = half(bytes, at + 208) * ((bytes[at + 192 + group]! << 24) >> 24)
      out.minimum = 0
      // Two halves of 128 elements; in each, runs of 32 take bits 2 * run of 32 bytes and nibbles of 64.
      const [half128, run, from] = [group >> 3, (group >> 1) & 3, 16 * (group & 1)]
      for (let j = 0; j < 16; j++) {
        const near = bytes[at + 64 * half128 + 32 * (run & 1) + from + j]!
        const pair = (bytes[at + 128 + 32 * half128 + from + j]! >> (2 * run)) & 3
        out.codes[j] = ((near >> (4 * (run >> 1))) & 15) | (pair << 4)
      }
    },
  },
}
