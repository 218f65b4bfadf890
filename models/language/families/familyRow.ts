import type { LanguageFamily } from '../../../protocol/language.ts'

/** Names of a model's tensors, `N` standing for the layer. */
export interface TensorNames {
  /** [vocabulary, width] */
  embedding: string
  /** [width] */
  finalNorm: string
  /** [vocabulary, width]; absent where the head is the embedding. */
  head: string
  /** [width] */
  attentionNorm: string
  /** [heads * headSize, width], and its bias [heads * headSize]. */
  query: string
  queryBias: string
  /** [kvHeads * headSize, width], and its bias. */
  key: string
  keyBias: string
  value: string
  valueBias: string
  /** [headSize] */
  queryNorm: string
  keyNorm: string
  /** [width, heads * headSize] */
  attentionOutput: string
  /** [width] */
  postAttentionNorm: string
  feedForwardNorm: string
  /** [feedForward, width] */
  gate: string
  up: string
  /** [width, feedForward] */
  down: string
  /** [width] */
  postFeedForwardNorm: string
}

/** A weight's part in the model, whatever a file calls it. */
export type WeightRole = keyof TensorNames

/** One architecture: all that tells it from the others. A new family is a new row. */
export interface FamilyRow {
  family: LanguageFamily
  /** `model_type` of config.json. */
  modelTypes: readonly string[]
  /** `general.architecture` of a GGUF. */
  ggufArchitecture: string
  activation: 'silu' | 'gelu'
  qkvBias: boolean
  qkNorm: boolean
  postNorms: boolean
  /** Whether embedding rows are multiplied with the square root of the width. */
  scaledEmbedding: boolean
  /** Added to norm weights of a Hugging Face folder; GGUF files hold the sum. */
  normOffset: 0 | 1
  /** Whether a GGUF holds the rows of queries and keys in the order for interleaved rotary pairs. */
  interleavedInGguf: boolean
  /**
   * Of every so many layers the last one sees all keys and the others only the window, where the file gives no list of
   * its own. 1: all see all, 0: none does.
   */
  fullEvery: number
  /** Names in a Hugging Face folder and in a GGUF, where they differ from those that most families share. */
  huggingFaceNames?: Partial<TensorNames>
  ggufNames?: Partial<TensorNames>
  /** What stands before Hugging Face's names, tried in this order. */
  prefixes: readonly string[]
  /** Tensors that belong to parts which are not served, e.g. a vision tower: names that begin so. */
  ignoredPrefixes: readonly string[]
  /** What the family's configuration class has where config.json says nothing. */
  defaults: Readonly<Record<string, unknown>>
}
