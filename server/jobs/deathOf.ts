import { OpentabError } from '../../protocol/errors.ts'
import { MAX_FAILED_ATTEMPTS, MAX_VANISHED_ATTEMPTS } from '../../protocol/limits.ts'
import type { Task } from './jobRecords.ts'

/** What a task died of whose attempts are used up; null while it may be tried again. */
export function deathOf({ failed, vanished, lastFailure }: Task): OpentabError | null {
  if (failed >= MAX_FAILED_ATTEMPTS) {
    // The reasons are not kept over a restart.
    const reason = lastFailure === '' ? '' : ` The last reason: ${lastFailure}`
    return new OpentabError('task_failed', `The task failed ${failed} times.${reason}`)
  }
  if (vanished < MAX_VANISHED_ATTEMPTS) return null
  return new OpentabError('tab_lost', `${vanished} tabs vanished while they worked on the task.`)
}
