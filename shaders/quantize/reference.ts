import { codeRow, packCodes } from '../exact/codes.ts'

/** Codes of whole rows with their scales; shapes as in quantize.wgsl. */
export interface CodedRows {
  codes: Uint32Array<ArrayBuffer>
  scales: Uint32Array<ArrayBuffer>
  exponents: Int32Array<ArrayBuffer>
}

export type CodedRowsShape = { rows: number; n: number; planes: number; limit: number }

/** Rule S3 of the exact lane for every row of x: i32[rows, n]. */
export function quantizeReference(x: Int32Array, shape: CodedRowsShape): CodedRows {
  const { rows, n, limit } = shape
  const codes = new Int32Array(rows * n)
  const scales = new Uint32Array(rows)
  const exponents = new Int32Array(rows)
  for (let row = 0; row < rows; row++) {
    const coded = codeRow(x.subarray(row * n, (row + 1) * n), limit)
    codes.set(coded.codes, row * n)
    scales[row] = coded.scale
    exponents[row] = coded.exponent
  }
  return { codes: packCodes(codes, shape), scales, exponents }
}
