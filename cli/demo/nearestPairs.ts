/** A sentence and its nearest neighbour, by index, with their cosine. */
export interface Neighbour {
  sentence: number
  nearest: number
  cosine: number
}

/** Cosine of two vectors of any length. */
function cosine(a: readonly number[], b: readonly number[]): number {
  let dot = 0
  let aa = 0
  let bb = 0
  for (const [index, x] of a.entries()) {
    const y = b[index]!
    dot += x * y
    aa += x * x
    bb += y * y
  }
  return dot / Math.sqrt(aa * bb)
}

/** Each vector's nearest other one. `vectors`: f32[n, width] with n of at least 2. */
export function nearestNeighbours(vectors: readonly (readonly number[])[]): Neighbour[] {
  return vectors.map((vector, sentence) => {
    let best: Neighbour = { sentence, nearest: -1, cosine: Number.NEGATIVE_INFINITY }
    for (const [nearest, other] of vectors.entries()) {
      if (nearest === sentence) continue
      const near = cosine(vector, other)
      if (near > best.cosine) best = { sentence, nearest, cosine: near }
    }
    return best
  })
}
