import type { Sampling } from '../generation.ts'
import type { TokenHistory } from './tokenHistory.ts'

/** Logits of one position, one for each id of the vocabulary. */
export type Logits = Float32Array | Float64Array

/** Adds biases and penalties to logits (rules SL2 to SL5), in buffers that it keeps. */
export class LogitAdjuster {
  readonly #options: Sampling
  readonly #adjusted: Float64Array
  /** Times that each id is in the answer, and whether it is in the history; all zero between calls. */
  readonly #counts: Uint32Array
  readonly #seen: Uint8Array

  constructor(options: Sampling, vocabulary: number) {
    const { repetitionPenalty, presencePenalty, frequencyPenalty, logitBias } = options
    const isRepetition = repetitionPenalty !== 1
    const isCounting = presencePenalty !== 0 || frequencyPenalty !== 0
    const isAdjusting = isRepetition || isCounting || logitBias.length > 0
    this.#options = options
    this.#adjusted = new Float64Array(isAdjusting ? vocabulary : 0)
    this.#seen = new Uint8Array(isRepetition ? vocabulary : 0)
    this.#counts = new Uint32Array(isCounting ? vocabulary : 0)
  }

  /** The adjusted logits: these very ones where nothing changes them, else a buffer that the next call overwrites. */
  adjust(logits: Float32Array, history: TokenHistory): Logits {
    const adjusted = this.#adjusted
    if (adjusted.length === 0) return logits
    adjusted.set(logits)
    for (const [id, bias] of this.#options.logitBias) if (id < adjusted.length) adjusted[id]! += bias
    this.#repeat(adjusted, history)
    this.#count(adjusted, history.answer)
    return adjusted
  }

  #repeat(adjusted: Float64Array, { prompt, answer }: TokenHistory): void {
    const seen = this.#seen
    if (seen.length === 0) return
    const penalty = this.#options.repetitionPenalty
    for (const ids of [prompt, answer]) {
      for (let i = 0; i < ids.length; i++) {
        const id = ids[i]!
        if (seen[id] !== 0) continue
        seen[id] = 1
        const logit = adjusted[id]!
        adjusted[id] = logit > 0 ? logit / penalty : logit * penalty
      }
    }
    for (const ids of [prompt, answer]) for (let i = 0; i < ids.length; i++) seen[ids[i]!] = 0
  }

  #count(adjusted: Float64Array, answer: TokenHistory['answer']): void {
    const counts = this.#counts
    if (counts.length === 0) return
    const { presencePenalty, frequencyPenalty } = this.#options
    for (let i = 0; i < answer.length; i++) counts[answer[i]!]!++
    for (let i = 0; i < answer.length; i++) {
      const id = answer[i]!
      const count = counts[id]
      // Undefined for an id outside the vocabulary, 0 for one that had its turn.
      if (!count) continue
      adjusted[id]! -= presencePenalty + frequencyPenalty * count
      counts[id] = 0
    }
  }
}
