/** Keys and values of one layer, one row a token: f64[kvHeads * headSize] each. */
export interface LayerCache {
  keys: Float64Array[]
  values: Float64Array[]
}

export interface AttentionShape {
  heads: number
  kvHeads: number
  headSize: number
  scale: number
  /** Keys that a token sees, its own included; null for all. */
  window: number | null
}

/**
 * Causal attention of the newest token over a cache that holds it: softmax(q k^T * scale) v, head by head, where
 * heads / kvHeads query heads share one key/value head.
 */
export function attention(query: Float64Array, cache: LayerCache, shape: AttentionShape): Float64Array {
  const { heads, kvHeads, headSize, scale, window } = shape
  const position = cache.keys.length - 1
  const first = window === null ? 0 : Math.max(0, position - window + 1)
  const out = new Float64Array(heads * headSize)
  for (let head = 0; head < heads; head++) {
    const shared = Math.floor(head / (heads / kvHeads))
    const scores: number[] = []
    for (let token = first; token <= position; token++) {
      let sum = 0
      for (let i = 0; i < headSize; i++) {
        sum += query[head * headSize + i]! * cache.keys[token]![shared * headSize + i]!
      }
      scores.push(sum * scale)
    }
    const weights = softmax(scores)
    for (let token = first; token <= position; token++) {
      for (let i = 0; i < headSize; i++) {
        out[head * headSize + i]! += weights[token - first]! * cache.values[token]![shared * headSize + i]!
      }
    }
  }
  return out
}

function softmax(scores: readonly number[]): number[] {
  const most = Math.max(...scores)
  const powers = scores.map((score) => Math.exp(score - most))
  const sum = powers.reduce((a, b) => a + b, 0)
  return powers.map((power) => power / sum)
}
