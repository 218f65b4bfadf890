import { blockFormats, type WeightFormat, weightFormats } from '../../../protocol/weights/blockFormats.ts'

/** Numbers and limits of the GGUF file format. Source: docs/gguf.md of ggml, gguf.cpp and ggml.h. */

/** "GGUF" in ASCII. */
export const GGUF_MAGIC = [0x47, 0x47, 0x55, 0x46] as const
/** Versions that are read. 1 counted in 32 bits and was in use for a few weeks of 2023. */
export const GGUF_VERSIONS = { from: 2, to: 3 } as const
/** Alignment of tensor data without `general.alignment`, bytes. */
export const DEFAULT_ALIGNMENT = 32
/** Largest alignment, bytes: a page of the largest kind in use on desktop systems. */
export const MAX_ALIGNMENT = 65_536
/** Most dimensions of a tensor (GGML_MAX_DIMS). */
export const MAX_DIMENSIONS = 4
/** Most tensors. A mixture of 256 experts in 60 layers has 1,000 in GGUF, which stacks experts. */
export const MAX_TENSORS = 65_536
/** Most key-value pairs. Real files have some dozens. */
export const MAX_METADATA_KEYS = 4096
/** Most elements of all metadata arrays together. Gemma's vocabulary with types and scores has 790,000. */
export const MAX_ARRAY_ELEMENTS = 8_000_000
/** Largest header, bytes. Gemma's has 7 MB. */
export const MAX_GGUF_HEADER_BYTES = 64 * 1024 * 1024
/** Longest key of a pair, bytes; the format's own limit. */
export const MAX_KEY_BYTES = 65_535
/** Longest text, bytes. Chat templates reach 20 kB. */
export const MAX_TEXT_BYTES = 4 * 1024 * 1024

/** Value types by number (enum gguf_type). */
export const ggufValueTypes = [
  'u8',
  'i8',
  'u16',
  'i16',
  'u32',
  'i32',
  'f32',
  'bool',
  'string',
  'array',
  'u64',
  'i64',
  'f64',
] as const
export type GgufValueType = (typeof ggufValueTypes)[number]

/** Fewest bytes that a value of each type takes; a text has at least its length. */
export const valueBytes: Record<GgufValueType, number> = {
  u8: 1,
  i8: 1,
  u16: 2,
  i16: 2,
  u32: 4,
  i32: 4,
  f32: 4,
  bool: 1,
  string: 8,
  array: 12,
  u64: 8,
  i64: 8,
  f64: 8,
}

export const formatOfGgufType = new Map<number, WeightFormat>(
  weightFormats.map((format) => [blockFormats[format].ggufType, format]),
)

/** Names of the tensor types that are not read (enum ggml_type), for messages. */
export const otherGgufTypes: ReadonlyMap<number, string> = new Map([
  [4, 'Q4_2'],
  [5, 'Q4_3'],
  [9, 'Q8_1'],
  [10, 'Q2_K'],
  [11, 'Q3_K'],
  [15, 'Q8_K'],
  [16, 'IQ2_XXS'],
  [17, 'IQ2_XS'],
  [18, 'IQ3_XXS'],
  [19, 'IQ1_S'],
  [20, 'IQ4_NL'],
  [21, 'IQ3_S'],
  [22, 'IQ2_S'],
  [23, 'IQ4_XS'],
  [24, 'I8'],
  [25, 'I16'],
  [26, 'I32'],
  [27, 'I64'],
  [28, 'F64'],
  [29, 'IQ1_M'],
  [34, 'TQ1_0'],
  [35, 'TQ2_0'],
  [39, 'MXFP4'],
  [40, 'NVFP4'],
  [41, 'Q1_0'],
])
