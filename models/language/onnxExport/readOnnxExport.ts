import { readFile, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { fromBinary } from '@bufbuild/protobuf'
import { type GraphProto, ModelProtoSchema, type NodeProto } from 'onnx-buf'
import { quotedName, refuseWeights } from '../../../protocol/weights/refuseWeights.ts'
import { MAX_MODEL_BYTES } from '../../onnx/limits.ts'
import { notOnnx } from '../../onnx/scanModel.ts'
import { objectOf, readModelFile } from '../safetensors/modelFiles.ts'
import { type ModelFiles, readModelFiles } from '../safetensors/readSafetensorsFolder.ts'
import type { SourceTensor, WeightSource } from '../weightSource.ts'
import { exportTensors } from './exportTensors.ts'
import { Initializers } from './initializers.ts'

/** A language model in an ONNX file with past and present inputs, and what stands beside it. */
export interface OnnxExport extends WeightSource {
  /** config.json, with whether the head is the embedding as the export has it. */
  config: Record<string, unknown>
  files: ModelFiles
  /** The same tensors with the values that ONNX Runtime would compute with, where `tensors` do not hold them. */
  exact: ReadonlyMap<string, SourceTensor> | null
  /** Every file that was read, for its hash. */
  paths: readonly string[]
}

/** A name that only such files have: the first layer's cache. */
const PAST = 'past_key_values.0.key'

/** Whether an ONNX file is a language model with a cache. Looks for the input's name, without decoding. */
export async function isOnnxExport(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => null)
  if (!found?.isFile() || found.size > MAX_MODEL_BYTES) return false
  return (await readFile(path)).includes(PAST)
}

/**
 * Opens an export in the layout of onnxruntime-genai's model builder, which Hugging Face's ONNX community publishes:
 * GroupQueryAttention, MatMul or MatMulNBits, float32 or float16, with config.json and tokenizer.json in its folder or
 * the one above. Only its weights are taken; the graphs are built anew from the family's row.
 * @throws OpentabError `model_refused` naming the node, tensor or file that cannot be served
 */
export async function readOnnxExport(path: string): Promise<OnnxExport> {
  const graph = decode(await readFile(path))
  requireCache(graph)
  const folder = await folderOfConfig(path)
  const files = await readModelFiles(folder)
  const configBytes = await readModelFile(folder, 'config.json')
  const config = objectOf(configBytes!, 'config.json')
  const initializers = new Initializers(graph, dirname(path))
  try {
    const { kept, exact, isTied } = await exportTensors(graph, initializers)
    const tensors = new Map(kept.map((tensor) => [tensor.name, tensor]))
    return {
      kind: 'onnx',
      metadata: new Map(),
      tensors,
      exact:
        exact.length === 0 ? null : new Map([...tensors, ...exact.map((each) => [each.name, each] as const)]),
      config: { ...config, tie_word_embeddings: isTied },
      files,
      paths: [
        path,
        ...initializers.locations.map((name) => join(dirname(path), name)),
        ...['config.json', 'tokenizer.json', 'tokenizer_config.json'].map((name) => join(folder, name)),
      ],
      close: () => initializers.close(),
    }
  } catch (error) {
    await initializers.close()
    throw error
  }
}

function decode(bytes: Uint8Array): GraphProto {
  let graph: GraphProto | undefined
  try {
    graph = fromBinary(ModelProtoSchema, bytes, { readUnknownFields: false }).graph
  } catch (error) {
    throw notOnnx(error instanceof Error ? error.message : String(error))
  }
  if (!graph) throw refuseWeights('The file holds no graph.', 'Export the model again.')
  return graph
}

/** Inputs and attention nodes that the graphs built here can stand for. */
function requireCache({ input, node }: GraphProto): void {
  for (const { name } of input) {
    const known = /^(input_ids|attention_mask|position_ids|past_key_values\.\d+\.(key|value))$/.test(name)
    if (!known) {
      throw refuseWeights(
        `The export has the input ${quotedName(name)}; input_ids, attention_mask, position_ids and past_key_values are known.`,
        'Choose the text decoder of the model, with its embedding.',
      )
    }
  }
  const attention = node.filter(({ opType }) => /Attention/.test(opType))
  if (attention.length === 0) {
    throw refuseWeights(
      'The export has no attention operator; only those with GroupQueryAttention are read.',
      'Export it with onnxruntime-genai, or import its safetensors folder.',
    )
  }
  for (const each of attention) requirePlainAttention(each)
}

function requirePlainAttention({ opType, name, attribute, input }: NodeProto): void {
  const refuse = (what: string): never => {
    throw refuseWeights(
      `${opType} ${quotedName(name)} ${what}.`,
      'Import the safetensors folder of the model instead.',
    )
  }
  if (opType !== 'GroupQueryAttention') refuse('is not served; only GroupQueryAttention is read')
  const integer = (key: string): number => Number(attribute.find((each) => each.name === key)?.i ?? 0)
  if (integer('rotary_interleaved') !== 0) refuse('turns interleaved pairs, which no family here does')
  if ((attribute.find((each) => each.name === 'softcap')?.f ?? 0) !== 0) refuse('caps its scores')
  if (integer('smooth_softmax') === 1 || input.slice(9).some((each) => each !== '')) {
    refuse('has inputs or options that the graphs here do not have')
  }
}

/** The folder that holds config.json: the file's own, or the one above, where transformers.js looks. */
async function folderOfConfig(path: string): Promise<string> {
  const own = dirname(path)
  for (const folder of [own, dirname(own)]) {
    if ((await stat(join(folder, 'config.json')).catch(() => null))?.isFile()) return folder
  }
  throw refuseWeights(
    `There is no config.json beside ${basename(path)} or in the folder above.`,
    'Download all files of the model, not the ONNX file alone.',
  )
}
