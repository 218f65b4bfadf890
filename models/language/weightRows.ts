import { packedBytes, type WeightFormat } from '../../protocol/weights/blockFormats.ts'

/**
 * Rows of a packed matrix, from the order in which interleaved rotary pairs stand next to each other (elements 2i and
 * 2i + 1 of a head) to the one in which they are half a head apart (i and i + headSize / 2): what GGUF files of the
 * llama family hold, and what the graphs and every other family take. Rows are packed one by one, so nothing is lost.
 * @param packed u8[heads * headSize rows]
 */
export function halfSplitRows(
  packed: Uint8Array,
  format: WeightFormat,
  [rows, rowElements]: readonly [number, number],
  headSize: number,
): Uint8Array {
  const rowBytes = packedBytes(format, rowElements)
  const half = headSize / 2
  const out = new Uint8Array(packed.length)
  for (let row = 0; row < rows; row++) {
    const head = row - (row % headSize)
    const inHead = row % headSize
    const from = head + (inHead < half ? 2 * inHead : 2 * (inHead - half) + 1)
    out.set(packed.subarray(from * rowBytes, (from + 1) * rowBytes), row * rowBytes)
  }
  return out
}
