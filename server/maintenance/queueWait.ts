import { OpentabError } from '../../protocol/errors.ts'
import type { Core } from '../core.ts'
import { endJob } from '../jobs/endJob.ts'
import type { Job } from '../jobs/jobRecords.ts'
import { canRun } from '../placement/tab.ts'

/** How often waiting jobs are looked at, ms. */
const LOOK_EVERY_MS = 100
/** Longest time a requester waits for an answer, ms. */
export const REQUEST_TIME_LIMIT_MS = 10 * 60_000
/** Longest time a background job waits for a tab, ms. */
export const BACKGROUND_WAIT_MS = 24 * 3_600_000

export interface QueueWaitOptions {
  /** How long a synchronous call waits for a tab, ms. */
  queueWaitMs: number
  /** The name under which people know a requirement. */
  nameOf: (requirement: string) => string
}

/** Ends jobs for which no tab came free in time. One pass. */
export function endOverdueJobs(core: Core, { queueWaitMs, nameOf }: QueueWaitOptions): void {
  const now = core.clock.now()
  for (const job of [...core.jobs.values()]) {
    if (job.ended) continue
    const waitMs = job.mode === 'sync' ? queueWaitMs : BACKGROUND_WAIT_MS
    if (job.mode === 'sync' && now - job.createdAt >= REQUEST_TIME_LIMIT_MS) {
      endJob(core, job, 'failed', {
        error: new OpentabError('time_limit', `No answer within ${REQUEST_TIME_LIMIT_MS / 1000} s.`),
      })
      continue
    }
    if (now - job.createdAt < waitMs) continue
    const requirement = starving(job, now - waitMs)
    if (requirement === null) continue
    let holders = 0
    for (const tab of core.tabs.values()) if (canRun(tab, requirement)) holders++
    const error = new OpentabError(
      'no_tab_available',
      `No tab came free for ${nameOf(requirement)} within ${waitMs} ms; ${holders === 1 ? '1 tab holds' : `${holders} tabs hold`} it.`,
      { retryAfterSeconds: 5 },
    )
    endJob(core, job, 'failed', { error })
  }
}

/** The requirement of a task that has waited since before `since`, when none of the job's tasks is with a tab. */
function starving(job: Job, since: number): string | null {
  let oldest: string | null = null
  for (const task of job.tasks.values()) {
    if (task.state === 'leased' || task.state === 'returned') return null
    if (task.state === 'queued' && task.queuedAt <= since) oldest ??= task.requirement
  }
  return oldest
}

/** Repeats `endOverdueJobs` until the returned function is called. */
export function startQueueWait(core: Core, options: QueueWaitOptions): () => void {
  let cancel = core.clock.after(LOOK_EVERY_MS, function again() {
    endOverdueJobs(core, options)
    cancel = core.clock.after(LOOK_EVERY_MS, again)
  })
  return () => cancel()
}
