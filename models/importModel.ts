import { stat } from 'node:fs/promises'
import { OpentabError } from '../protocol/errors.ts'
import type { ServedModel, Tolerance } from '../protocol/manifest.ts'
import { catalogueEntry } from './catalogue.ts'
import { importOnnx } from './importOnnx.ts'
import { GGUF_MAGIC } from './language/gguf/ggufLayout.ts'
import { importLanguageModel, type LanguageImportOptions } from './language/importLanguageModel.ts'
import { isOnnxExport } from './language/onnxExport/readOnnxExport.ts'
import { openRangeFile } from './language/rangeFile.ts'
import { refuseNoModelFile, refuseNoModelFolder } from './refuseNoModel.ts'

export interface ImportModelOptions extends LanguageImportOptions {
  /** Of a plain ONNX file: how far a recomputed output may be off. */
  tolerance?: Tolerance
}

/** What a path can be imported as. */
export type ImportKind = 'language' | 'onnx'

/**
 * Imports what a path holds: a GGUF file, a Hugging Face folder or an ONNX export with past and present inputs as a
 * language model, any other file as plain ONNX.
 * @throws OpentabError as `importLanguageModel` and `importOnnx`, and `invalid_value` for an option that goes with
 * another kind of model
 */
export async function importModel(path: string, options: ImportModelOptions): Promise<ServedModel> {
  if (catalogueEntry(options.name)) {
    throw new OpentabError('invalid_value', `${options.name} is the name of a model of the catalogue.`, {
      param: 'name',
      fix: `Choose another name, or get that model with: opentab models pull ${options.name}.`,
    })
  }
  const kind = await kindOf(path)
  requireOptions(options, kind)
  return kind === 'onnx'
    ? importOnnx(path, { ...options, shards: options.stages })
    : importLanguageModel(path, options)
}

async function kindOf(path: string): Promise<ImportKind> {
  const found = await stat(path).catch(() => null)
  if (!found) {
    throw new OpentabError('invalid_value', `There is no file ${path}.`, {
      param: 'file',
      fix: 'Check the path.',
    })
  }
  if (found.isDirectory()) await refuseNoModelFolder(path)
  else if (found.isFile()) await refuseNoModelFile(path)
  if (found.isDirectory() || path.toLowerCase().endsWith('.gguf')) return 'language'
  const isLanguage = found.isFile() && ((await beginsAsGguf(path)) || (await isOnnxExport(path)))
  return isLanguage ? 'language' : 'onnx'
}

async function beginsAsGguf(path: string): Promise<boolean> {
  const file = await openRangeFile(path)
  try {
    const start = await file.read(0, Math.min(GGUF_MAGIC.length, file.bytes))
    return GGUF_MAGIC.every((byte, i) => start[i] === byte)
  } finally {
    await file.close()
  }
}

function requireOptions(options: ImportModelOptions, kind: ImportKind): void {
  const misplaced =
    kind === 'onnx'
      ? (['stageBytes', 'quantise', 'contextTokens'] as const).filter((key) => options[key] !== undefined)
      : (['tolerance'] as const).filter((key) => options[key] !== undefined)
  if (misplaced.length === 0) return
  const flags = {
    stageBytes: 'shard-mb',
    quantise: 'quantize',
    contextTokens: 'context',
    tolerance: 'rtol',
  }
  const param = flags[misplaced[0]!]
  throw new OpentabError(
    'invalid_value',
    kind === 'onnx'
      ? `--${param} is for language models; this is a plain ONNX file.`
      : `--${param} is for plain ONNX files; this is a language model.`,
    { param, fix: 'Leave it out.' },
  )
}
