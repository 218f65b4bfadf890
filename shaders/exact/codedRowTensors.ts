import { type Tensor, tensorOf } from '../../protocol/tensor.ts'
import type { CodedRows, CodedRowsShape } from '../quantize/reference.ts'
import { wordsOfRow } from './codes.ts'

/** The outputs of a kernel that makes rows of codes. */
export function codedRowTensors(
  { codes, scales, exponents }: CodedRows,
  { rows, n, planes }: CodedRowsShape,
): Tensor[] {
  return [
    tensorOf('codes', 'UINT32', [planes, rows, wordsOfRow(n)], codes),
    tensorOf('scales', 'UINT32', [rows], scales),
    tensorOf('exponents', 'INT32', [rows], exponents),
  ]
}
