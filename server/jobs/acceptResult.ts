import { encodeResults } from '../../protocol/frames.ts'
import type { Verdict } from '../../protocol/receipt.ts'
import type { TaskResult } from '../../protocol/task.ts'
import type { Tensor } from '../../protocol/tensor.ts'
import type { Core } from '../core.ts'
import { measure, type Tab } from '../placement/tab.ts'
import type { CheckOutcome } from '../verify/checker.ts'
import { afterVerdict } from '../verify/samplingPolicy.ts'
import { endJob } from './endJob.ts'
import { type Job, receiptIdOf, type Task, taskIdOf, taskName } from './jobRecords.ts'
import { checkLater, endLease, spendAttempt } from './loseLease.ts'
import { reserve } from './reserve.ts'

/**
 * Takes the results of one frame. Only a result whose task is leased to this very tab with this very generation
 * counts; every other one (late, duplicate, forged) changes nothing.
 */
export function acceptResults(core: Core, tab: Tab, results: readonly TaskResult[]): void {
  const now = core.clock.now()
  const startedAt = Math.max(tab.lastResultAt, tab.leased.values().next().value?.lease?.grantedAt ?? now)
  const share = (now - startedAt) / results.length
  for (const result of results) {
    const task = tab.leased.get(result.task)
    if (task?.state !== 'leased' || task.lease?.tabId !== tab.id || task.generation !== result.generation) {
      core.counters.resultsIgnored++
      continue
    }
    task.state = 'returned'
    endLease(core, task)
    tab.leased.delete(task.id)
    measure(tab, task.requirement, task.operations, share)
    judge(core, tab, task, result)
  }
  tab.lastResultAt = now
  core.wake()
}

/** Form first, then the check if it is drawn. Stays in this turn where the checks are quick enough to be made inline. */
function judge(core: Core, tab: Tab, task: Task, result: TaskResult): void {
  const { generation } = task
  const payee = core.ledger.payee(tab.address)
  const drawn = core.checker.alwaysChecked(task.spec) || core.drawCheck(payee.verifiedSinceReset)
  const decide = (outcome: CheckOutcome | null): void => {
    if (task.state !== 'returned' || task.generation !== generation) return
    if (outcome === null) verified(core, tab, task, result.outputs, 'unsampled')
    else if (outcome.ok) verified(core, tab, task, result.outputs, outcome.verdict)
    else rejected(core, tab, task, result.outputs, outcome.reason)
  }
  const notOurs = (error: unknown): void => {
    // The check itself broke: nobody's fault. The result counts for nothing and the task is done again.
    core.report(error, `check of ${taskName(task.id)}`)
    if (task.state === 'returned' && task.generation === generation) {
      checkLater(core, task)
    }
  }
  const afterForm = (wrong: string | null): void => {
    if (wrong !== null) return decide({ ok: false, reason: wrong })
    if (!drawn) return decide(null)
    const outcome = core.checker.check(task.spec, result.outputs)
    if (!(outcome instanceof Promise)) return decide(outcome)
    const bytes = bytesOf(result.outputs)
    core.checkingBytes += bytes
    outcome.then(decide, notOurs).finally(() => {
      core.checkingBytes -= bytes
      core.wake()
    })
  }
  try {
    const form = core.checker.checkForm(task.spec, result.outputs)
    if (form instanceof Promise) form.then(afterForm).catch(notOurs)
    else afterForm(form)
  } catch (error) {
    notOurs(error)
  }
}

const bytesOf = (tensors: readonly Tensor[]): number =>
  tensors.reduce((sum, tensor) => sum + tensor.bytes.byteLength, 0)

/** Completion, receipt, credit and debit: all in this turn's one transaction. */
function verified(core: Core, tab: Tab, task: Task, outputs: Tensor[], verdict: Verdict): void {
  const { job } = task
  task.state = 'verified'
  job.tasks.delete(task.index)
  job.verified.push({ index: task.index, generation: task.generation })
  reserve(core, job, -task.microCredits)
  job.spentMicroCredits += task.microCredits
  const entry = writeReceipt(core, tab, task, outputs, verdict, task.microCredits)
  core.ledger.payForWork(task.id, job.requester, tab.address, task.microCredits)
  core.commit.batch.verified.push({
    task: task.id,
    generation: task.generation,
    entry,
    outputs:
      job.mode === 'background'
        ? encodeResults([{ task: task.id, generation: 0, computeMicros: 0, outputs }])
        : null,
  })
  const payee = core.ledger.payee(tab.address)
  payee.completed++
  payee.verifiedSinceReset = afterVerdict(payee, verdict).verifiedSinceReset
  tab.completed++
  core.counters.tasksVerified++
  core.counters.microCredits += task.microCredits
  core.counters.checks[verdict] = (core.counters.checks[verdict] ?? 0) + 1
  const { resolve } = task
  if (resolve) core.commit.after(() => resolve(outputs))
  if (core.kinds.get(job.kind)?.plan && job.tasks.size === 0) endJob(core, job, 'done', {})
}

function rejected(core: Core, tab: Tab, task: Task, outputs: Tensor[], reason: string): void {
  const entry = writeReceipt(core, tab, task, outputs, 'rejected', 0, reason)
  core.commit.batch.rejected.push({ task: task.id, generation: task.generation, entry })
  const payee = core.ledger.payee(tab.address)
  payee.rejected++
  payee.verifiedSinceReset = afterVerdict(payee, 'rejected').verifiedSinceReset
  core.counters.resultsRejected++
  task.refusedAddresses ??= new Set()
  task.refusedAddresses.add(tab.address)
  spendAttempt(core, task, 'failed', reason)
}

/** One log entry for the verdict; the tab hears of it within a second. Gives the entry's index. */
function writeReceipt(
  core: Core,
  tab: Tab,
  task: Task,
  outputs: Tensor[],
  verdict: Verdict,
  microCredits: number,
  reason?: string,
): number {
  const id = receiptIdOf(task.id, task.generation)
  const payee = core.ledger.payee(tab.address)
  const credit = String(microCredits)
  const { index, inputSalt, outputSalt } = core.receipts.append({
    id,
    task: taskName(task.id),
    spec: task.spec,
    outputs,
    deviceClass: tab.deviceClass,
    verdict,
    operations: task.operations,
    microCredits: credit,
    account: tab.address,
    previous: payee.latest,
    saltKey: task.job.saltKey,
  })
  payee.latest = id
  payee.receipts++
  core.ledger.touch(payee)
  tab.verdicts.push({
    task: task.id,
    generation: task.generation,
    verdict,
    microCredits: credit,
    receipt: id,
    inputSalt,
    outputSalt,
    ...(reason === undefined ? {} : { reason }),
  })
  return index
}

/** Receipt ids of a job's verified tasks, in the order of the tasks. */
export function receiptsOf(job: Job): string[] {
  return job.verified
    .toSorted((a, b) => a.index - b.index)
    .map(({ index, generation }) => receiptIdOf(taskIdOf(job.seq, index), generation))
}
