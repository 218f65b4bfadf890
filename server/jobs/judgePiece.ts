import { microCreditsOf } from '../../protocol/limits.ts'
import type { Verdict } from '../../protocol/receipt.ts'
import type { TaskSpec } from '../../protocol/task.ts'
import type { Tensor } from '../../protocol/tensor.ts'
import type { Core } from '../core.ts'
import type { Tab } from '../placement/tab.ts'
import { afterVerdict } from '../verify/samplingPolicy.ts'
import { writeReceipt } from './acceptResult.ts'
import { type Job, taskIdOf } from './jobRecords.ts'

/** What a lease streamed that ended without a result: judged and paid like a task of its own. */
export interface Piece {
  job: Job
  /** Index of its own among the job's tasks. */
  index: number
  /** The lease under which it came. */
  lease: { task: number; generation: number }
  tab: Tab
  spec: TaskSpec
  outputs: readonly Tensor[]
  /** Canonical operations. */
  operations: number
  /** Ledger account that pays. */
  payer: string
}

/**
 * Receipt, credit and debit of a piece that was found right or not drawn. It is no completed task: the standing of its
 * address stays as it is.
 */
export function payPiece(core: Core, piece: Piece, verdict: Verdict): void {
  const { job, index, lease, tab, payer } = piece
  const task = { ...piece, id: taskIdOf(job.seq, index), generation: lease.generation }
  const microCredits = microCreditsOf(piece.operations)
  const entry = writeReceipt(core, tab, task, piece.outputs, verdict, microCredits, { lease })
  core.ledger.payForWork(task.id, payer, tab.address, microCredits)
  core.commit.batch.verified.push({ task: task.id, generation: task.generation, entry, outputs: null })
  job.verified.push({ index, generation: task.generation })
  if (payer === job.requester) job.spentMicroCredits += microCredits
  core.counters.tasksVerified++
  core.counters.microCredits += microCredits
  core.counters.checks[verdict] = (core.counters.checks[verdict] ?? 0) + 1
}

/** Receipt of a piece that was found wrong: the address is back to being checked every time. */
export function rejectPiece(core: Core, piece: Piece, reason: string): void {
  const { job, index, lease, tab } = piece
  const task = { ...piece, id: taskIdOf(job.seq, index), generation: lease.generation }
  const entry = writeReceipt(core, tab, task, piece.outputs, 'rejected', 0, { lease, reason })
  core.commit.batch.rejected.push({ task: task.id, generation: task.generation, entry })
  const payee = core.ledger.payee(tab.address)
  payee.rejected++
  payee.verifiedSinceReset = afterVerdict(payee, 'rejected').verifiedSinceReset
  core.counters.resultsRejected++
}
