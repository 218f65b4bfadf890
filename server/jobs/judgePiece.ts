import { microCreditsOf } from '../../protocol/limits.ts'
import type { Verdict } from '../../protocol/receipt.ts'
import type { TaskSpec } from '../../protocol/task.ts'
import type { Tensor } from '../../protocol/tensor.ts'
import type { Core } from '../core.ts'
import type { Tab } from '../placement/tab.ts'
import { bookRejected, bookVerified, type Judged } from './bookVerdict.ts'
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
  bookVerified(core, piece.tab, judgedOf(piece), piece.outputs, verdict, { lease: piece.lease, stored: null })
}

/** Receipt of a piece that was found wrong. */
export function rejectPiece(core: Core, piece: Piece, reason: string): void {
  bookRejected(core, piece.tab, judgedOf(piece), piece.outputs, reason, { lease: piece.lease })
}

const judgedOf = (piece: Piece): Judged => ({
  ...piece,
  id: taskIdOf(piece.job.seq, piece.index),
  generation: piece.lease.generation,
  microCredits: microCreditsOf(piece.operations),
})
