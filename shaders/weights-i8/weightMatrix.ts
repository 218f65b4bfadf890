import { packCodes } from '../exact/codes.ts'

/** Groups of 32 along k. */
export const groupCount = (k: number): number => Math.ceil(k / 32)

export type MatrixSize = { n: number; k: number }

/** Form pc: int8 codes that are the weights themselves. */
export interface PerChannelWeights {
  /** i8[n, k]. */
  codes: Int8Array
}

/** Form g32x4: weight = code * multiplier of its group of 32. */
export interface G32x4Weights {
  /** i8[n, k]. */
  codes: Int8Array
  /** [n, groups], 0..15. */
  multipliers: Uint8Array
}

/** Form q41x8: weight = code * factor + offset of its group of 32. */
export interface Q41x8Weights {
  /** [n, k], 0..15. */
  codes: Uint8Array
  /** i16[n, groups]. */
  factors: Int16Array
  offsets: Int16Array
}

/** The words of rows of int8 codes: u32[n, 8 * groups], zero past k. */
export const packRows = (codes: Int8Array, { n, k }: MatrixSize): Uint32Array<ArrayBuffer> =>
  packCodes(codes, { rows: n, n: k, planes: 1 })

/** The words of 4-bit multipliers: u32[n, ceil(groups / 8)], lowest bits first. */
export function packMultipliers(multipliers: Uint8Array, { n, k }: MatrixSize): Uint32Array<ArrayBuffer> {
  const groups = groupCount(k)
  const stride = Math.ceil(groups / 8)
  const words = new Uint32Array(n * stride)
  for (let row = 0; row < n; row++) {
    for (let group = 0; group < groups; group++) {
      words[row * stride + (group >> 3)]! |= multipliers[row * groups + group]! << ((group & 7) * 4)
    }
  }
  return words
}

/**
 * The words of 4-bit codes: u32[n, 4 * groups], each group as a Q4_1 block of a GGUF has it: byte j holds code j in its
 * low half and code j + 16 in its high half; zero past k.
 */
export function packNibbles(codes: Uint8Array, { n, k }: MatrixSize): Uint32Array<ArrayBuffer> {
  const stride = groupCount(k) * 16
  const bytes = new Uint8Array(n * stride)
  for (let row = 0; row < n; row++) {
    for (let at = 0; at < k; at++) {
      const inGroup = at & 31
      bytes[row * stride + (at >> 5) * 16 + (inGroup & 15)]! |= codes[row * k + at]! << (inGroup & 16 ? 4 : 0)
    }
  }
  return new Uint32Array(bytes.buffer)
}

/** The words of factors and offsets: u32[n, groups], the factor in the low 16 bits. */
export const packFactors = (factors: Int16Array, offsets: Int16Array): Uint32Array<ArrayBuffer> =>
  Uint32Array.from(factors, (factor, at) => (factor & 0xffff) | (offsets[at]! << 16))

/** The integer matrix i32[n, k] that form g32x4 stands for. */
export function g32x4Matrix(
  { codes, multipliers }: G32x4Weights,
  { k }: MatrixSize,
): Int32Array<ArrayBuffer> {
  const groups = groupCount(k)
  return Int32Array.from(codes, (code, at) => code * multipliers[groupOf(at, k, groups)]!)
}

/** The integer matrix i32[n, k] that form q41x8 stands for. */
export function q41x8Matrix(
  { codes, factors, offsets }: Q41x8Weights,
  { k }: MatrixSize,
): Int32Array<ArrayBuffer> {
  const groups = groupCount(k)
  return Int32Array.from(codes, (code, at) => {
    const group = groupOf(at, k, groups)
    return code * factors[group]! + offsets[group]!
  })
}

const groupOf = (at: number, k: number, groups: number): number =>
  Math.floor(at / k) * groups + ((at % k) >> 5)

/**
 * What every matrix kernel of the exact lane gives, by the definition: activations i32[m, k] times the rows of an
 * integer matrix i32[n, k]; gives i32[m, n], sums modulo 2^32 (rule S5; rule S0 promises that none wraps).
 */
export function productOfRows(
  activations: Int32Array,
  matrix: Int32Array | Int8Array,
  { m, n, k }: { m: number; n: number; k: number },
): Int32Array<ArrayBuffer> {
  const accumulators = new Int32Array(m * n)
  for (let row = 0; row < m; row++) {
    for (let column = 0; column < n; column++) {
      let sum = 0
      for (let t = 0; t < k; t++) {
        sum = (sum + Math.imul(activations[row * k + t]!, matrix[column * k + t]!)) | 0
      }
      accumulators[row * n + column] = sum
    }
  }
  return accumulators
}
