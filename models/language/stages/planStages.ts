import { OpentabError } from '../../../protocol/errors.ts'
import { packedBytes } from '../../../protocol/weights/blockFormats.ts'
import { refuseWeights } from '../../../protocol/weights/refuseWeights.ts'
import type { ModelWeights } from '../modelWeights.ts'
import { EMBEDDING, HEAD, type StageOutline, stageWeights } from './stageWeights.ts'

/** How a model is cut; one of the two at most. */
export interface StagePlan {
  /** Number of stages. */
  stages?: number
  /** Largest weight file, bytes. */
  stageBytes?: number
}

/**
 * Stages that a model gets without a wish, where it has as many layers: enough for a ring of tabs, and few enough that
 * a tab that holds all of them loses nothing.
 */
const DEFAULT_STAGES = 3
/** f32 bytes of layers in one stage without a wish: a quarter of what a WebAssembly memory holds. */
const DEFAULT_EXPANDED_BYTES = 1024 * 1024 * 1024
/** Every shard is smaller than this. */
export const MAX_SHARD_BYTES = 1_000_000_000

/**
 * Cuts a model at layer borders into stages with the same number of layers, give or take one. Without a wish: three,
 * or more where the layers of one would take more than 1 GiB as f32 or its file 1 GB.
 * @throws OpentabError `invalid_value` for a wish that cannot be met, `model_refused` for a model whose single layer,
 * embedding or head is too large for a shard
 */
export function planStages(
  model: ModelWeights,
  contextTokens: number,
  { stages, stageBytes }: StagePlan,
): StageOutline[] {
  const { layers } = model.architecture
  if (stages !== undefined) {
    if (!Number.isInteger(stages) || stages < 1 || stages > layers) {
      throw new OpentabError(
        'invalid_value',
        `A model of ${layers} layers cannot be cut into ${stages} stages.`,
        {
          param: 'shards',
          fix: `Choose a number from 1 to ${layers}.`,
        },
      )
    }
    const outlines = cut(layers, stages, contextTokens)
    const largest = largestFile(model, outlines)
    if (largest.bytes < MAX_SHARD_BYTES) return outlines
    throw new OpentabError(
      'invalid_value',
      `With ${stages} ${stages === 1 ? 'stage' : 'stages'} a shard would have ${largest.bytes} bytes; each must have fewer than ${MAX_SHARD_BYTES}.`,
      { param: 'shards', fix: 'Choose more stages, or import with --quantize 4 or 8.' },
    )
  }
  const limit = Math.min(stageBytes ?? MAX_SHARD_BYTES - 1, MAX_SHARD_BYTES - 1)
  for (let count = fewestStages(model, contextTokens, stageBytes); count <= layers; count++) {
    const outlines = cut(layers, count, contextTokens)
    if (largestFile(model, outlines).bytes <= limit) return outlines
  }
  throw tooLarge(model, contextTokens, stageBytes)
}

function fewestStages(model: ModelWeights, contextTokens: number, stageBytes: number | undefined): number {
  if (stageBytes !== undefined) return 1
  const { layers } = model.architecture
  const expanded = stageWeights(model, { layers: [0, layers], contextTokens })
    .filter(({ name }) => name !== EMBEDDING && name !== HEAD)
    .reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 4), 0)
  return Math.min(layers, Math.max(DEFAULT_STAGES, Math.ceil(expanded / DEFAULT_EXPANDED_BYTES)))
}

const cut = (layers: number, count: number, contextTokens: number): StageOutline[] =>
  Array.from({ length: count }, (_, stage) => ({
    layers: [Math.floor((stage * layers) / count), Math.floor(((stage + 1) * layers) / count)],
    contextTokens,
  }))

function largestFile(
  model: ModelWeights,
  outlines: readonly StageOutline[],
): { bytes: number; tensor: string } {
  let largest = { bytes: 0, tensor: '' }
  for (const outline of outlines) {
    const sizes = stageWeights(model, outline).map(({ name, format, shape }) => ({
      name,
      bytes: packedBytes(
        format,
        shape.reduce((product, size) => product * size, 1),
      ),
    }))
    const bytes = sizes.reduce((sum, size) => sum + size.bytes, 0)
    if (bytes <= largest.bytes) continue
    largest = { bytes, tensor: sizes.reduce((a, b) => (b.bytes > a.bytes ? b : a)).name }
  }
  return largest
}

function tooLarge(model: ModelWeights, contextTokens: number, stageBytes: number | undefined): OpentabError {
  const { bytes, tensor } = largestFile(
    model,
    cut(model.architecture.layers, model.architecture.layers, contextTokens),
  )
  const fact = `Even with one layer in each stage the largest shard has ${bytes} bytes, most of them in ${tensor}`
  if (stageBytes !== undefined && bytes < MAX_SHARD_BYTES) {
    return new OpentabError('invalid_value', `${fact}; at most ${stageBytes} were asked for.`, {
      param: 'shard-mb',
      fix: `Choose at least ${Math.ceil(bytes / 1e6)} MB.`,
    })
  }
  return refuseWeights(
    `${fact}; each must have fewer than ${MAX_SHARD_BYTES}.`,
    'Import it with --quantize 8 or 4.',
  )
}
