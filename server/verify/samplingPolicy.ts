import { CHECK_RATE, FIRST_RESULTS_CHECKED } from '../../protocol/limits.ts'
import type { Verdict } from '../../protocol/receipt.ts'

/** All that is remembered about an address; JSON as it is. */
export interface SamplingState {
  /**
   * Results of this address that passed a drawn check since its last rejection: the count of its receipts later than
   * the last `rejected` one whose verdict `countsAsVerified`. More than FIRST_RESULTS_CHECKED means the same as it.
   */
  verifiedSinceReset: number
}

/** An address of which nothing is known. */
export const initialSamplingState: SamplingState = Object.freeze({ verifiedSinceReset: 0 })

/**
 * Whether a verdict brings an address nearer to being sampled. `freivalds` does not: those kernels are always checked,
 * so an honest result there says nothing about results that may go unchecked. `replica` does not: two accounts that agree
 * on a custom kernel may be one person's, who also chose the program. `reference` does not: that is the requester's own word.
 * `unsampled` was not looked at.
 */
export function countsAsVerified(verdict: Verdict): boolean {
  return verdict === 'recomputed' || verdict === 'referee' || verdict === 'text-scored'
}

/** The state after one more verdict; any rejection returns the address to being checked every time. */
export function afterVerdict(state: SamplingState, verdict: Verdict): SamplingState {
  if (verdict === 'rejected') return initialSamplingState
  if (!countsAsVerified(verdict) || state.verifiedSinceReset >= FIRST_RESULTS_CHECKED) return state
  return { verifiedSinceReset: state.verifiedSinceReset + 1 }
}

/** Whether enough results of an address were found right that they need not all be checked. */
export const hasStanding = ({ verifiedSinceReset }: SamplingState): boolean =>
  verifiedSinceReset >= FIRST_RESULTS_CHECKED

/**
 * Draws the results that are checked: every one of an address's first ten, then each with probability CHECK_RATE. The
 * draw is made after the result is here, so a tab cannot know it.
 */
export class SamplingPolicy {
  readonly #word: () => number

  /** `word` gives a fresh unpredictable u32 (SecretRandom). */
  constructor(word: () => number) {
    this.#word = word
  }

  /** Whether a result of an address in this state is to be checked. */
  isDrawn(state: SamplingState): boolean {
    // NaN and other nonsense from a store count as nothing verified.
    if (!hasStanding(state)) return true
    return this.#word() < CHECK_RATE * 2 ** 32
  }
}
