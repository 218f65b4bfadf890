import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { quotedName, refuseWeights } from '../../../protocol/weights/refuseWeights.ts'
import type { SourceTensor, WeightSource } from '../weightSource.ts'
import { objectOf, readModelFile, textOf } from './modelFiles.ts'
import { openSafetensors, type SafetensorsPart } from './openSafetensors.ts'

/** What stands beside the weights; null where the folder has no such file. */
export interface ModelFiles {
  /** tokenizer.json as it is. */
  tokenizer: Uint8Array | null
  /** tokenizer_config.json. */
  tokenizerConfig: Record<string, unknown> | null
  /** chat_template.jinja, or the `chat_template` of tokenizer_config.json. */
  chatTemplate: string | null
  /** generation_config.json. */
  generationConfig: Record<string, unknown> | null
}

export interface SafetensorsFolder extends WeightSource {
  /** config.json. */
  config: Record<string, unknown>
  files: ModelFiles
}

const ONE_FILE = 'model.safetensors'
const INDEX = 'model.safetensors.index.json'
/** Most parts of one model. The largest published ones have 191. */
const MAX_PARTS = 1024

/**
 * Opens a model folder in the layout of Hugging Face's transformers: config.json and model.safetensors, or
 * model.safetensors.index.json and its parts. The tensors stay on the disk.
 * @throws OpentabError `model_refused` when a file is missing, damaged, or contradicts another
 */
export async function readSafetensorsFolder(folder: string): Promise<SafetensorsFolder> {
  const found = await stat(folder).catch(() => null)
  if (!found?.isDirectory())
    throw refuseWeights(`${folder} is not a folder.`, 'Name the folder that holds config.json.')
  const configBytes = await readModelFile(folder, 'config.json')
  if (!configBytes) {
    throw refuseWeights(
      `${folder} has no config.json.`,
      'Download all files of the model, not the weights alone.',
    )
  }
  const config = objectOf(configBytes, 'config.json')
  const files = await readModelFiles(folder)
  const single = await stat(join(folder, ONE_FILE)).catch(() => null)
  const weights = single ? await openOne(folder) : await openParts(folder)
  return { kind: 'safetensors', ...weights, config, files }
}

type Weights = Pick<WeightSource, 'metadata' | 'tensors' | 'close'>

async function openOne(folder: string): Promise<Weights> {
  const { metadata, tensors, close } = await openSafetensors(join(folder, ONE_FILE))
  return { metadata, tensors: new Map(tensors.map((tensor) => [tensor.name, tensor])), close }
}

async function openParts(folder: string): Promise<Weights> {
  const partOf = await readIndex(folder)
  const names = [...new Set(partOf.values())]
  const parts: SafetensorsPart[] = []
  const close = async () => {
    await Promise.all(parts.map((part) => part.close()))
  }
  const tensors = new Map<string, SourceTensor>()
  try {
    for (const name of names) {
      const part = await openSafetensors(join(folder, name))
      parts.push(part)
      for (const tensor of part.tensors) {
        const listed = partOf.get(tensor.name)
        if (listed !== name) {
          throw refuseWeights(
            `Tensor ${quotedName(tensor.name)} is in ${quotedName(name)}; ${INDEX} lists it ` +
              `${listed === undefined ? 'nowhere' : `in ${quotedName(listed)}`}.`,
            'Download the index and all parts of one revision.',
          )
        }
        tensors.set(tensor.name, tensor)
      }
    }
    for (const [tensor, part] of partOf) {
      if (!tensors.has(tensor)) {
        throw refuseWeights(
          `${INDEX} lists tensor ${quotedName(tensor)} in ${quotedName(part)}, which does not hold it.`,
          'Download the index and all parts of one revision.',
        )
      }
    }
  } catch (error) {
    await close()
    throw error
  }
  return { metadata: parts[0]?.metadata ?? new Map(), tensors, close }
}

/** The part that holds each tensor. */
async function readIndex(folder: string): Promise<Map<string, string>> {
  const bytes = await readModelFile(folder, INDEX)
  if (!bytes) {
    throw refuseWeights(
      `${folder} has neither ${ONE_FILE} nor ${INDEX}.`,
      'Download the safetensors files of the model; pickled .bin files are not read.',
    )
  }
  const map = objectOf(bytes, INDEX).weight_map
  if (typeof map !== 'object' || map === null || Array.isArray(map)) {
    throw refuseWeights(`${INDEX} has no weight_map.`, 'Take another copy of the file.')
  }
  for (const [tensor, part] of Object.entries(map)) {
    // A plain file name: an index must not reach out of its folder.
    if (typeof part !== 'string' || !/^[\w.-]+\.safetensors$/.test(part)) {
      throw refuseWeights(
        `${INDEX} lists tensor ${quotedName(tensor)} in ${quotedName(String(part))}, which is no file name of a part.`,
      )
    }
  }
  const partOf = new Map(Object.entries(map as Record<string, string>))
  const count = new Set(partOf.values()).size
  if (count > MAX_PARTS) throw refuseWeights(`${INDEX} lists ${count} parts; at most ${MAX_PARTS} are read.`)
  return partOf
}

/**
 * What stands in a model's folder beside config.json and the weights.
 * @throws OpentabError `model_refused` when one of them is damaged
 */
export async function readModelFiles(folder: string): Promise<ModelFiles> {
  const [tokenizer, configBytes, templateBytes, generationBytes] = await Promise.all([
    readModelFile(folder, 'tokenizer.json'),
    readModelFile(folder, 'tokenizer_config.json'),
    readModelFile(folder, 'chat_template.jinja'),
    readModelFile(folder, 'generation_config.json'),
  ])
  const tokenizerConfig = configBytes && objectOf(configBytes, 'tokenizer_config.json')
  const generationConfig = generationBytes && objectOf(generationBytes, 'generation_config.json')
  const chatTemplate = templateBytes
    ? textOf(templateBytes, 'chat_template.jinja')
    : templateIn(tokenizerConfig?.chat_template)
  return { tokenizer, tokenizerConfig, chatTemplate, generationConfig }
}

/** `chat_template` is text, or a list of named ones with one called `default`. */
function templateIn(value: unknown): string | null {
  if (value === undefined || value === null) return null
  if (typeof value === 'string') return value
  const named: unknown = Array.isArray(value) ? value.find((each) => each?.name === 'default') : undefined
  const template = (named as { template?: unknown } | undefined)?.template
  if (typeof template === 'string') return template
  throw refuseWeights(
    'The chat_template of tokenizer_config.json is neither text nor a list with a template called "default".',
  )
}
