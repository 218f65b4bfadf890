import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { refuseWeights } from '../../protocol/weights/refuseWeights.ts'
import { ggufTokenizer } from './gguf/ggufTokenizer.ts'
import { readGguf } from './gguf/readGguf.ts'
import { type ModelWeights, openModelWeights } from './modelWeights.ts'
import { readOnnxExport } from './onnxExport/readOnnxExport.ts'
import { objectOf } from './safetensors/modelFiles.ts'
import { type ModelFiles, readSafetensorsFolder } from './safetensors/readSafetensorsFolder.ts'
import { type TokenizerParts, tokenizerParts } from './tokenizerParts.ts'

/** A language model as its author published it, opened and checked: weights on the disk, the rest read. */
export interface LanguageSource {
  /** In formats that can be stored. */
  weights: ModelWeights
  /** The weights before, where `weights` do not hold all of them to the bit. */
  exact: ModelWeights | null
  text: TokenizerParts
  /** SPDX identifier, where the file names one. */
  licence: string | null
  /** SHA-256 of the GGUF file, or of the sorted list of the model's files with theirs. Reads them all. */
  sha256(): Promise<string>
  close(): Promise<void>
}

/**
 * Opens a GGUF file, a Hugging Face folder, or an ONNX export with past and present inputs.
 * @throws OpentabError `model_refused` when it is damaged, of no known family, or without a tokenizer
 */
export async function openLanguageSource(path: string): Promise<LanguageSource> {
  const found = await stat(path).catch(() => null)
  if (found?.isDirectory()) return openFolder(path)
  return path.toLowerCase().endsWith('.onnx') ? openExport(path) : openGguf(path)
}

async function openGguf(path: string): Promise<LanguageSource> {
  const source = await readGguf(path)
  try {
    const weights = await openModelWeights(source, null)
    const { tokenizer, config, endIds } = ggufTokenizer(source.metadata)
    const { chat_template: template } = config
    const text = tokenizerParts(
      {
        tokenizer,
        config,
        chatTemplate: typeof template === 'string' ? template : null,
        generation: {},
        endIds,
      },
      weights.architecture.vocabulary,
    )
    const licence = source.metadata.get('general.license')
    return {
      weights,
      exact: null,
      text,
      licence: typeof licence === 'string' ? licence : null,
      sha256: () => hashOf(path),
      close: source.close,
    }
  } catch (error) {
    await source.close()
    throw error
  }
}

async function openFolder(folder: string): Promise<LanguageSource> {
  const source = await readSafetensorsFolder(folder)
  try {
    const weights = await openModelWeights(source, source.config)
    const text = textOf(source, weights, folder)
    const paths = (await readdir(folder)).filter(isModelFile).map((name) => join(folder, name))
    return { weights, exact: null, text, licence: null, sha256: () => hashOfAll(paths), close: source.close }
  } catch (error) {
    await source.close()
    throw error
  }
}

async function openExport(path: string): Promise<LanguageSource> {
  const source = await readOnnxExport(path)
  try {
    const weights = await openModelWeights(source, source.config)
    const exact =
      source.exact && (await openModelWeights({ ...source, tensors: source.exact }, source.config))
    const text = textOf(source, weights, dirname(path))
    return { weights, exact, text, licence: null, sha256: () => hashOfAll(source.paths), close: source.close }
  } catch (error) {
    await source.close()
    throw error
  }
}

function textOf(
  { files, config }: { files: ModelFiles; config: Record<string, unknown> },
  { architecture }: ModelWeights,
  folder: string,
): TokenizerParts {
  const { tokenizer, tokenizerConfig, chatTemplate, generationConfig } = files
  if (!tokenizer) {
    throw refuseWeights(
      `${folder} has no tokenizer.json.`,
      'Download it with the weights, or make it with `AutoTokenizer.from_pretrained(...).save_pretrained(...)`.',
    )
  }
  return tokenizerParts(
    {
      tokenizer: objectOf(tokenizer, 'tokenizer.json'),
      bytes: new Uint8Array(tokenizer),
      config: tokenizerConfig ?? {},
      chatTemplate,
      generation: generationConfig ?? {},
      endIds: idsOf(generationConfig?.eos_token_id) ?? idsOf(config.eos_token_id),
    },
    architecture.vocabulary,
  )
}

/** `eos_token_id` is an id or a list of ids. */
function idsOf(value: unknown): number[] | null {
  const ids = Array.isArray(value) ? value : [value]
  return ids.every((id): id is number => typeof id === 'number') ? ids : null
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk)
  return hash.digest('hex')
}

/** The files that an import can read; a README may change without another model coming of it. */
const isModelFile = (name: string): boolean =>
  /\.safetensors$|\.safetensors\.index\.json$/.test(name) ||
  [
    'config.json',
    'tokenizer.json',
    'tokenizer_config.json',
    'generation_config.json',
    'chat_template.jinja',
  ].includes(name)

/** SHA-256 over a line `<sha256>  <name>` for each file, as `sha256sum` prints it, sorted by name. */
async function hashOfAll(paths: readonly string[]): Promise<string> {
  const list = createHash('sha256')
  for (const path of [...paths].sort((a, b) => (basename(a) < basename(b) ? -1 : 1))) {
    if (await stat(path).catch(() => null)) list.update(`${await hashOf(path)}  ${basename(path)}\n`)
  }
  return list.digest('hex')
}
