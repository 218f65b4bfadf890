import { OpentabError } from '../../protocol/errors.ts'
import { expandBlocks, expandRows } from '../../protocol/weights/expandBlocks.ts'
import {
  codesOf,
  matMulBlocks,
  matMulForms,
  offsetsOf,
  scalesOf,
} from '../../protocol/weights/matMulBlocks.ts'
import type { WeightTensor } from '../../protocol/weights/weightFile.ts'

/** A file of external data of an ONNX graph. */
export interface ExternalFile {
  /** The location that the graph names. */
  path: string
  data: Uint8Array
}

/**
 * External data that are made when ONNX Runtime asks for them, tensor by tensor, so that a stage's expanded weights are
 * never all there beside the copy in its own memory. ONNX Runtime Web takes a Uint8Array, reads its `byteLength` and
 * copies a `subarray` of it before it asks for the next one (stageWeights.test.ts notices when that changes).
 */
class BytesOnDemand extends Uint8Array {
  readonly #make: () => Uint8Array<ArrayBuffer>

  constructor(byteLength: number, make: () => Uint8Array<ArrayBuffer>) {
    super()
    this.#make = make
    Object.defineProperty(this, 'byteLength', { value: byteLength })
  }

  override subarray(begin?: number, end?: number): Uint8Array<ArrayBuffer> {
    return this.#make().subarray(begin, end)
  }
}

/** Elements of a tensor. */
const elements = ({ shape }: WeightTensor): number => shape.reduce((product, size) => product * size, 1)

/** Everything that a stage's graphs may read: each tensor expanded to f32, and the parts of MatMulNBits' form. */
export function externalFiles(tensors: Iterable<WeightTensor>): ExternalFile[] {
  /** Expanded values of the tensor that was asked for last: one buffer for all, as large as the largest. */
  let scratch = new Float32Array(0)
  const expanded = (tensor: WeightTensor): Uint8Array<ArrayBuffer> => {
    const count = elements(tensor)
    if (scratch.length < count) scratch = new Float32Array(count)
    const values = scratch.subarray(0, count)
    expandBlocks(tensor.format, tensor.bytes, values)
    return new Uint8Array(values.buffer, 0, values.byteLength)
  }
  let latest: { name: string; blocks: ReturnType<typeof matMulBlocks> } | null = null
  const blocksOf = (tensor: WeightTensor): ReturnType<typeof matMulBlocks> => {
    if (latest?.name !== tensor.name) latest = { name: tensor.name, blocks: matMulBlocks(tensor) }
    return latest.blocks
  }
  const bytesOf = (array: ArrayBufferView<ArrayBuffer>): Uint8Array<ArrayBuffer> =>
    new Uint8Array(array.buffer, array.byteOffset, array.byteLength)

  const files: ExternalFile[] = []
  for (const tensor of tensors) {
    const { name, format } = tensor
    const count = elements(tensor)
    const add = (path: string, bytes: number, make: () => Uint8Array<ArrayBuffer>): void =>
      void files.push({ path, data: new BytesOnDemand(bytes, make) })
    add(name, count * 4, () => expanded(tensor))
    const form = matMulForms[format]
    if (!form) continue
    const blocks = count / 32
    add(codesOf(name), (count * form.bits) / 8, () => bytesOf(blocksOf(tensor).codes))
    add(scalesOf(name), blocks * 4, () => bytesOf(blocksOf(tensor).scales))
    if (form.hasOffsets) add(offsetsOf(name), blocks * 4, () => bytesOf(blocksOf(tensor).offsets!))
  }
  return files
}

/** The embedding, packed as the weight file has it. */
export interface EmbeddingTable {
  /** f32[ids.length, width]: rows of tokens, times the model's factor. @throws OpentabError `invalid_value` for an unknown id */
  rows(ids: Int32Array): Float32Array
}

/**
 * The embedding of the stage that begins a model; its packed bytes are copied, so that the file can be let go.
 * @throws OpentabError `model_failed` when the file does not hold it
 */
export function embeddingTable(
  what: string,
  embedding: string,
  tensors: ReadonlyMap<string, WeightTensor>,
  { vocabulary, width, embeddingScale }: { vocabulary: number; width: number; embeddingScale: number },
): EmbeddingTable {
  const tensor = tensors.get(embedding)
  if (tensor?.shape[0] !== vocabulary || tensor.shape[1] !== width) {
    throw new OpentabError(
      'model_failed',
      `The weight file of ${what} has ${tensor ? `[${tensor.shape.join(',')}]` : 'nothing'} as ${embedding} and should have [${vocabulary},${width}].`,
    )
  }
  const { format } = tensor
  const packed = tensor.bytes.slice()
  return {
    rows(ids) {
      const values = expandRows(format, packed, width, ids)
      if (embeddingScale !== 1) for (let i = 0; i < values.length; i++) values[i]! *= embeddingScale
      return values
    },
  }
}
