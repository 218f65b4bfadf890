import type { Tensor } from '../../protocol/tensor.ts'
import type { Core } from '../core.ts'
import { measure, type Tab } from '../placement/tab.ts'
import type { CheckOutcome } from '../verify/checker.ts'
import type { AnswerPart } from './answerPart.ts'
import { checkAgain } from './checkAgain.ts'
import { type BackloggedCheck, enterBacklog, leaveBacklog } from './checkBacklog.ts'
import { type Task, taskName } from './jobRecords.ts'
import { dieUnchecked } from './loseLease.ts'
import { makeAgain, rejected, verified } from './takeVerdict.ts'

/** A result whose verdict is due. */
interface Returned {
  core: Core
  tab: Tab
  task: Task
  /** Of the lease under which it came. */
  generation: number
  outputs: Tensor[]
  /** The outputs as they came: with what a tab says beside the result. */
  sent: readonly Tensor[]
  /** How long the tab worked on a whole answer, ms; null for everything else. */
  answerMs: number | null
}

/**
 * Form first, then the check if it is drawn. Stays in this turn where the checks are quick enough to be made inline: that
 * is the path of most results, so nothing is made on it that only a slow check or a language model's answer needs.
 * @param sent the outputs as they came: with what a tab says beside the result
 * @param answerMs how long the tab worked on a whole answer: what that was worth shows with the result
 */
export function judgeResult(
  core: Core,
  tab: Tab,
  task: Task,
  outputs: Tensor[],
  sent: readonly Tensor[],
  answerMs: number | null = null,
): void {
  checkForm({ core, tab, task, generation: task.generation, outputs, sent, answerMs })
}

/** Whether the verdict is still wanted: the job may have ended, or the task be leased again, while a check ran. */
const isCurrent = ({ task, generation }: Returned): boolean =>
  task.state === 'returned' && task.generation === generation

function checkForm(result: Returned): void {
  if (!isCurrent(result)) return
  const { core, task, outputs } = result
  try {
    const form = core.checker.checkForm(task.spec, outputs)
    if (form instanceof Promise)
      form.then((wrong) => afterForm(result, wrong)).catch((error) => tryAgain(result, error, checkForm))
    else afterForm(result, form)
  } catch (error) {
    tryAgain(result, error, checkForm)
  }
}

function afterForm(result: Returned, wrong: string | null): void {
  if (!isCurrent(result)) return
  const { core, tab, task } = result
  if (wrong !== null) decide(result, { ok: false, reason: wrong })
  else if (task.part !== null) afterFormOfPart(result, task.part)
  else if (core.checker.alwaysChecked(task.spec) || isDrawn(core, tab.address)) check(result)
  else decide(result, null)
}

/** The same for a part of a language model's answer, which hears of it and may judge it with others. */
function afterFormOfPart(result: Returned, part: AnswerPart): void {
  const { core, tab, task, outputs, sent, answerMs } = result
  const fault = part.faultOf(outputs)
  if (fault !== null) return decide(result, { ok: false, reason: fault })
  if (answerMs !== null) measure(tab, task.requirement, part.operationsOf(outputs), answerMs)
  part.join?.(task, tab, outputs, { accept: () => decide(result, null), check: () => check(result) })
  part.returned(sent, tab)
  if (part.join) return
  const addresses = [tab.address, ...(part.addressesBefore?.() ?? [])]
  if (core.checker.alwaysChecked(task.spec) || addresses.some((address) => isDrawn(core, address)))
    check(result)
  else decide(result, null)
}

const isDrawn = (core: Core, address: string): boolean =>
  core.drawCheck(core.ledger.payee(address).verifiedSinceReset)

function check(result: Returned): void {
  if (!isCurrent(result)) return
  const { core } = result
  let outcome: Promise<CheckOutcome> | CheckOutcome
  try {
    outcome = askChecker(result)
  } catch (error) {
    return tryAgain(result, error, check)
  }
  if (!(outcome instanceof Promise)) return decide(result, outcome)
  const backlogged = backloggedOf(result)
  enterBacklog(core, backlogged)
  outcome
    .then(
      (made) => decide(result, made),
      (error) => tryAgain(result, error, check),
    )
    .finally(() => leaveBacklog(core, backlogged))
}

function askChecker({ core, task, outputs }: Returned): Promise<CheckOutcome> | CheckOutcome {
  const { spec, part } = task
  if (part === null) return core.checker.check(spec, outputs, undefined, task.job.abort.signal)
  // What was made of an answer is judged also when its requester has left.
  const step = part.stretch?.checked
  const one = step ?? part.scored?.(outputs) ?? { spec, outputs }
  return core.checker.check(one.spec, one.outputs, step?.history)
}

/** Takes the outcome of a check; null where none was drawn. */
function decide(result: Returned, outcome: CheckOutcome | null): void {
  if (!isCurrent(result)) return
  const { core, tab, task, outputs } = result
  if (outcome === null) verified(core, tab, task, outputs, 'unsampled')
  else if (outcome.ok && task.part?.hasMoreToCheck?.()) check(result)
  else if (outcome.ok) verified(core, tab, task, outputs, outcome.verdict)
  else if (task.part?.blamesAnother?.(outcome)) makeAgain(core, task, outcome.reason)
  else rejected(core, tab, task, outputs, outcome.reason)
}

/** The check itself broke: nobody's fault. The work is there, so only the check is made again. */
function tryAgain(result: Returned, error: unknown, again: (result: Returned) => void): void {
  const { core, task } = result
  const isWanted = isCurrent(result)
  // Nobody waits for the check of a job that has ended.
  if (task.part === null && task.job.abort.signal.aborted) return
  if (task.job.ended && !isWanted) return
  core.report(error, `check of ${taskName(task.id)}`)
  if (!isWanted) return
  if (!checkAgain(core, task, backloggedOf(result), error, () => again(result))) dieUnchecked(core, task)
}

const backloggedOf = ({ task, outputs }: Returned): BackloggedCheck => ({
  // A custom kernel's waits for other tabs, which must get their leases: its job holds these bytes (FlowContext.hold).
  bytes: task.spec.kind === 'custom' ? 0 : outputs.reduce((sum, { bytes }) => sum + bytes.byteLength, 0),
  isAnswer: task.part !== null,
})
