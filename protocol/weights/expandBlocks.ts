import { OpentabError } from '../errors.ts'
import { blockFormats, packedBytes, type WeightFormat } from './blockFormats.ts'
import { expandBF16, expandF16, expandF32 } from './expandFloats.ts'
import {
  type BlockExpander,
  expandQ4_0,
  expandQ4_1,
  expandQ5_0,
  expandQ5_1,
  expandQ8_0,
} from './expandSimpleBlocks.ts'
import { expandQ4_K, expandQ5_K, expandQ6_K } from './expandSuperBlocks.ts'
import { refuseWeights } from './refuseWeights.ts'

const expanders: Record<WeightFormat, BlockExpander> = {
  f32: expandF32,
  f16: expandF16,
  bf16: expandBF16,
  q8_0: expandQ8_0,
  q4_0: expandQ4_0,
  q4_1: expandQ4_1,
  q5_0: expandQ5_0,
  q5_1: expandQ5_1,
  q4_k: expandQ4_K,
  q5_k: expandQ5_K,
  q6_k: expandQ6_K,
}

/**
 * Packed weights as f32, bit for bit what llama.cpp's dequantisation to f32 gives.
 * @param packed whole blocks, u8[blocks * blockBytes]
 * @param out f32[blocks * blockElements]; made when absent
 * @throws OpentabError `model_refused` when the bytes are not whole blocks or `out` has another length
 */
export function expandBlocks(format: WeightFormat, packed: Uint8Array, out?: Float32Array): Float32Array {
  const { blockElements, blockBytes } = blockFormats[format]
  if (packed.length % blockBytes !== 0) {
    throw refuseWeights(
      `${packed.length} bytes are not a whole number of ${format} blocks, which have ${blockBytes} bytes.`,
    )
  }
  const blocks = packed.length / blockBytes
  const target = outputOf(blocks * blockElements, out)
  expanders[format](packed, 0, blocks, target, 0)
  return target
}

/**
 * Some rows of a packed matrix as f32: an embedding look-up.
 * @param packed u8[rows * bytes of a row]
 * @param rowElements elements of one row, a whole number of blocks
 * @param rowIds the rows to expand, in this order; one may come twice
 * @param out f32[rowIds.length, rowElements]; made when absent
 * @throws OpentabError `model_refused` when the sizes contradict each other, `invalid_value` for a row that is not there
 */
export function expandRows(
  format: WeightFormat,
  packed: Uint8Array,
  rowElements: number,
  rowIds: Int32Array,
  out?: Float32Array,
): Float32Array {
  const { blockElements } = blockFormats[format]
  const rowBytes = packedBytes(format, rowElements)
  if (rowBytes === 0 || packed.length % rowBytes !== 0) {
    throw refuseWeights(`${packed.length} bytes are not a whole number of rows of ${rowElements} ${format}.`)
  }
  const rows = packed.length / rowBytes
  const target = outputOf(rowIds.length * rowElements, out)
  const blocks = rowElements / blockElements
  const expand = expanders[format]
  for (let i = 0; i < rowIds.length; i++) {
    const row = rowIds[i]!
    if (row < 0 || row >= rows) {
      throw new OpentabError('invalid_value', `Row ${row} was asked of a table of ${rows} rows.`, {
        fix: `Send token ids from 0 to ${rows - 1}.`,
      })
    }
    expand(packed, row * rowBytes, blocks, target, i * rowElements)
  }
  return target
}

function outputOf(elements: number, out: Float32Array | undefined): Float32Array {
  if (out === undefined) return new Float32Array(elements)
  if (out.length !== elements) {
    throw refuseWeights(`${elements} elements were to be expanded into an array of ${out.length}.`)
  }
  return out
}
