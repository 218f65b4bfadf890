import { packedBytes, type WeightFormat } from '../../../protocol/weights/blockFormats.ts'
import type { WeightRole } from '../families/familyRow.ts'
import type { ModelWeights, Weight } from '../modelWeights.ts'

/** A tensor of a stage's weight file. */
export interface StageTensor {
  name: string
  format: WeightFormat
  shape: readonly number[]
  /** Packed bytes of the whole tensor. */
  read(): Promise<Uint8Array>
}

/** A run of layers, with the embedding where it begins the model and the head where it ends it. */
export interface StageOutline {
  /** First layer, and one past the last. */
  layers: readonly [number, number]
  /** Longest sequence, tokens: the length of the tables of cosines and sines. */
  contextTokens: number
}

/** Names in the weight file, which are the locations of the graph's external data. */
export const EMBEDDING = 'embedding'
export const FINAL_NORM = 'final_norm'
export const HEAD = 'head'
export const layerTensor = (layer: number, part: string): string => `layers.${layer}.${part}`
export const rotationTensor = (rotation: number, part: 'cos' | 'sin'): string =>
  `rotations.${rotation}.${part}`

/** Matrices over the same input: they stand in one tensor, row under row, where they have one format. */
export const fusions = {
  qkv: { q: 'query', k: 'key', v: 'value' },
  gate_up: { gate: 'gate', up: 'up' },
} as const satisfies Record<string, Record<string, WeightRole>>

/**
 * Everything in the weight file of a stage, in its order. The graph reads every tensor but the embedding; that one too
 * where the stage has the head and there is no tensor `head` (a tied model in one stage).
 */
export function stageWeights(
  model: ModelWeights,
  { layers: [begin, end], contextTokens }: StageOutline,
): StageTensor[] {
  const { architecture: a, weight } = model
  const tensors: StageTensor[] = []
  if (begin === 0) tensors.push(named(EMBEDDING, weight('embedding')))
  for (const rotation of new Set(a.rotationOf.slice(begin, end))) {
    tensors.push(...rotationTables(a.rotations[rotation]!, rotation, contextTokens))
  }
  for (let layer = begin; layer < end; layer++) {
    const add = (part: string, role: WeightRole): void =>
      void tensors.push(named(layerTensor(layer, part), weight(role, layer)))
    const addFused = (name: keyof typeof fusions): void =>
      void tensors.push(...fuse(name, (role) => weight(role, layer), layer))
    add('attention_norm', 'attentionNorm')
    addFused('qkv')
    if (a.qkvBias) {
      const biases = (['queryBias', 'keyBias', 'valueBias'] as const).map((role) => weight(role, layer))
      tensors.push(joined(layerTensor(layer, 'qkv_bias'), biases))
    }
    if (a.qkNorm) {
      add('q_norm', 'queryNorm')
      add('k_norm', 'keyNorm')
    }
    add('o', 'attentionOutput')
    if (a.postNorms) add('post_attention_norm', 'postAttentionNorm')
    add('feed_forward_norm', 'feedForwardNorm')
    addFused('gate_up')
    add('down', 'down')
    if (a.postNorms) add('post_feed_forward_norm', 'postFeedForwardNorm')
  }
  if (end === a.layers) {
    tensors.push(named(FINAL_NORM, weight('finalNorm')))
    if (!(a.tiedHead && begin === 0)) tensors.push(named(HEAD, weight('head')))
  }
  return tensors
}

const named = (name: string, { format, shape, read }: Weight): StageTensor => ({ name, format, shape, read })

function fuse(
  name: keyof typeof fusions,
  weight: (role: WeightRole) => Weight,
  layer: number,
): StageTensor[] {
  const parts = Object.entries(fusions[name]).map(([part, role]) => ({ part, weight: weight(role) }))
  const formats = new Set(parts.map((each) => each.weight.format))
  if (formats.size > 1) return parts.map((each) => named(layerTensor(layer, each.part), each.weight))
  return [
    joined(
      layerTensor(layer, name),
      parts.map((each) => each.weight),
    ),
  ]
}

/** Tensors of one format under each other along the first dimension. */
function joined(name: string, parts: readonly Weight[]): StageTensor {
  const [first] = parts as [Weight, ...Weight[]]
  const rows = parts.reduce((sum, { shape }) => sum + shape[0]!, 0)
  return {
    name,
    format: first.format,
    shape: [rows, ...first.shape.slice(1)],
    async read() {
      const rowElements = first.shape.slice(1).reduce((product, size) => product * size, 1)
      const out = new Uint8Array(packedBytes(first.format, rows * rowElements))
      let at = 0
      for (const part of parts) {
        const bytes = await part.read()
        out.set(bytes, at)
        at += bytes.length
      }
      return out
    },
  }
}

/** Cosines and sines of every position, f32[contextTokens, headSize / 2] each, rounded once from f64. */
function rotationTables(
  frequencies: readonly number[],
  rotation: number,
  contextTokens: number,
): StageTensor[] {
  return (['cos', 'sin'] as const).map((part) => ({
    name: rotationTensor(rotation, part),
    format: 'f32',
    shape: [contextTokens, frequencies.length],
    async read() {
      const table = new Float32Array(contextTokens * frequencies.length)
      for (let position = 0, at = 0; position < contextTokens; position++) {
        for (const frequency of frequencies) table[at++] = Math[part](position * frequency)
      }
      return new Uint8Array(table.buffer)
    },
  }))
}
