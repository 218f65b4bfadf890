import { refuseWeights } from './refuseWeights.ts'

/** How weights are packed: the block layouts of GGUF, little-endian. f32, f16 and bf16 are blocks of one element. */
export type WeightFormat =
  | 'f32'
  | 'f16'
  | 'bf16'
  | 'q8_0'
  | 'q4_0'
  | 'q4_1'
  | 'q5_0'
  | 'q5_1'
  | 'q4_k'
  | 'q5_k'
  | 'q6_k'

export interface BlockFormat {
  /** Elements of one block; a row is a whole number of blocks. */
  blockElements: number
  /** Bytes of one block. */
  blockBytes: number
  /** The type's number in a GGUF tensor table (`enum ggml_type` in ggml.h). */
  ggufType: number
}

export const blockFormats: Record<WeightFormat, BlockFormat> = {
  f32: { blockElements: 1, blockBytes: 4, ggufType: 0 },
  f16: { blockElements: 1, blockBytes: 2, ggufType: 1 },
  bf16: { blockElements: 1, blockBytes: 2, ggufType: 30 },
  // f16 d, 32 int8
  q8_0: { blockElements: 32, blockBytes: 34, ggufType: 8 },
  // f16 d, 16 bytes of two 4-bit codes
  q4_0: { blockElements: 32, blockBytes: 18, ggufType: 2 },
  // f16 d, f16 m, 16 bytes of two 4-bit codes
  q4_1: { blockElements: 32, blockBytes: 20, ggufType: 3 },
  // f16 d, 32 fifth bits, 16 bytes of two 4-bit codes
  q5_0: { blockElements: 32, blockBytes: 22, ggufType: 6 },
  // f16 d, f16 m, 32 fifth bits, 16 bytes of two 4-bit codes
  q5_1: { blockElements: 32, blockBytes: 24, ggufType: 7 },
  // f16 d, f16 dmin, 8 six-bit scales and minima in 12 bytes, 128 bytes of two 4-bit codes
  q4_k: { blockElements: 256, blockBytes: 144, ggufType: 12 },
  // the same with 32 bytes of fifth bits before the codes
  q5_k: { blockElements: 256, blockBytes: 176, ggufType: 13 },
  // 128 bytes of low nibbles, 64 bytes of high bit pairs, 16 int8 scales, f16 d
  q6_k: { blockElements: 256, blockBytes: 210, ggufType: 14 },
}

export const weightFormats = Object.keys(blockFormats) as WeightFormat[]

export const isWeightFormat = (name: string): name is WeightFormat => Object.hasOwn(blockFormats, name)

/**
 * Bytes that so many elements take in a format.
 * @throws OpentabError `model_refused` when the count is not a whole number of blocks
 */
export function packedBytes(format: WeightFormat, elements: number): number {
  const { blockElements, blockBytes } = blockFormats[format]
  if (!Number.isSafeInteger(elements) || elements < 0 || elements % blockElements !== 0) {
    throw refuseWeights(
      `${elements} elements are not a whole number of ${format} blocks, which have ${blockElements} elements.`,
      'Keep tensors whose rows do not fit the block as f16 or f32.',
    )
  }
  return (elements / blockElements) * blockBytes
}
