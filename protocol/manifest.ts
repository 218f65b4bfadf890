import type { LanguageModel, StageRange } from './language.ts'
import type { Datatype } from './tensor.ts'

/** One ONNX file, named by its hash. */
export interface Shard {
  sha256: string
  bytes: number
}

/** A graph's input or output; a string names a dimension that the caller chooses, e.g. `batch`. */
export interface TensorSpec {
  name: string
  datatype: Datatype
  shape: readonly (number | string)[]
}

/** How far a recomputed float output may be off: |a - b| <= atol + rtol * |b|. Integers must be equal. */
export interface Tolerance {
  rtol: number
  atol: number
}

/**
 * A statement that two of a graph's outputs rank classes, so that a check can allow classes whose values are equal
 * within the tolerance to stand in another order on another device. The last rank's class cannot be checked (the one
 * after it may be as good): it is there to show a tie, and only the ranks before it may be relied on.
 */
export interface Ranked {
  /** Output with the largest values along the last axis, best first: FP32[..., ranks]. */
  values: string
  /** Output with the classes that have these values: INT64[..., ranks], each from 0 to `classes` - 1. */
  indices: string
  /** Number of classes. */
  classes: number
}

/** One computation: a run of ONNX shards executed one after the other. */
export interface Graph {
  /** e.g. `detect`, `recognise`; `main` where there is only one. */
  name: string
  shards: readonly Shard[]
  inputs: readonly TensorSpec[]
  outputs: readonly TensorSpec[]
  tolerance: Tolerance
  /** Which outputs rank classes, where some do; all other integers must be equal. */
  ranked?: Ranked
}

/** What a model is. Its canonical JSON's SHA-256 is the model's hash: a receipt's `subject`. */
export interface Manifest {
  v: 1
  /** The name that requesters use, e.g. `all-minilm-l6-v2`. */
  id: string
  kind: 'ocr' | 'embeddings' | 'onnx' | 'chat'
  graphs: readonly Graph[]
  /** Where `kind` is `chat`: the language model, whose stages take the place of `graphs` (which is empty). */
  language?: LanguageModel
  /** Files that only the relay reads (tokenizer, character list), by name. */
  files: Readonly<Record<string, Shard>>
  /** SPDX identifier, or `unknown`. */
  licence: string
  /** Where it came from, for people. */
  source: string
}

/** A manifest with its hash and what a tab must fetch. */
export interface ServedModel {
  hash: string
  manifest: Manifest
}

/** Bytes that a tab fetches for the whole model, or for a run of a language model's stages. */
export function modelBytes(manifest: Manifest, range?: StageRange, packed = false): number {
  let bytes = 0
  for (const shard of shardsOf(manifest, range, packed)) bytes += shard.bytes
  return bytes
}

/**
 * The model's distinct shards, or those of a run of its stages. Of a language model a tab reads one graph for each
 * stage: the packed one where `packed` and there is one.
 */
export function shardsOf(manifest: Manifest, range?: StageRange, packed = false): Shard[] {
  const shards = new Map<string, Shard>()
  const add = (shard: Shard): void => void shards.set(shard.sha256, shard)
  for (const graph of manifest.graphs) for (const shard of graph.shards) add(shard)
  if (manifest.language) {
    const { stages, tokenizer } = manifest.language
    const { first, last } = range ?? wholeRange(manifest.language)
    add(tokenizer)
    for (const stage of stages.slice(first, last + 1)) {
      add((packed && stage.packedGraph) || stage.graph)
      add(stage.weights)
    }
  }
  return [...shards.values()]
}

/** The whole model as a run of stages. */
export const wholeRange = ({ stages }: LanguageModel): StageRange => ({ first: 0, last: stages.length - 1 })
