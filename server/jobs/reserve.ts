import type { Core } from '../core.ts'
import type { Job } from './jobRecords.ts'

/**
 * Holds micro-credits of the job's requester for a task that waits or is worked on; below zero, gives them free.
 * What a requester may still spend is known at once then, however many jobs are open.
 */
export function reserve(core: Core, job: Job, microCredits: number): void {
  job.reservedMicroCredits += microCredits
  const sum = (core.reserved.get(job.requester) ?? 0) + microCredits
  if (sum === 0) core.reserved.delete(job.requester)
  else core.reserved.set(job.requester, sum)
}
