import { blockFormats, type WeightFormat } from '../../../protocol/weights/blockFormats.ts'
import { floatToHalf, halfToFloat } from '../../../protocol/weights/halfFloat.ts'
import { refuseWeights } from '../../../protocol/weights/refuseWeights.ts'

/** A matrix [rows, columns] as MatMulNBits and GatherBlockQuantized have it: (code - zero) * scale in blocks of a row. */
export interface BlockMatrix {
  /** For messages. */
  name: string
  rows: number
  columns: number
  bits: 4 | 8
  blockElements: number
  /** u8: codes of a row one after the other; of two 4-bit codes in a byte the first is the low one. */
  codes: Uint8Array
  /** f32[rows * columns / blockElements] */
  scales: Float32Array
  /** u8 codes like those of `codes`, one for each block, rows filled up to whole bytes; null for the middle, 8 or 128. */
  zeros: Uint8Array | null
}

/** The matrix as f32[rows * columns]: what ONNX Runtime computes with. */
export function expandMatrix(matrix: BlockMatrix): Float32Array<ArrayBuffer> {
  const { rows, columns, blockElements, scales } = matrix
  const out = new Float32Array(rows * columns)
  const perRow = columns / blockElements
  for (let i = 0; i < out.length; i++) {
    const [row, column] = [Math.floor(i / columns), i % columns]
    const block = row * perRow + Math.floor(column / blockElements)
    out[i] = (codeAt(matrix, i) - zeroOf(matrix, row, block)) * scales[block]!
  }
  return out
}

/** How a matrix goes into GGUF's blocks. */
export interface Repacking {
  format: Extract<WeightFormat, 'q4_0' | 'q4_1' | 'q8_0'>
  /** Whether every element keeps its value: scales and minima of GGUF's blocks are halves. */
  isLossless: boolean
}

/**
 * The format that has room for the zeros; null where none has: blocks smaller than 32, or 8-bit codes around another
 * zero than the middle. Needs scales and zeros only.
 * @throws OpentabError `model_refused` for a scale past the largest half
 */
export function repackingOf(matrix: Omit<BlockMatrix, 'codes'>): Repacking | null {
  const { columns, bits, blockElements, scales, name } = matrix
  if (blockElements % 32 !== 0 || columns % 32 !== 0) return null
  const perRow = columns / blockElements
  let isCentred = true
  let isLossless = true
  for (const [block, scale] of scales.entries()) {
    const zero = zeroOf(matrix, Math.floor(block / perRow), block)
    if (zero !== middleOf(matrix)) isCentred = false
    for (const value of [scale, zero * scale]) {
      if (!(Math.abs(value) <= 65_504))
        throw refuseWeights(`A scale of ${name} is ${scale}, past the largest half.`)
    }
    isLossless &&= isHalf(scale) && (zero === middleOf(matrix) || isHalf(zero * scale))
  }
  if (bits === 8) return isCentred ? { format: 'q8_0', isLossless } : null
  return isCentred
    ? { format: 'q4_0', isLossless }
    : { format: 'q4_1', isLossless: isLossless && scales.every((scale) => isHalf(8 * scale)) }
}

/** u8[rows * bytes of a row] in that format. */
export function repackMatrix(matrix: BlockMatrix, { format }: Repacking): Uint8Array<ArrayBuffer> {
  const { rows, columns, blockElements, scales } = matrix
  const perRow = columns / blockElements
  const { blockBytes } = blockFormats[format]
  const bytes = new Uint8Array((rows * columns * blockBytes) / 32)
  const putHalf = (at: number, value: number): void => {
    const half = floatToHalf(value)
    bytes[at] = half & 255
    bytes[at + 1] = half >> 8
  }
  for (let from = 0, at = 0; at < bytes.length; from += 32, at += blockBytes) {
    const row = Math.floor(from / columns)
    const block = row * perRow + Math.floor((from % columns) / blockElements)
    putHalf(at, scales[block]!)
    if (format === 'q8_0') {
      // To signed bytes.
      for (let j = 0; j < 32; j++) bytes[at + 2 + j] = codeAt(matrix, from + j) - 128
      continue
    }
    if (format === 'q4_1') putHalf(at + 2, -zeroOf(matrix, row, block) * scales[block]!)
    const codesAt = at + blockBytes - 16
    for (let j = 0; j < 16; j++) {
      bytes[codesAt + j] = codeAt(matrix, from + j) | (codeAt(matrix, from + 16 + j) << 4)
    }
  }
  return bytes
}

const isHalf = (value: number): boolean => halfToFloat()[floatToHalf(value)] === Math.fround(value)

const middleOf = ({ bits }: Pick<BlockMatrix, 'bits'>): number => (bits === 4 ? 8 : 128)

const codeAt = ({ codes, bits }: BlockMatrix, i: number): number =>
  bits === 8 ? codes[i]! : (codes[i >> 1]! >> (4 * (i & 1))) & 15

function zeroOf(matrix: Omit<BlockMatrix, 'codes'>, row: number, block: number): number {
  const { zeros, bits, columns, blockElements } = matrix
  if (!zeros) return middleOf(matrix)
  if (bits === 8) return zeros[block]!
  const perRow = columns / blockElements
  const inRow = block - row * perRow
  return (zeros[row * Math.ceil(perRow / 2) + (inRow >> 1)]! >> (4 * (inRow & 1))) & 15
}
