import { OpentabError } from '../../protocol/errors.ts'
import { microCreditsOf } from '../../protocol/limits.ts'
import type { TaskSpec } from '../../protocol/task.ts'
import type { Core } from '../core.ts'
import type { AnswerPart } from './answerPart.ts'
import { deathOf } from './deathOf.ts'
import { type Job, type Requirement, requirementOf, type Task, taskIdOf } from './jobRecords.ts'
import { reserve } from './reserve.ts'

/** A task of a job as it is asked for. */
export interface NewTask {
  spec: TaskSpec
  /** Canonical operations; of an answer the most it may take. */
  operations: number
  /** What a tab needs, where the specification does not say it. */
  requirement?: Requirement
  /** Who pays, where it is not the job's requester. */
  payer?: string
  /** Micro-credits to hold of the requester's money, where it is not the task's whole price. */
  reserved?: number
  part?: AnswerPart
  /** Addresses that may not have it; those whose result for it is rejected are added. */
  refusedAddresses?: Set<string>
  /** Attempts that were counted before. */
  attempts?: Pick<Task, 'failed' | 'vanished'>
}

/**
 * Adds a task to a job; it waits for a tab from now on.
 * @returns the task; null where the job has ended, or the task's attempts are used up: it is rejected then
 */
export function addTask(
  core: Core,
  job: Job,
  index: number,
  { spec, operations, requirement, payer, reserved, part, refusedAddresses, attempts }: NewTask,
  resolve: Task['resolve'],
  reject: Task['reject'],
): Task | null {
  if (job.ended) {
    reject(job.error ?? new OpentabError('cancelled'))
    return null
  }
  const microCredits = microCreditsOf(operations)
  const task: Task = {
    id: taskIdOf(job.seq, index),
    index,
    job,
    spec,
    requirement: requirement ?? requirementOf(spec),
    operations,
    microCredits,
    reservedMicroCredits: reserved ?? microCredits,
    payer: payer ?? job.requester,
    part: part ?? null,
    state: 'queued',
    generation: 0,
    lease: null,
    failed: attempts?.failed ?? 0,
    vanished: attempts?.vanished ?? 0,
    uncheckedTries: 0,
    lastFailure: '',
    refusedAddresses: refusedAddresses ?? null,
    failedTabs: null,
    queuedAt: core.clock.now(),
    resolve,
    reject,
  }
  // The relay may have gone down between a task's last attempt and the end of its job.
  const death = deathOf(task)
  if (death) {
    reject(death)
    return null
  }
  job.tasks.set(index, task)
  reserve(core, job, task.reservedMicroCredits)
  countInputs(core, job, spec, 1)
  core.queue.add(task)
  core.wake()
  return task
}

/** The inputs of a task are held in memory from now on, or (-1) no longer. */
export function countInputs(core: Core, job: Job, spec: TaskSpec, sign: 1 | -1): void {
  // The end of a job counts all of its inputs off.
  if (job.ended) return
  let bytes = 0
  for (const tensor of spec.inputs) bytes += tensor.bytes.byteLength
  job.inputBytes += sign * bytes
  core.openInputBytes += sign * bytes
}
