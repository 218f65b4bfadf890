/** What a query attends to: how many keys there are before its row, and how wide its heads are. */
export type AttentionShape = {
  /** Rows of queries, whose own keys and values are the last ones of the cache. */
  rows: number
  /** Rows of the cache that come before. */
  before: number
  kvHeads: number
  /** Heads of queries that share a head of keys and values. */
  group: number
  width: number
  /** A query sees as many of the keys up to its own row, at most. */
  window: number
  /** Factor of a query's products with keys. */
  scale: number
}

/** queries: f32[rows, kvHeads * group, width]; keys, values: f32[before + rows, kvHeads, width]. */
export interface AttentionInputs {
  queries: Float32Array
  keys: Float32Array
  values: Float32Array
}

/** One head of one row: which keys it sees, their scores and weights, all in f64. */
export interface QueryWeights {
  /** First element of the query in `queries` and of its result. */
  start: number
  /** First elements of the keys that it sees, and of their values. */
  places: readonly number[]
  /** scale * query . key */
  scores: Float64Array<ArrayBuffer>
  /** scale * the sum of |query * key|. */
  magnitudes: Float64Array<ArrayBuffer>
  /** Softmax of the scores. */
  weights: Float64Array<ArrayBuffer>
}

/** The weights of every query, row by row and head by head; scale is taken as the f32 that a device gets. */
export function* queryWeights(
  { queries, keys }: AttentionInputs,
  shape: AttentionShape,
): Generator<QueryWeights> {
  const { rows, before, kvHeads, group, width, window } = shape
  const scale = Math.fround(shape.scale)
  for (let query = 0; query < rows * kvHeads * group; query++) {
    const position = before + Math.floor(query / (kvHeads * group))
    const kvHead = Math.floor((query % (kvHeads * group)) / group)
    const first = Math.max(0, position + 1 - window)
    const places = Array.from(
      { length: position + 1 - first },
      (_, at) => ((first + at) * kvHeads + kvHead) * width,
    )
    const scores = new Float64Array(places.length)
    const magnitudes = new Float64Array(places.length)
    for (const [at, place] of places.entries()) {
      for (let i = 0; i < width; i++) {
        const product = scale * queries[query * width + i]! * keys[place + i]!
        scores[at]! += product
        magnitudes[at]! += Math.abs(product)
      }
    }
    const most = scores.reduce((largest, score) => Math.max(largest, score), Number.NEGATIVE_INFINITY)
    const powers = scores.map((score) => Math.exp(score - most))
    const sum = powers.reduce((total, power) => total + power, 0)
    yield { start: query * width, places, scores, magnitudes, weights: powers.map((power) => power / sum) }
  }
}

/** Weighted sums of the values in f64, shaped as the queries. */
export function attentionReference(
  inputs: AttentionInputs,
  shape: AttentionShape,
): Float64Array<ArrayBuffer> {
  const y = new Float64Array(inputs.queries.length)
  for (const { start, places, weights } of queryWeights(inputs, shape)) {
    for (const [at, place] of places.entries()) {
      for (let i = 0; i < shape.width; i++) y[start + i]! += weights[at]! * inputs.values[place + i]!
    }
  }
  return y
}
