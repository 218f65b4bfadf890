import type { LanguageFamily } from '../../protocol/language.ts'

/**
 * Everything that decides what a language model computes beside its weights: what a family's row, a config.json and
 * GGUF metadata come down to. The stage graphs and the reference implementation are both made from it.
 */
export interface Architecture {
  family: LanguageFamily
  layers: number
  /** Width of the residual stream. */
  width: number
  /** Query heads, and the key/value heads that they share evenly. */
  heads: number
  kvHeads: number
  headSize: number
  /** Inner width of the feed-forward part. */
  feedForward: number
  vocabulary: number
  /** Longest sequence that the model was made for, tokens. */
  contextTokens: number
  /** Added to the mean square in RMS norms. */
  epsilon: number
  /** Factor on the dot products of queries and keys. */
  attentionScale: number
  /** Factor on embedding rows. */
  embeddingScale: number
  /** Between gate and up: x * sigmoid(x), or GELU in its tanh form. */
  activation: 'silu' | 'gelu'
  /** Whether queries, keys and values have biases. */
  qkvBias: boolean
  /** Whether queries and keys go through an RMS norm of their own, head by head, before the rotation. */
  qkNorm: boolean
  /** Whether attention and feed-forward are normed after as well as before. */
  postNorms: boolean
  /** Whether the head's matrix is the embedding. */
  tiedHead: boolean
  /** Keys that a layer sees, its own token's included; null where it sees all. One entry a layer. */
  windows: readonly (number | null)[]
  /** Rotary frequencies in radians a token, f64[headSize / 2] each. */
  rotations: readonly (readonly number[])[]
  /** Which of `rotations` a layer turns its queries and keys by. One entry a layer. */
  rotationOf: readonly number[]
}

/** Multiply-adds of one row in the matmuls of one layer. */
export const layerMultiplyAdds = (a: Architecture): number =>
  a.width * (a.heads + 2 * a.kvHeads) * a.headSize +
  a.heads * a.headSize * a.width +
  3 * a.width * a.feedForward
