import type { OpentabError } from '../../protocol/errors.ts'
import { microCreditsOf } from '../../protocol/limits.ts'
import type { Core } from '../core.ts'
import type { BegunStretch } from './begunStretch.ts'
import { type Job, notesKeyOf, type Task } from './jobRecords.ts'
import { reserve } from './reserve.ts'
import { takeFromTab } from './takeFromTab.ts'

/**
 * Ends a job: tasks that are not verified are cancelled (their tabs are told), a job that failed, or was cancelled before
 * its requester had heard a token, gives the money back where its kind does, and its listeners are called once all this is on disk.
 */
export function endJob(
  core: Core,
  job: Job,
  state: 'done' | 'failed' | 'cancelled',
  { answer, error }: { answer?: unknown; error?: OpentabError },
): void {
  if (job.ended) return
  job.ended = state
  job.answer = answer ?? null
  job.error = error ?? null
  // Whoever leaves has what was streamed to him until then.
  const isRefunded =
    (state === 'failed' || (state === 'cancelled' && !job.streamed)) &&
    core.kinds.get(job.kind)?.refunds !== false
  job.refunded = isRefunded
  for (const task of job.tasks.values()) {
    if (task.part?.stretch || (task.part && task.state === 'returned')) {
      // It is judged and paid for what its tab has returned.
      if (isRefunded) Object.assign(task, { payer: 'operator', reservedMicroCredits: 0 })
      else if (task.part.stretch && task.payer === job.requester) holdPrice(core, task, task.part.stretch)
      continue
    }
    if (task.state === 'verified' || task.state === 'dead') continue
    takeFromTab(core, task)
    task.state = 'cancelled'
  }
  if (isRefunded) core.ledger.refund(job.seq, job.requester, job.spentMicroCredits)
  if (state !== 'done') job.abort.abort(error)
  // What is left waits for its verdict.
  let heldMicroCredits = 0
  for (const task of job.tasks.values())
    if (task.state === 'returned') heldMicroCredits += task.reservedMicroCredits
  reserve(core, job, heldMicroCredits - job.reservedMicroCredits)
  core.openInputBytes -= job.inputBytes
  job.inputBytes = 0
  core.commit.batch.jobEnds.push({
    seq: job.seq,
    state,
    answer: answer === undefined || job.mode === 'sync' ? null : JSON.stringify(answer),
    error: error ? JSON.stringify({ code: error.code, message: error.message }) : null,
    endedAt: core.clock.now(),
    tasks: job.verified.length,
  })
  if (job.notes !== null) core.commit.batch.meta.push([notesKeyOf(job.seq), null])
  core.commit.after(() => {
    core.jobs.delete(job.seq)
    for (const listener of job.listeners) listener(job)
    job.listeners.clear()
  })
  core.changed()
}

/** The answer holds the money for all of its steps no longer: those that were made do. */
function holdPrice(core: Core, task: Task, { operations }: BegunStretch): void {
  task.reservedMicroCredits = microCreditsOf(operations)
  reserve(core, task.job, task.reservedMicroCredits)
}
