import { basename } from 'node:path'
import { OpentabError } from '../../protocol/errors.ts'
import type {
  LanguageModel,
  LanguageStage,
  QuantisationChange,
  SamplingDefaults,
} from '../../protocol/language.ts'
import type { Manifest, ServedModel, Shard } from '../../protocol/manifest.ts'
import { packedBytes } from '../../protocol/weights/blockFormats.ts'
import { blobsFolderOf, sweepTemporaryFiles, writeNewBlob } from '../blobStore.ts'
import { blobsOf, checkModelName, readManifest, writeManifest } from '../manifestStore.ts'
import { setUnusedBlobsAside } from '../removedBlobs.ts'
import { removeUnusedBlobs } from '../removeUnusedBlobs.ts'
import { layerMultiplyAdds } from './architecture.ts'
import type { measureChange } from './measure/measureChange.ts'
import type { ModelWeights } from './modelWeights.ts'
import { type LanguageSource, openLanguageSource } from './openLanguageSource.ts'
import { quantiseWeights } from './quantiseWeights.ts'
import { planStages, type StagePlan } from './stages/planStages.ts'
import { stageWeights } from './stages/stageWeights.ts'
import { writeStage } from './stages/writeStage.ts'
import { weightsRoot } from './weightsRoot.ts'

/** Longest sequence that a model is served with unless more is asked for: tables and caches grow with it, tokens. */
export const DEFAULT_CONTEXT_TOKENS = 8192

export interface LanguageImportOptions extends StagePlan {
  dataFolder: string
  /** The name that requesters use. */
  name: string
  /** Whether a model of that name from another file is replaced. */
  replace?: boolean
  /** SPDX identifier; the file's own, or `unknown`, when not given. */
  licence?: string
  /** Where it came from, for people; the file's name when not given. */
  source?: string
  /** Bits of the weights' blocks; as the source has them when not given. */
  quantise?: 4 | 8
  /** Longest sequence, tokens; the model's own, at most 8192, when not given. */
  contextTokens?: number
  /** How tokens are picked unless a request says otherwise, as the model's card has it; goes before what its files say. */
  sampling?: SamplingDefaults
  onProgress?: (progress: LanguageImportProgress) => void
}

/** How far an import is, in bytes of the stored weights: first written, then, where they changed, measured twice. */
export interface LanguageImportProgress {
  bytesDone: number
  bytesTotal: number
  step: 'cutting' | 'measuring'
}

/**
 * Imports a GGUF file, a Hugging Face folder or an ONNX export as a model of kind `chat`, cut into stages. The same file with the same
 * options gives the same manifest to the byte.
 * @throws OpentabError `model_refused` with the reason; `invalid_value` for a name or an option that cannot be used;
 * `storage_full`. Whatever goes wrong, the data folder is as it was
 */
export async function importLanguageModel(
  path: string,
  options: LanguageImportOptions,
): Promise<ServedModel> {
  checkModelName(options.name)
  const source = await openLanguageSource(path)
  const written: Shard[] = []
  try {
    const before = await readManifest(options.dataFolder, options.name).catch(() => undefined)
    const sourceSha256 = await source.sha256()
    if (before && !options.replace && before.manifest.language?.sourceSha256 !== sourceSha256)
      throw taken(options.name)
    const manifest = await build(source, sourceSha256, path, options, written)
    const model = await writeManifest(options.dataFolder, manifest)
    if (before) await setUnusedBlobsAside(options.dataFolder, blobsOf(before.manifest))
    return model
  } catch (error) {
    await discard(options.dataFolder, written)
    throw isDiskFull(error) ? diskFull(options.dataFolder) : error
  } finally {
    await source.close()
  }
}

