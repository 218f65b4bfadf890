import type { GenerateOptions } from '../../protocol/generation.ts'
import { isNearLogprob } from '../../protocol/sampling/isNearLogprob.ts'
import { logprobsOf, type TokenLogprobs } from '../../protocol/sampling/logprobsOf.ts'
import { Sampler } from '../../protocol/sampling/sampler.ts'
import type { TokenHistory } from '../../protocol/sampling/tokenHistory.ts'
import { withinPick } from '../../protocol/sampling/withinPick.ts'
import type { TokenConstraint } from './constraint/tokenConstraint.ts'

/**
 * How far the difference of two logits of an honest tab may be from the checker's. Devices differ by about 1e-4, pieces of a
 * prompt by less.
 */
export const LOGIT_SLACK = 1e-2

/** A pick as a tab says that it was. */
export interface SaidPick {
  /** Null where the answer is said to be over. */
  id: number | null
  /** Null where none were asked for. */
  logprobs: TokenLogprobs | null
  history: TokenHistory
  /** Place in the answer. */
  position: number
}

/** Holds picks of one answer against the checker's own logits. */
export class PickJudge {
  readonly #options: GenerateOptions
  readonly #sampler: Sampler

  constructor(options: GenerateOptions, vocabulary: number) {
    this.#options = options
    this.#sampler = new Sampler(options.sampling, vocabulary)
  }

  /**
   * Null where the pick can be that of an honest tab, else the sentence for the contributor.
   * @param logits f32[vocabulary]
   * @param constraint has accepted the answer before this token
   */
  async judge(
    logits: Float32Array,
    said: SaidPick,
    constraint: TokenConstraint | null,
  ): Promise<string | null> {
    const { sampling, endTokens } = this.#options
    const { id, history, position } = said
    const mask = await constraint?.mask()
    if (constraint?.ended) {
      return id === null
        ? null
        : `Token ${position} of the answer is ${id}, and its grammar allows none there.`
    }
    const isPick = (token: number): boolean =>
      withinPick(logits, token, sampling, history, position, mask, LOGIT_SLACK)
    if (id === null) {
      if (endTokens.some(isPick)) return null
      return `The answer ends before token ${position}; the pick there is ${this.#wanted(logits, said, mask)}.`
    }
    if (!isPick(id)) {
      return `Token ${position} of the answer is ${id} with the logit ${this.#logit(logits, said, id)}; the pick is ${this.#wanted(logits, said, mask)}.`
    }
    return this.#judgeLogprobs(logits, said, id)
  }

  #logit = (logits: Float32Array, { history }: SaidPick, id: number): string =>
    this.#sampler.adjust(logits, history)[id]!.toFixed(4)

  #wanted(logits: Float32Array, said: SaidPick, mask: Uint32Array | undefined): string {
    const { id } = this.#sampler.pick(logits, said.history, said.position, mask)
    return `${id} with the logit ${this.#logit(logits, said, id)}`
  }

  #judgeLogprobs(logits: Float32Array, said: SaidPick, id: number): string | null {
    if (!said.logprobs) return null
    const [own, top] = said.logprobs
    const adjusted = this.#sampler.adjust(logits, said.history)
    const [expected, ranks] = logprobsOf(adjusted, id, top.length)
    const base = adjusted[id]! - expected
    const refuse = (what: string, value: number, wanted: number): string =>
      `Token ${said.position} of the answer: the log-probability of ${what} is ${value} and must be ${wanted}.`
    if (!isNearLogprob(own, expected)) return refuse(`token ${id}`, own, expected)
    for (const [rank, [other, value]] of top.entries()) {
      const wanted = adjusted[other]! - base
      if (!isNearLogprob(value, wanted)) return refuse(`token ${other}`, value, wanted)
      // Tokens that are as likely within the slack may stand in each other's place.
      if (!isNearLogprob(value, ranks[rank]![1])) return refuse(`rank ${rank}`, value, ranks[rank]![1])
    }
    return null
  }
}
