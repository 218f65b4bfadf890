import { OpentabError } from '../../protocol/errors.ts'
import type { Core } from '../core.ts'
import { endJob } from './endJob.ts'
import type { Job } from './jobRecords.ts'
import { type JobRequest, submitJob } from './submitJob.ts'

/** Resolves when the job has ended and its end is on disk. */
export function jobEnd(job: Job): Promise<Job> {
  return new Promise((resolve) => job.listeners.add(resolve))
}

/**
 * Runs a job for a requester who waits; `onStart` gets it before any of its tasks can end. Aborting `signal` (the requester left) cancels it.
 * @returns the ended job, which is done
 * @throws OpentabError what the job failed with; `cancelled`
 */
export async function runJob(
  core: Core,
  request: Omit<JobRequest, 'mode'>,
  signal: AbortSignal,
  onStart: (job: Job) => void = () => {},
): Promise<Job> {
  let ended: Promise<Job> | null = null
  const job = await submitJob(core, { ...request, mode: 'sync' }, (started) => {
    ended = jobEnd(started)
    onStart(started)
  })
  const leave = (): void =>
    endJob(core, job, 'cancelled', { error: new OpentabError('cancelled', 'The requester left.') })
  if (signal.aborted) leave()
  signal.addEventListener('abort', leave, { once: true })
  await ended
  signal.removeEventListener('abort', leave)
  if (job.ended !== 'done') throw job.error ?? new OpentabError('internal')
  return job
}
