import { MAX_CHECK_TRIES } from '../../protocol/limits.ts'
import type { Core } from '../core.ts'
import { QueueFull } from '../verify/threadPool.ts'
import { type BackloggedCheck, enterBacklog, leaveBacklog } from './checkBacklog.ts'

/** After how long a check that could not be made is tried again, ms. */
const CHECK_AGAIN_MS = 1_000

/**
 * Has a check made again that could not be made, through nobody's fault but the relay's, a second later.
 * @param count tries that failed so far; counted here
 * @param error why it could not be made
 * @returns false where its tries are used up: `again` is not called then
 */
export function checkAgain(
  core: Core,
  count: { uncheckedTries: number },
  backlogged: BackloggedCheck,
  error: unknown,
  again: () => void,
): boolean {
  // A full queue empties by itself; all else may last.
  if (!(error instanceof QueueFull) && ++count.uncheckedTries >= MAX_CHECK_TRIES) return false
  enterBacklog(core, backlogged)
  core.clock.after(CHECK_AGAIN_MS, () => {
    leaveBacklog(core, backlogged)
    again()
  })
  return true
}
