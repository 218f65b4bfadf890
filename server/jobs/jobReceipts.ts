import { ANSWERS_JOB_SPAN, MAX_TASKS_PER_JOB } from '../../protocol/limits.ts'
import type { Core } from '../core.ts'
import { type Job, receiptIdOf, type Task, taskIdOf } from './jobRecords.ts'

/** Receipt ids of a job's verified tasks, in the order of the tasks. */
export const receiptsOf = (job: Job): string[] => receiptIds(job, job.verified)

/** The same, and the ids that the receipts of results have whose verdict is still due. */
export function receiptsDue(job: Job): string[] {
  const due = [...job.tasks.values()].filter(isDue)
  return receiptIds(job, [...job.verified, ...due])
}

const isDue = ({ state }: Task): boolean => state === 'returned' || state === 'disputed'

/** Whether a receipt that is not on disk is on its way: its result is here and its verdict due or being written. */
export function isReceiptDue(
  core: Core,
  { task, generation }: { task: number; generation: number },
): boolean {
  const number = Math.floor(task / MAX_TASKS_PER_JOB)
  for (let seq = number; seq > number - ANSWERS_JOB_SPAN; seq--) {
    const job = core.jobs.get(seq)
    if (!job) continue
    // The job before has no more tasks than its span.
    if (number >= seq + job.span) return false
    const index = task - taskIdOf(seq, 0)
    const due = job.tasks.get(index)
    if (due) return isDue(due) && due.generation === generation
    return job.verified.some((one) => one.index === index && one.generation === generation)
  }
  return false
}

const receiptIds = (job: Job, tasks: readonly { index: number; generation: number }[]): string[] =>
  tasks
    .toSorted((a, b) => a.index - b.index)
    .map(({ index, generation }) => receiptIdOf(taskIdOf(job.seq, index), generation))
