import * as z from 'zod/mini'
import {
  type GenerationDefaults,
  hiddenFormats,
  type LanguageModel,
  type LanguageStage,
  languageFamilies,
  type QuantisationChange,
} from './language.ts'
import { MAX_NAME_BYTES, MAX_RANK, MAX_TENSORS } from './limits.ts'
import type { Graph, Manifest, Ranked, ServedModel, Shard, TensorSpec, Tolerance } from './manifest.ts'
import { type Datatype, datatypes } from './tensor.ts'

/**
 * The form of a served model as it comes from a relay. The types of manifest.ts and language.ts are the source: a
 * field that one of them has and this file has not does not compile. Fields that neither knows are dropped.
 */
type FieldsOf<T> = { readonly [K in keyof T]-?: z.ZodMiniType<T[K]> }

const sha256 = z.string().check(z.regex(/^[0-9a-f]{64}$/))
const count = z.number().check(z.int(), z.nonnegative())
const size = z.number().check(z.int(), z.positive())
const name = z.string().check(z.minLength(1), z.maxLength(MAX_NAME_BYTES))
const factor = z.number().check(z.nonnegative())

const shard = z.object({ sha256, bytes: count } satisfies FieldsOf<Shard>)
const tensorSpec = z.object({
  name,
  datatype: z.enum(Object.keys(datatypes) as [Datatype, ...Datatype[]]),
  shape: z.array(z.union([count, name])).check(z.maxLength(MAX_RANK)),
} satisfies FieldsOf<TensorSpec>)
const tensorSpecs = z.array(tensorSpec).check(z.maxLength(MAX_TENSORS))

const graph = z.object({
  name,
  shards: z.array(shard).check(z.minLength(1)),
  inputs: tensorSpecs,
  outputs: tensorSpecs,
  tolerance: z.object({ rtol: factor, atol: factor } satisfies FieldsOf<Tolerance>),
  ranked: z.optional(z.object({ values: name, indices: name, classes: size } satisfies FieldsOf<Ranked>)),
} satisfies FieldsOf<Graph>)

const stage = z.object({
  layers: z.tuple([count, count]),
  graph: shard,
  packedGraph: z.nullable(shard),
  weights: shard,
  expandedBytes: count,
  embedding: z.nullable(name),
  head: z.boolean(),
} satisfies FieldsOf<LanguageStage>)

/** The form of `Manifest.language`. */
export const languageModel = z.object({
  family: z.enum(languageFamilies),
  layers: size,
  width: size,
  heads: size,
  kvHeads: size,
  headSize: size,
  feedForward: size,
  vocabulary: size,
  contextTokens: size,
  embeddingScale: z.number(),
  windows: z.array(z.nullable(size)),
  layerMultiplyAdds: z.array(count),
  stages: z.array(stage).check(z.minLength(1)),
  hidden: z.enum(hiddenFormats),
  tokenizer: shard,
  chatTemplate: z.nullable(shard),
  generation: z.object({
    endTokens: z.array(count),
    beginToken: z.nullable(count),
    temperature: z.optional(factor),
    topP: z.optional(factor),
    topK: z.optional(count),
    repetitionPenalty: z.optional(factor),
  } satisfies FieldsOf<GenerationDefaults>),
  weightsRoot: sha256,
  sourceSha256: sha256,
  measured: z.nullable(
    z.object({
      perplexityBefore: factor,
      perplexityAfter: factor,
      topOneAgreement: factor,
      tokens: count,
    } satisfies FieldsOf<QuantisationChange>),
  ),
} satisfies FieldsOf<LanguageModel>)

const manifestFields = z.object({
  v: z.literal(1),
  id: z.string().check(z.regex(/^[a-z0-9._-]{1,64}$/)),
  kind: z.enum(['ocr', 'embeddings', 'onnx', 'chat']),
  graphs: z.array(graph),
  language: z.optional(languageModel),
  files: z.record(z.string(), shard),
  licence: z.string(),
  source: z.string(),
} satisfies FieldsOf<Manifest>)

const manifest = manifestFields.check(
  z.refine(({ graphs, language }) => graphs.length > 0 || language !== undefined, {
    error: 'has neither graphs nor a language model',
  }),
)

/** A served model in a `models` message. */
export const servedModel: z.ZodMiniType<ServedModel> = z.object({
  hash: sha256,
  manifest,
} satisfies FieldsOf<ServedModel>)
