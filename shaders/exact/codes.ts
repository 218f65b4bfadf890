import { magnitude } from './mulshift.ts'

/** Codes of one row with the scale that they share: x is about code * scale * 2^exponent / limit. */
export interface CodedRow {
  /** i32[n], each within +-limit. */
  codes: Int32Array<ArrayBuffer>
  /** u32 in [2^15, 2^16): M of rule S2. */
  scale: number
  /** i32: E of rule S2. */
  exponent: number
}

/** Rule S3 of the exact lane: a row x i32[n] as codes within +-limit (127: one int8 plane, 2047: two). */
export function codeRow(x: Int32Array, limit: number): CodedRow {
  let most = 0
  for (const value of x) most = Math.max(most, magnitude(value))
  const codes = new Int32Array(x.length)
  if (most === 0) return { codes, scale: 0x8000, exponent: 0 }
  const shift = Math.clz32(most)
  const scale = (most << shift) >>> 16
  for (let at = 0; at < x.length; at++) {
    const size = (magnitude(x[at]!) << shift) >>> 16
    const code = Math.floor((size * limit + (scale >>> 1)) / scale)
    codes[at] = x[at]! < 0 ? -code : code
  }
  return { codes, scale, exponent: 16 - shift }
}

/** Words of one row of codes: whole groups of 32 codes, four codes to a word. */
export const wordsOfRow = (n: number): number => 8 * Math.ceil(n / 32)

/**
 * Rows of codes as the matrix kernels read them. codes: i32[rows, n] row-major; gives u32[planes, rows,
 * 8 * ceil(n / 32)]: four neighbouring codes to a word, low byte first, zero past n. One plane holds the codes
 * themselves (-128..127); of two the first holds code >> 7 and the second code & 127.
 */
export function packCodes(
  codes: ArrayLike<number>,
  { rows, n, planes }: { rows: number; n: number; planes: number },
): Uint32Array<ArrayBuffer> {
  const stride = wordsOfRow(n) * 4
  const bytes = new Int8Array(planes * rows * stride)
  for (let row = 0; row < rows; row++) {
    for (let at = 0; at < n; at++) {
      const code = codes[row * n + at]!
      bytes[row * stride + at] = planes === 1 ? code : code >> 7
      if (planes === 2) bytes[(rows + row) * stride + at] = code & 127
    }
  }
  return new Uint32Array(bytes.buffer)
}

/** The codes i32[rows, n] of packed planes. */
export function unpackCodes(
  words: Uint32Array,
  { rows, n, planes }: { rows: number; n: number; planes: number },
): Int32Array<ArrayBuffer> {
  const stride = wordsOfRow(n) * 4
  const bytes = new Int8Array(words.buffer, words.byteOffset, words.byteLength)
  const codes = new Int32Array(rows * n)
  for (let row = 0; row < rows; row++) {
    for (let at = 0; at < n; at++) {
      const first = bytes[row * stride + at]!
      codes[row * n + at] = planes === 1 ? first : (first << 7) + bytes[(rows + row) * stride + at]!
    }
  }
  return codes
}
