import { OpentabError } from '../errors.ts'
import type { Sampling } from '../generation.ts'
import { LogitAdjuster, type Logits } from './adjustLogits.ts'
import { Candidates } from './candidates.ts'
import { likeliest } from './likeliest.ts'
import { drawAt } from './philox.ts'
import type { TokenHistory } from './tokenHistory.ts'
import { FULL_WEIGHT } from './tokenWeight.ts'

/** Largest vocabulary: with it the weights add up to 2^52 at most, which doubles hold exactly. */
export const MAX_VOCABULARY = 2 ** 21

export interface Pick {
  id: number
  /** Its share of the weights that were kept: 1 where nothing was drawn. */
  share: number
}

/**
 * Picks tokens by protocol/SAMPLING.md: the same seed, position and logits give the same token on every machine. Keeps
 * its buffers (29 bytes a token of the vocabulary at most) and makes none for a pick.
 */
export class Sampler {
  readonly #options: Sampling
  /** Logits of one position. */
  readonly vocabulary: number
  readonly #adjuster: LogitAdjuster
  readonly #candidates: Candidates

  /** `vocabulary`: logits of one position. @throws OpentabError `invalid_value` for one that is too large */
  constructor(options: Sampling, vocabulary: number) {
    if (vocabulary > MAX_VOCABULARY) {
      throw new OpentabError(
        'invalid_value',
        `A vocabulary of ${vocabulary} tokens is more than the ${MAX_VOCABULARY} that can be sampled from.`,
      )
    }
    this.#options = options
    this.vocabulary = vocabulary
    this.#adjuster = new LogitAdjuster(options, vocabulary)
    this.#candidates = new Candidates(options.temperature === 0 ? 0 : vocabulary)
  }

  /** The logits with biases and penalties: f32 or f64[vocabulary], until the next call. */
  adjust(logits: Float32Array, history: TokenHistory): Logits {
    if (logits.length !== this.vocabulary) {
      throw new OpentabError(
        'internal',
        `${logits.length} logits were given for a vocabulary of ${this.vocabulary}.`,
      )
    }
    return this.#adjuster.adjust(logits, history)
  }

  /**
   * The token at `position` of the answer (0 is its first).
   * `mask`: u32[ceil(vocabulary / 32)], a 1 bit for each token that is allowed.
   * @throws OpentabError `model_failed` where logits are no numbers, or no token is left
   */
  pick(logits: Float32Array, history: TokenHistory, position: number, mask?: Uint32Array): Pick {
    const adjusted = this.adjust(logits, history)
    const best = likeliest(adjusted, mask)
    const { temperature, topK, minP, topP, seed } = this.#options
    if (temperature === 0) return { id: best, share: 1 }
    const candidates = this.#candidates
    candidates.weigh(adjusted, adjusted[best]!, temperature, mask)
    if (topK > 0) candidates.keepFirst({ tokens: topK })
    if (minP > 0) candidates.keepFrom(minP * FULL_WEIGHT)
    // Sums of weights are whole numbers: one that reaches a number reaches the next whole one.
    if (topP < 1) candidates.keepFirst({ weight: Math.ceil(topP * candidates.sum()) })
    const sum = candidates.sum()
    const { id, weight } = candidates.at(Math.floor(drawAt(seed, position) * sum))
    return { id, share: weight / sum }
  }
}
