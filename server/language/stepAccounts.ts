import { OpentabError } from '../../protocol/errors.ts'
import { MAX_TASKS_PER_JOB } from '../../protocol/limits.ts'
import type { Job } from '../jobs/jobRecords.ts'

/** The index of one more step of a job's answers. @throws OpentabError `task_failed` when the job has as many as it may */
export function nextStepIndex(job: Job): number {
  const most = job.span * MAX_TASKS_PER_JOB
  if (job.nextStep >= most)
    throw new OpentabError('task_failed', `The job's answers took more than ${most} steps.`)
  return job.nextStep++
}

/**
 * Whether a step's rows are paid for the first time, once more because a tab was lost, or by nobody: they were paid to the
 * same address already, or once more already, and tabs that give their rows up for ever would be paid for them for ever.
 */
export type StepExpense = 'first' | 'again' | 'nobody'

/**
 * Who pays for a step: the requester once for each row and stage. What is done again, after a lost tab or a restart of
 * the relay, is the operator's.
 */
export function payerOf(job: Job, isAgain: boolean, microCredits: number): string {
  if (isAgain) return 'operator'
  if (job.prepaidMicroCredits < microCredits) return job.requester
  job.prepaidMicroCredits -= microCredits
  return 'operator'
}

/** The same for a whole answer, of which a part may have been paid before: the operator pays it then. */
export function payerOfAnswer(job: Job, microCredits: number): string {
  if (job.prepaidMicroCredits === 0) return job.requester
  job.prepaidMicroCredits = Math.max(0, job.prepaidMicroCredits - microCredits)
  return 'operator'
}
