import { OpentabError } from '../../protocol/errors.ts'
import { TAB_NEWS_AT_ONCE, TAB_NEWS_PER_SECOND } from '../../protocol/limits.ts'
import type { FromTab } from '../../protocol/messages.ts'
import type { Clock } from '../clock.ts'

/** Whether a message tells of the tab itself and not of its work. */
export const isNews = ({ type }: FromTab): boolean =>
  type === 'state' || type === 'ready' || type === 'tuned' || type === 'heartbeat'

/** What one tab may still say of itself: a stock that fills up by itself. */
export class NewsAllowance {
  readonly #clock: Pick<Clock, 'now'>
  #left = TAB_NEWS_AT_ONCE
  #filledAt: number

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock
    this.#filledAt = clock.now()
  }

  /** One message came. @throws OpentabError `too_talkative` when the stock is used up */
  spend(): void {
    const now = this.#clock.now()
    const grown = ((now - this.#filledAt) / 1000) * TAB_NEWS_PER_SECOND
    this.#left = Math.min(TAB_NEWS_AT_ONCE, this.#left + Math.max(0, grown))
    this.#filledAt = now
    if (this.#left < 1)
      throw new OpentabError(
        'too_talkative',
        `The tab said more than ${TAB_NEWS_AT_ONCE} times at once, or ${TAB_NEWS_PER_SECOND} times a second, how it is.`,
      )
    this.#left--
  }
}
