import { OpentabError } from '../../protocol/errors.ts'
import type { FlowContext } from '../jobs/flow.ts'
import { MAX_WAITING_CHARACTERS, MAX_WAITING_PROMPTS, PROMPT_RETRY_S } from './openaiLimits.ts'

/** Who waits for a prompt: whoever has left is passed over, and only those in the background wait in any queue. */
export type PromptAsker = Pick<FlowContext, 'signal' | 'patient'>

/** Work that is done one piece after the other, so that a time limit counts a prompt's own time alone. */
export class PromptQueue {
  #last: Promise<unknown> = Promise.resolve()
  #waiting = 0
  #characters = 0

  /**
   * Does the work when its turn comes, or not at all where its asker has left by then.
   * @param characters of the prompt, which waits in memory
   * @param asker none for the relay's own work, which is never refused
   * @throws OpentabError `rate_limited` where too much waits; the reason of the asker's signal
   */
  inTurn<Output>(characters: number, work: () => Promise<Output>, asker?: PromptAsker): Promise<Output> {
    if (asker && !asker.patient && this.#isFull(characters))
      return Promise.reject(
        new OpentabError('rate_limited', `${this.#waiting} prompts wait to be read already.`, {
          retryAfterSeconds: PROMPT_RETRY_S,
        }),
      )
    this.#waiting++
    this.#characters += characters
    const result = this.#last.then(async () => {
      try {
        asker?.signal.throwIfAborted()
        return await work()
      } finally {
        this.#waiting--
        this.#characters -= characters
      }
    })
    this.#last = result.catch(() => {})
    return result
  }

  #isFull(characters: number): boolean {
    if (this.#waiting >= MAX_WAITING_PROMPTS) return true
    // One long prompt alone is always taken.
    return this.#waiting > 0 && this.#characters + characters > MAX_WAITING_CHARACTERS
  }
}
