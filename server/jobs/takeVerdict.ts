import { encodeResults } from '../../protocol/frames.ts'
import { microCreditsOf } from '../../protocol/limits.ts'
import type { Verdict } from '../../protocol/receipt.ts'
import type { Tensor } from '../../protocol/tensor.ts'
import type { Core } from '../core.ts'
import type { Tab } from '../placement/tab.ts'
import { afterVerdict } from '../verify/samplingPolicy.ts'
import { countInputs } from './addTask.ts'
import { bookRejected, bookVerified } from './bookVerdict.ts'
import { endJob } from './endJob.ts'
import { isPinned, type Task } from './jobRecords.ts'
import { giveUp, spendAttempt } from './loseLease.ts'
import { reserve } from './reserve.ts'
import { StepLost } from './stepLost.ts'

/** Completion, receipt, credit and debit: all in this turn's one transaction. */
export function verified(core: Core, tab: Tab, task: Task, outputs: Tensor[], verdict: Verdict): void {
  const { job } = task
  task.state = 'verified'
  job.tasks.delete(task.index)
  reserve(core, job, -task.reservedMicroCredits)
  countInputs(core, job, task.spec, -1)
  if (task.part) {
    // What an answer costs shows with its result.
    const granted = task.operations
    task.operations = task.part.operationsOf(outputs, tab.address)
    task.microCredits = microCreditsOf(task.operations)
    task.payer = task.part.payer?.(task.microCredits) ?? task.payer
    core.queue.correct(job.requester, granted, task.operations)
  }
  // What no other account has found earns nothing, and costs nothing.
  if (verdict === 'unverified') Object.assign(task, { operations: 0, microCredits: 0 })
  const stored =
    // What a stage gave is of no use after a restart: the caches are gone, and the sequence begins anew.
    job.mode === 'background' && task.spec.kind !== 'stage'
      ? encodeResults([{ task: task.id, generation: 0, computeMicros: 0, outputs }])
      : null
  bookVerified(core, tab, task, outputs, verdict, { stored, stretch: task.part?.stretch })
  const payee = core.ledger.payee(tab.address)
  payee.completed++
  payee.verifiedSinceReset = afterVerdict(payee, verdict).verifiedSinceReset
  tab.completed++
  task.part?.paid(task.microCredits)
  task.part?.settleBefore?.(verdict)
  const { resolve } = task
  if (resolve) core.commit.after(() => resolve(outputs))
  if (core.kinds.get(job.kind)?.plan && job.tasks.size === 0) endJob(core, job, 'done', {})
}

/** The address is told why, and the task is done again. */
export function rejected(core: Core, tab: Tab, task: Task, outputs: Tensor[], reason: string): void {
  bookRejected(core, tab, task, outputs, reason, { stretch: task.part?.stretch })
  if (isPinned(task)) {
    task.state = 'dead'
    task.job.tasks.delete(task.index)
    reserve(core, task.job, -task.reservedMicroCredits)
    countInputs(core, task.job, task.spec, -1)
    core.commit.after(() => task.reject(new StepLost('rejected', reason)))
    return
  }
  task.refusedAddresses ??= new Set()
  task.refusedAddresses.add(tab.address)
  makeAgain(core, task, reason)
}

/** The task is done again, where its answer and its attempts allow it. */
export function makeAgain(core: Core, task: Task, reason: string): void {
  const death = task.part?.rejected(reason) ?? null
  if (task.job.ended) return giveUp(core, task)
  if (death === null) return spendAttempt(core, task, 'failed', reason)
  task.state = 'dead'
  core.commit.after(() => task.reject(death))
}