async function build(
  { weights: original, exact, text, licence }: LanguageSource,
  sourceSha256: string,
  path: string,
  options: LanguageImportOptions,
  written: Shard[],
): Promise<Manifest> {
  const { architecture: a } = original
  const weights = options.quantise ? quantiseWeights(original, options.quantise) : original
  const contextTokens = contextOf(options, a.contextTokens)
  const folder = blobsFolderOf(options.dataFolder)
  await sweepTemporaryFiles(folder)
  const store = async (content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Shard> => {
    const { wasThere, ...blob } = await writeNewBlob(folder, content)
    if (!wasThere) written.push(blob)
    return blob
  }
  const outlines = planStages(weights, contextTokens, options)
  const bytesTotal = outlines
    .flatMap((outline) => stageWeights(weights, outline))
    .reduce((sum, { format, shape }) => sum + packedBytes(format, product(shape)), 0)
  let bytesDone = 0
  const stages: LanguageStage[] = []
  for (const outline of outlines) {
    stages.push(
      await writeStage(weights, outline, store, (bytes) => {
        bytesDone += bytes
        options.onProgress?.({ bytesDone, bytesTotal, step: 'cutting' })
      }),
    )
  }
  const measured = (share: number): void =>
    options.onProgress?.({ bytesDone: share * 2 * bytesTotal, bytesTotal: 2 * bytesTotal, step: 'measuring' })
  const language: LanguageModel = {
    family: a.family,
    layers: a.layers,
    width: a.width,
    heads: a.heads,
    kvHeads: a.kvHeads,
    headSize: a.headSize,
    feedForward: a.feedForward,
    vocabulary: a.vocabulary,
    contextTokens,
    embeddingScale: a.embeddingScale,
    windows: a.windows,
    layerMultiplyAdds: Array.from({ length: a.layers }, () => layerMultiplyAdds(a)),
    stages,
    hidden: 'f32',
    tokenizer: await store([text.tokenizer]),
    chatTemplate:
      text.chatTemplate === null ? null : await store([new TextEncoder().encode(text.chatTemplate)]),
    generation: { ...text.generation, ...options.sampling },
    weightsRoot: await weightsRoot(stages.map((stage) => stage.weights.sha256)),
    sourceSha256,
    measured:
      exact || changed(original, weights) ? await measure(exact ?? original, weights, text, measured) : null,
  }
  return {
    v: 1,
    id: options.name,
    kind: 'chat',
    graphs: [],
    language,
    files: { 'tokenizer_config.json': await store([text.config]) },
    licence: options.licence ?? licence ?? 'unknown',
    source: options.source ?? `imported from ${basename(path)}`,
  }
}

const product = (shape: readonly number[]): number => shape.reduce((all, size) => all * size, 1)

function contextOf({ contextTokens }: LanguageImportOptions, most: number): number {
  if (contextTokens === undefined) return Math.min(most, DEFAULT_CONTEXT_TOKENS)
  if (Number.isInteger(contextTokens) && contextTokens >= 1 && contextTokens <= most) return contextTokens
  throw new OpentabError(
    'invalid_value',
    `The model cannot be served with a context of ${contextTokens} tokens.`,
    {
      param: 'context',
      fix: `Choose a number from 1 to ${most}.`,
    },
  )
}

/** Whether any weight has another format than the source's. */
const changed = (before: ModelWeights, after: ModelWeights): boolean => {
  const outline = { layers: [0, before.architecture.layers], contextTokens: 1 } as const
  const formats = (model: ModelWeights): string =>
    stageWeights(model, outline)
      .map(({ name, format }) => `${name} ${format}`)
      .join()
  return formats(before) !== formats(after)
}

/** ONNX Runtime is loaded only where something is measured. */
async function measure(...models: Parameters<typeof measureChange>): Promise<QuantisationChange> {
  const { measureChange } = await import('./measure/measureChange.ts')
  return measureChange(...models)
}

/** Removes what a failed import wrote. What another model needs by now stays. */
const discard = (dataFolder: string, written: readonly Shard[]): Promise<void> =>
  removeUnusedBlobs(dataFolder, written).catch(() => {})

const taken = (name: string): OpentabError =>
  new OpentabError('invalid_value', `There is a model ${name} already, from another file.`, {
    param: 'name',
    fix: 'Choose another name, or import with --replace.',
  })

const isDiskFull = (error: unknown): boolean =>
  ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException | undefined)?.code ?? '')

const diskFull = (dataFolder: string): OpentabError =>
  new OpentabError('storage_full', `The disk of ${dataFolder} is full; nothing of the model was kept.`, {
    fix: 'Free space, or set OPENTAB_DATA to a folder on another disk.',
  })
