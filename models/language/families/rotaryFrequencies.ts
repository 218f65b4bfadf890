/** How a model's rotary frequencies differ from base^(-2i / headSize). */
export type RopeScaling =
  | { kind: 'none' }
  /** All divided by `factor`. */
  | { kind: 'linear'; factor: number }
  /**
   * Low frequencies divided by `factor`, high ones kept, those between blended. Source: Llama 3.1,
   * transformers modeling_rope_utils.py, _compute_llama3_parameters.
   */
  | { kind: 'llama3'; factor: number; lowFactor: number; highFactor: number; originalTokens: number }
  /** Each divided by its own number, f64[headSize / 2]: how GGUF files hold llama3 (`rope_freqs.weight`). */
  | { kind: 'factors'; factors: readonly number[] }

/** Radians that each pair of a head's elements turns by at each token, f64[headSize / 2]. */
export function rotaryFrequencies(base: number, headSize: number, scaling: RopeScaling): number[] {
  const plain = Array.from({ length: headSize / 2 }, (_, pair) => base ** ((-2 * pair) / headSize))
  switch (scaling.kind) {
    case 'none':
      return plain
    case 'linear':
      return plain.map((frequency) => frequency / scaling.factor)
    case 'factors':
      return plain.map((frequency, pair) => frequency / scaling.factors[pair]!)
    case 'llama3':
      return plain.map((frequency) => {
        const turns = (scaling.originalTokens * frequency) / (2 * Math.PI)
        const kept = (turns - scaling.lowFactor) / (scaling.highFactor - scaling.lowFactor)
        const share = Math.min(1, Math.max(0, kept))
        return ((1 - share) * frequency) / scaling.factor + share * frequency
      })
    default:
      scaling satisfies never
      throw new Error('unknown scaling')
  }
}
