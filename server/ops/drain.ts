import { OpentabError } from '../../protocol/errors.ts'
import type { Core } from '../core.ts'
import { endJob } from '../jobs/endJob.ts'

/** How long tabs may still hand in what they hold, ms. */
const DRAIN_MS = 6_000
const LOOK_EVERY_MS = 50
/** When tabs should try again, ms. */
const RECONNECT_MS = 2_000

/** No new leases; tabs are told, and what they hold is awaited for a while. Leases that are left are not counted. */
export async function drainRelay(core: Core): Promise<void> {
  core.draining = true
  for (const tab of core.tabs.values()) tab.link?.message({ type: 'drain', reconnectMs: RECONNECT_MS })
  const until = core.clock.now() + DRAIN_MS
  const leased = (): boolean =>
    [...core.tabs.values()].some((tab) => tab.link !== null && tab.leased.size > 0)
  const judging = (): boolean =>
    [...core.jobs.values()].some((job) => [...job.tasks.values()].some((task) => task.state === 'returned'))
  while (core.clock.now() < until && !core.commit.failed && (leased() || judging())) {
    await new Promise<void>((resolve) => core.clock.after(LOOK_EVERY_MS, resolve))
  }
  // Whoever still waits for an answer gets one; background jobs go on after the restart.
  for (const job of [...core.jobs.values()]) {
    if (job.mode !== 'sync' || job.ended) continue
    endJob(core, job, 'failed', { error: new OpentabError('draining', undefined, { retryAfterSeconds: 5 }) })
  }
}
