import { encodeResults } from '../../protocol/frames.ts'
import { committedOutputs } from '../../protocol/generation.ts'
import { ANSWERS_JOB_SPAN, MAX_TASKS_PER_JOB, microCreditsOf } from '../../protocol/limits.ts'
import type { Verdict } from '../../protocol/receipt.ts'
import type { TaskResult } from '../../protocol/task.ts'
import type { Tensor } from '../../protocol/tensor.ts'
import type { Core } from '../core.ts'
import { letGo, measure, type Tab } from '../placement/tab.ts'
import type { CheckOutcome } from '../verify/checker.ts'
import { isModelGone } from '../verify/isModelGone.ts'
import { afterVerdict } from '../verify/samplingPolicy.ts'
import { countInputs } from './addTask.ts'
import { bookRejected, bookVerified } from './bookVerdict.ts'
import { checkAgain } from './checkAgain.ts'
import { enterBacklog, leaveBacklog } from './checkBacklog.ts'
import { endJob } from './endJob.ts'
import { isPinned, type Job, receiptIdOf, type Task, taskIdOf, taskName } from './jobRecords.ts'
import { dieUnchecked, endLease, giveUp, spendAttempt } from './loseLease.ts'
import { reserve } from './reserve.ts'
import { StepLost } from './stepLost.ts'

/**
 * Takes the results of one frame. Only a result whose task is leased to this very tab with this very generation
 * counts; every other one (late, duplicate, forged) changes nothing.
 */
export function acceptResults(core: Core, tab: Tab, results: readonly TaskResult[]): void {
  const now = core.clock.now()
  const startedAt = Math.max(tab.lastResultAt, oldestGrant(tab) ?? now)
  const share = (now - startedAt) / results.length
  let short = 0
  for (const result of results) {
    const task = tab.leased.get(result.task)
    if (task?.state !== 'leased' || task.lease?.tabId !== tab.id || task.generation !== result.generation) {
      core.counters.resultsIgnored++
      continue
    }
    task.state = 'returned'
    const { grantedAt } = task.lease
    endLease(core, task)
    const answering = tab.answering
    letGo(tab, task)
    if (task.spec.kind === 'generate') {
      // Answers take turns: each had about its share of the time since it began.
      const outputs = committedOutputs(result.outputs)
      judge(core, tab, task, outputs, result.outputs, (now - grantedAt) / answering)
    } else {
      short++
      measure(tab, task.requirement, task.operations, share)
      judge(core, tab, task, result.outputs, result.outputs)
    }
  }
  if (short > 0) tab.lastResultAt = now
  core.wake()
}

/** When the oldest lease in hand was granted, answers left out: they go on beside the other work. */
function oldestGrant(tab: Tab): number | undefined {
  for (const { spec, lease } of tab.leased.values()) if (spec.kind !== 'generate') return lease?.grantedAt
  return undefined
}

/**
 * Form first, then the check if it is drawn. Stays in this turn where the checks are quick enough to be made inline.
 * @param sent the outputs as they came: with what a tab says beside the result
 * @param answerMs how long the tab worked on a whole answer: what that was worth shows with the result
 */
function judge(
  core: Core,
  tab: Tab,
  task: Task,
  outputs: Tensor[],
  sent: readonly Tensor[],
  answerMs: number | null = null,
): void {
  const { generation, part } = task
  const current = (): boolean => task.state === 'returned' && task.generation === generation
  const decide = (outcome: CheckOutcome | null): void => {
    if (!current()) return
    if (outcome === null) verified(core, tab, task, outputs, 'unsampled')
    else if (outcome.ok && part?.hasMoreToCheck?.()) check()
    else if (outcome.ok) verified(core, tab, task, outputs, outcome.verdict)
    else if (part?.blamesAnother?.(outcome)) makeAgain(core, task, outcome.reason)
    else rejected(core, tab, task, outputs, outcome.reason)
  }
  // What was made of an answer is judged also when its requester has left.
  const signal = part ? undefined : task.job.abort.signal
  const backlogged = { bytes: bytesOf(outputs), isAnswer: part !== null }
  // The check itself broke: nobody's fault. The work is there, so only the check is made again.
  const notOurs = (again: () => void) => (error: unknown) => {
    // Nobody waits for the check of a job that has ended.
    if (signal?.aborted || (task.job.ended && !current())) return
    core.report(error, `check of ${taskName(task.id)}`)
    if (!current()) return
    if (!checkAgain(core, task, backlogged, error, again)) dieUnchecked(core, task)
  }
  const check = (): void => {
    if (!current()) return
    let outcome: Promise<CheckOutcome> | CheckOutcome
    try {
      const step = part?.stretch?.checked
      const one = step ?? part?.scored?.(outputs) ?? { spec: task.spec, outputs }
      outcome = core.checker.check(one.spec, one.outputs, step?.history, signal)
    } catch (error) {
      return unchecked(error)
    }
    if (!(outcome instanceof Promise)) return decide(outcome)
    enterBacklog(core, backlogged)
    outcome.then(decide, unchecked).finally(() => leaveBacklog(core, backlogged))
  }
  // Of an answer, what nobody can look at any more is taken as it is.
  const unchecked = (error: unknown): void =>
    part && isModelGone(error) ? decide(null) : notOurs(check)(error)
  const afterForm = (wrong: string | null): void => {
    // The job may have ended while the form was looked at.
    if (!current()) return
    const fault = wrong ?? part?.faultOf(outputs) ?? null
    if (fault !== null) return decide({ ok: false, reason: fault })
    if (part && answerMs !== null) measure(tab, task.requirement, part.operationsOf(outputs), answerMs)
    part?.join?.(task, tab, outputs, { accept: () => decide(null), check })
    part?.returned(sent, tab)
    if (part?.join) return
    const isDrawn = (address: string): boolean =>
      core.drawCheck(core.ledger.payee(address).verifiedSinceReset)
    const addresses = [tab.address, ...(part?.addressesBefore?.() ?? [])]
    if (core.checker.alwaysChecked(task.spec) || addresses.some(isDrawn)) check()
    else decide(null)
  }
  const checkForm = (): void => {
    if (!current()) return
    try {
      const form = core.checker.checkForm(task.spec, outputs)
      if (form instanceof Promise) form.then(afterForm).catch(notOurs(checkForm))
      else afterForm(form)
    } catch (error) {
      notOurs(checkForm)(error)
    }
  }
  checkForm()
}

const bytesOf = (tensors: readonly Tensor[]): number =>
  tensors.reduce((sum, tensor) => sum + tensor.bytes.byteLength, 0)

/** Completion, receipt, credit and debit: all in this turn's one transaction. */
function verified(core: Core, tab: Tab, task: Task, outputs: Tensor[], verdict: Verdict): void {
  const { job } = task
  task.state = 'verified'
  job.tasks.delete(task.index)
  reserve(core, job, -task.reservedMicroCredits)
  countInputs(core, job, task.spec, -1)
  if (task.part) {
    // What an answer costs shows with its result.
    const granted = task.operations
    task.operations = task.part.operationsOf(outputs)
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

function rejected(core: Core, tab: Tab, task: Task, outputs: Tensor[], reason: string): void {
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
function makeAgain(core: Core, task: Task, reason: string): void {
  const death = task.part?.rejected(reason) ?? null
  if (task.job.ended) return giveUp(core, task)
  if (death === null) return spendAttempt(core, task, 'failed', reason)
  task.state = 'dead'
  core.commit.after(() => task.reject(death))
}

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
