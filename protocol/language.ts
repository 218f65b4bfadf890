import type { Shard } from './manifest.ts'

/** Architectures that shards are made of; one row each in models/language/families. */
export const languageFamilies = ['llama', 'qwen2', 'qwen3', 'gemma3'] as const
export type LanguageFamily = (typeof languageFamilies)[number]

/** How hidden states travel between stages: as they are, rounded to halves, or as int8 in blocks of 64 with one f16 scale each. */
export const hiddenFormats = ['f32', 'f16', 'int8'] as const
export type HiddenFormat = (typeof hiddenFormats)[number]

/** Elements of one block of the `int8` hidden format. */
export const HIDDEN_BLOCK = 64

/**
 * One stage: a run of whole layers, the unit that a tab holds. Its two graphs read the same weights: `graph` declares
 * them as f32 external data (one location for each tensor, named as in the weight file), `packedGraph` keeps the
 * quantised form for hardware WebGPU.
 *
 * Inputs of both graphs: `hidden_in` FP32[1, S, width] (S rows; the first stage's rows come from the embedding in its
 * weight file), `seqlens_k` INT32[1] = total - 1, `total_seq_len` INT32[] (scalar) = rows in the cache afterwards,
 * `past.L.k` and `past.L.v` FP32[1, kvHeads, P, headSize] for each of its layers L (numbered over the whole model), and
 * where the stage has the head `logit_rows` INT64[1] = rows from the end whose logits are wanted, which may be none.
 * Outputs: `present.L.k`, `present.L.v`, and `hidden_out` FP32[1, S, width] or `logits` FP32[1, logit_rows, vocabulary].
 *
 * External data of `graph`: every tensor of the weight file by its name, as f32, except `embedding`, which it reads too
 * where the stage has the head and the file has no tensor `head` (a tied model in one stage). `packedGraph` reads the
 * same, but tensors of a format in `matMulForms` (protocol/weights/matMulBlocks.ts) as `NAME.codes` UINT8,
 * `NAME.scales` FP32 and, where the format has them, `NAME.offsets` FP32.
 */
export interface LanguageStage {
  /** First layer, and one past the last. */
  layers: readonly [number, number]
  graph: Shard
  /** Null where the weights have no packed form that a graph can read. */
  packedGraph: Shard | null
  /** Packed weights in one safetensors file (protocol/weights/weightFile.ts). */
  weights: Shard
  /** f32 bytes of the weights that `graph` reads: what a tab needs in memory on WASM. */
  expandedBytes: number
  /** Name of the embedding tensor [vocabulary, width] in `weights`; null where the stage does not begin the model. */
  embedding: string | null
  /** Whether the stage ends with the final norm and the head. */
  head: boolean
}

/** What a language model is, beside its bytes. */
export interface LanguageModel {
  family: LanguageFamily
  layers: number
  /** Width of the residual stream. */
  width: number
  heads: number
  kvHeads: number
  headSize: number
  feedForward: number
  vocabulary: number
  /** Longest prompt and answer together, tokens. */
  contextTokens: number
  /** Factor on embedding rows; 1 but for gemma3, where it is the square root of the width, rounded to bf16. */
  embeddingScale: number
  /** Keys that a layer sees, tokens; null where it sees all. One entry a layer. */
  windows: readonly (number | null)[]
  /** Multiply-adds of one row in the matmuls of each layer, for the canonical cost. */
  layerMultiplyAdds: readonly number[]
  stages: readonly LanguageStage[]
  /** Between stages. */
  hidden: HiddenFormat
  /** tokenizer.json, which tabs fetch too: stop strings and grammars need it. */
  tokenizer: Shard
  /** Jinja chat template; null where the model has none. */
  chatTemplate: Shard | null
  generation: GenerationDefaults
  /** Merkle root over the stages' weight files in order (RFC 6962 tree over their SHA-256), hex. */
  weightsRoot: string
  /** SHA-256 of the file or of the sorted list of files that it was imported from. */
  sourceSha256: string
  /** What the import changed in the weights; null where they mapped without loss. */
  measured: QuantisationChange | null
}

/** How tokens are picked where a request does not say; what is left out is OpenAI's default. */
export interface SamplingDefaults {
  temperature?: number
  topP?: number
  topK?: number
  repetitionPenalty?: number
}

/** The model's own defaults; a request's values go before them. */
export interface GenerationDefaults extends SamplingDefaults {
  /** Tokens that end an answer. */
  endTokens: readonly number[]
  /** Token that a prompt begins with; null where there is none. */
  beginToken: number | null
}

/** Measured by the import on a fixed text. */
export interface QuantisationChange {
  /** Perplexity of the source's weights and of the stored ones. */
  perplexityBefore: number
  perplexityAfter: number
  /** Share of positions whose most likely token is the same, 0 to 1. */
  topOneAgreement: number
  /** Positions measured. */
  tokens: number
}

/** A run of stages, both ends included. */
export interface StageRange {
  first: number
  last: number
}

/** Key/value cache of one token in a range, bytes on the f32 cache. */
export const cacheBytesPerToken = (model: LanguageModel, { first, last }: StageRange): number =>
  (model.stages[last]!.layers[1] - model.stages[first]!.layers[0]) * 2 * model.kvHeads * model.headSize * 4

/**
 * Canonical operations (one multiply-add = 2) of running rows `from` to `to` - 1 of a sequence through a range: the
 * matmuls, the attention over the keys that each row sees, and the head for `logitRows` rows.
 */
export function languageOperations(
  model: LanguageModel,
  { first, last }: StageRange,
  { from, to, logitRows }: { from: number; to: number; logitRows: number },
): number {
  const [begin, end] = [model.stages[first]!.layers[0], model.stages[last]!.layers[1]]
  let multiplyAdds = 0
  for (let layer = begin; layer < end; layer++) {
    multiplyAdds += model.layerMultiplyAdds[layer]! * (to - from)
    const window = model.windows[layer] ?? Number.POSITIVE_INFINITY
    multiplyAdds += 2 * model.heads * model.headSize * keysSeen(from, to, window)
  }
  if (model.stages[last]!.head) multiplyAdds += logitRows * model.width * model.vocabulary
  return 2 * multiplyAdds
}

/** Sum over rows r from `from` to `to` - 1 of min(r + 1, window). */
function keysSeen(from: number, to: number, window: number): number {
  const sum = (rows: number): number =>
    rows <= window ? (rows * (rows + 1)) / 2 : (window * (window + 1)) / 2 + (rows - window) * window
  return sum(to) - sum(from)
}
