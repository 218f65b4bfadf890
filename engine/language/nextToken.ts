import type { GenerateOptions } from '../../protocol/generation.ts'
import { logprobsOf, type TokenLogprobs } from '../../protocol/sampling/logprobsOf.ts'
import { Sampler } from '../../protocol/sampling/sampler.ts'
import type { TokenHistory } from '../../protocol/sampling/tokenHistory.ts'
import type { TokenConstraint } from './constraint/tokenConstraint.ts'

/** A token that was picked; `logprobs` where they were asked for. */
export interface PickedToken {
  id: number
  logprobs: TokenLogprobs | null
}

/** Picks tokens by one answer's options. */
export class NextToken {
  readonly #options: GenerateOptions
  readonly #endTokens: ReadonlySet<number>
  readonly #sampler: Sampler

  constructor(options: GenerateOptions, vocabulary: number) {
    this.#options = options
    this.#endTokens = new Set(options.endTokens)
    this.#sampler = new Sampler(options.sampling, vocabulary)
  }

  /**
   * The token at `position` of the answer, from logits f32[vocabulary]; null where the answer is over: at an end token, or
   * where the grammar, which has accepted the answer, allows nothing more.
   * @throws OpentabError `model_failed` where the logits allow no pick
   */
  async pick(
    logits: Float32Array,
    history: TokenHistory,
    position: number,
    constraint: TokenConstraint | null,
  ): Promise<PickedToken | null> {
    const mask = await constraint?.mask()
    if (constraint?.ended) return null
    const { id } = this.#sampler.pick(logits, history, position, mask)
    if (this.#endTokens.has(id)) return null
    const { topLogprobs } = this.#options
    if (topLogprobs === null) return { id, logprobs: null }
    return { id, logprobs: logprobsOf(this.#sampler.adjust(logits, history), id, topLogprobs) }
  }
}
