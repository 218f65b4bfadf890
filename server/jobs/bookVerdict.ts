import type { Verdict } from '../../protocol/receipt.ts'
import type { Tensor } from '../../protocol/tensor.ts'
import type { Core } from '../core.ts'
import type { Tab } from '../placement/tab.ts'
import { afterVerdict } from '../verify/samplingPolicy.ts'
import type { BegunStretch } from './begunStretch.ts'
import { receiptIdOf, type Task, taskName } from './jobRecords.ts'

/** What a verdict is for: a task, or what stands for one. */
export type Judged = Pick<
  Task,
  'id' | 'index' | 'generation' | 'spec' | 'operations' | 'microCredits' | 'payer' | 'job'
>

/** What a receipt has beside the verdict. */
export interface ReceiptOptions {
  /** What the tab knows the work by, where the task is not the one that was leased. */
  lease?: { task: number; generation: number }
  /** The steps that it is for, where the task stands for several. */
  stretch?: BegunStretch | null
}

/**
 * Receipt, credit and debit of work that was found right or not drawn.
 * @param stored what is kept of its outputs, for the time after a restart
 */
export function bookVerified(
  core: Core,
  tab: Tab,
  task: Judged,
  outputs: readonly Tensor[],
  verdict: Verdict,
  { stored, ...options }: ReceiptOptions & { stored: Uint8Array | null },
): void {
  const { job, index, id, generation, microCredits, payer } = task
  if (payer === job.requester) job.spentMicroCredits += microCredits
  const entry = writeReceipt(core, tab, task, outputs, verdict, microCredits, options)
  core.ledger.payForWork(id, payer, tab.address, microCredits)
  core.commit.batch.verified.push({ task: id, generation, entry, outputs: stored })
  job.verified.push({ index, generation })
  core.counters.tasksVerified++
  core.counters.microCredits += microCredits
  core.counters.checks[verdict] = (core.counters.checks[verdict] ?? 0) + 1
}

/** Receipt of work that was found wrong: the address is back to being checked every time. */
export function bookRejected(
  core: Core,
  tab: Tab,
  task: Judged,
  outputs: readonly Tensor[],
  reason: string,
  options: ReceiptOptions,
): void {
  const { id, generation } = task
  const entry = writeReceipt(core, tab, task, outputs, 'rejected', 0, { ...options, reason })
  core.commit.batch.rejected.push({ task: id, generation, entry })
  const payee = core.ledger.payee(tab.address)
  payee.rejected++
  payee.verifiedSinceReset = afterVerdict(payee, 'rejected').verifiedSinceReset
  core.counters.resultsRejected++
}

/**
 * One log entry for the verdict; the tab hears of it within a second. Gives the entry's index.
 */
function writeReceipt(
  core: Core,
  tab: Tab,
  task: Judged,
  outputs: readonly Tensor[],
  verdict: Verdict,
  microCredits: number,
  { reason, lease, stretch }: ReceiptOptions & { reason?: string },
): number {
  const id = receiptIdOf(task.id, task.generation)
  const payee = core.ledger.payee(tab.address)
  const credit = String(microCredits)
  const { index, inputSalt, outputSalt } = core.receipts.append({
    id,
    task: taskName(task.id),
    spec: task.spec,
    outputs,
    ...(stretch && { commitments: stretch.commitments }),
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
    task: lease?.task ?? task.id,
    generation: task.generation,
    verdict,
    microCredits: credit,
    receipt: id,
    inputSalt,
    outputSalt,
    ...(reason === undefined ? {} : { reason }),
    ...(stretch && stretch.later.length > 0 && { steps: stretch.later }),
  })
  return index
}
