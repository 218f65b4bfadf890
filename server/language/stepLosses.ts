import { OpentabError } from '../../protocol/errors.ts'
import { MAX_FAILED_ATTEMPTS, MAX_VANISHED_ATTEMPTS } from '../../protocol/limits.ts'
import type { StepLost } from '../jobs/stepLost.ts'

/**
 * Steps that may come back for free: handed back, or asked of a tab that has dropped the cache. A tab without the memory
 * for its part would go on like that for ever.
 */
const MAX_FREE_LOSSES = 64

/** Counts the steps of an answer that were lost, as the attempts of any other task are counted. */
export class StepLosses {
  #free = 0
  #vanished = 0
  #failed = 0

  /** Enters one more. @returns what the answer ends with when attempts are used up, else null */
  count(loss: StepLost['loss'], why: string): OpentabError | null {
    switch (loss) {
      case 'free':
        if (++this.#free < MAX_FREE_LOSSES) return null
        return new OpentabError(
          'tab_lost',
          `Steps of the answer came back ${this.#free} times, last: ${why}.`,
        )
      case 'vanished':
        if (++this.#vanished < MAX_VANISHED_ATTEMPTS) return null
        return new OpentabError(
          'tab_lost',
          `${this.#vanished} tabs vanished while they worked on the answer.`,
        )
      case 'failed':
      case 'rejected':
        if (++this.#failed < MAX_FAILED_ATTEMPTS) return null
        return new OpentabError(
          'task_failed',
          `Steps of the answer failed ${this.#failed} times. The last reason: ${why}`,
        )
      default:
        return loss satisfies never
    }
  }
}
