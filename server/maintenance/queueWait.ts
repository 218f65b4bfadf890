import { OpentabError } from '../../protocol/errors.ts'
import type { Core } from '../core.ts'
import { endJob } from '../jobs/endJob.ts'
import type { Job, Task } from '../jobs/jobRecords.ts'
import { failedLoadsInWords } from '../placement/failedLoads.ts'
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
  /** The name under which people know what a task needs, and who holds it, e.g. `2 tabs hold it`. */
  holdersOf: (task: Task) => { name: string; holders: string }
}

/** `1 tab holds it`, and why others do not: `0 tabs hold it; 1 tab could not load it: ...`. */
export function tabsHold(core: Core, requirement: string): string {
  let holders = 0
  for (const tab of core.tabs.values()) if (canRun(tab, requirement)) holders++
  const failed = failedLoadsInWords(core, requirement.slice(requirement.indexOf(':') + 1))
  return (holders === 1 ? '1 tab holds it' : `${holders} tabs hold it`) + failed
}

/** Ends jobs for which no tab came free in time. One pass. */
export function endOverdueJobs(core: Core, { queueWaitMs, holdersOf }: QueueWaitOptions): void {
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
    const task = starving(job, now - waitMs)
    if (task === null) continue
    const { name, holders } = holdersOf(task)
    const wait = `No tab came free for ${name} within ${waitMs} ms; ${holders}.`
    // An answer that has begun is lost with its tab; anything else can begin later.
    const hasBegun = task.part !== null && (task.generation > 0 || job.verified.length > 0)
    const error = hasBegun
      ? new OpentabError('tab_lost', `The tab that made the answer was lost. ${wait}`, {
          retryAfterSeconds: 5,
        })
      : new OpentabError('no_tab_available', wait, { retryAfterSeconds: 5 })
    endJob(core, job, 'failed', { error })
  }
}

/** A task that has waited since before `since`, when none of the job's tasks is with a tab. */
function starving(job: Job, since: number): Task | null {
  let oldest: Task | null = null
  for (const task of job.tasks.values()) {
    if (task.state === 'leased' || task.state === 'returned') return null
    if (task.state === 'queued' && task.queuedAt <= since) oldest ??= task
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
