import { microCreditsOf } from '../../protocol/limits.ts'
import type { Verdict } from '../../protocol/receipt.ts'
import type { TaskSpec } from '../../protocol/task.ts'
import type { Tensor } from '../../protocol/tensor.ts'
import type { Core } from '../core.ts'
import { checkAgain } from '../jobs/checkAgain.ts'
import { enterBacklog, leaveBacklog } from '../jobs/checkBacklog.ts'
import type { Task } from '../jobs/jobRecords.ts'
import { type Piece, payPiece, rejectPiece } from '../jobs/judgePiece.ts'
import { reserve } from '../jobs/reserve.ts'
import type { Tab } from '../placement/tab.ts'
import type { CheckOutcome } from '../verify/checker.ts'
import { leaseOperations } from './answerCost.ts'
import type { AnswerState } from './answerState.ts'
import { generateTask, idsTensor, tokenTensors } from './answerTensors.ts'
import { nextStepIndex, payerOf } from './stepAccounts.ts'

/** Tokens of an answer, places `from` up to `to`, that came under one lease. */
interface StreamedPiece {
  from: number
  to: number
  tab: Tab
  lease: { task: number; generation: number }
}

/** Who pays for tokens that nobody handed in, and whether with the prompt's rows. */
export interface OpenEnd {
  payer: 'requester' | 'operator'
  prompt: boolean
}

/**
 * Who streamed which tokens of an answer that is made whole in one tab after the other. A lease that ends with a result is
 * judged by that; what the others streamed is judged with it, in one pass, and each of them is paid its own tokens. A
 * wrong token is the fault of the tab that streamed it. What comes after it counts for nobody.
 */
export class StreamedPieces {
  readonly #core: Core
  readonly #state: AnswerState
  /** Tokens that were known before: they have verdicts of their own. */
  readonly #before: number
  #pieces: StreamedPiece[] = []

  constructor(core: Core, state: AnswerState) {
    this.#core = core
    this.#state = state
    this.#before = state.ids.length
  }

  /** The newest lease streamed so many tokens more. */
  add({ id, generation }: Task, tab: Tab, tokens: number): void {
    const to = this.#state.ids.length
    const own = this.#pieces.at(-1)
    if (own?.lease.generation === generation) own.to = to
    else this.#pieces.push({ from: to - tokens, to, tab, lease: { task: id, generation } })
  }

  /** Whether tokens came under this lease. */
  has(generation: number): boolean {
    return this.#pieces.at(-1)?.lease.generation === generation
  }

  /** The lease is judged by its result. */
  handedIn(generation: number): void {
    if (this.has(generation)) this.#pieces.pop()
  }

  /** Tokens from this place on are taken back. */
  truncate(length: number): void {
    this.#pieces = this.#pieces.filter(({ from }) => from < length)
  }

  get addresses(): string[] {
    return this.#pieces.map(({ tab }) => tab.address)
  }

  /** The answer so far with the tokens that were not judged, as a task and its outputs; null where all were. */
  scored(outputs: readonly Tensor[] | null): { spec: TaskSpec; outputs: Tensor[] } | null {
    if (this.#pieces.length === 0) return null
    const { request, ids, logprobs } = this.#state
    const count = request.options.topLogprobs
    const made = tokenTensors(ids, null, count === null ? null : logprobs, count ?? 0)
    const finish = outputs?.find(({ name }) => name === 'finish')
    if (finish) made.splice(1, 0, finish)
    return { spec: generateTask(request, ids.slice(0, this.#before)), outputs: made }
  }

  /** Pays what was found right, or was not drawn. */
  settle(verdict: Verdict): void {
    const { job, paidRows } = this.#state
    const byOperator = paidRows > 0 || job.refunded
    for (const piece of this.#pieces.splice(0)) {
      this.#pay(piece, verdict, (microCredits) => payerOf(job, byOperator, microCredits), false)
    }
  }

  /**
   * Rejects the piece with the wrong token, and pays those before it.
   * @returns whether there is such a piece: else the token is of the lease that handed the answer in
   */
  blame(place: number, reason: string): boolean {
    const wrong = this.#pieces.findIndex(({ from, to }) => from <= place && place < to)
    if (wrong < 0) return false
    const pieces = this.#pieces.splice(0)
    this.#pieces = pieces.slice(0, wrong)
    this.settle('text-scored')
    this.#reject(pieces[wrong]!, reason)
    return true
  }

  /**
   * Judges and pays what came, where nobody hands the answer in: it is checked as a result is. Resolves when all have
   * their verdicts, or the check could not be made: then nobody is paid.
   */
  async settleOpen({ payer, prompt }: OpenEnd): Promise<void> {
    const core = this.#core
    const pieces = this.#pieces
    if (pieces.length === 0) return
    const { job, cuts } = this.#state
    const costs = pieces.map((piece) =>
      microCreditsOf(this.#operations(piece, prompt && piece === pieces.at(-1))),
    )
    const held = payer === 'requester' ? costs.reduce((sum, cost) => sum + cost, 0) : 0
    const { spec, outputs } = this.scored(null)!
    this.#pieces = []
    reserve(core, job, held)
    try {
      const isDrawn = ({ tab }: StreamedPiece): boolean =>
        core.drawCheck(core.ledger.payee(tab.address).verifiedSinceReset)
      const outcome = pieces.some(isDrawn) ? await this.#check(spec, outputs) : null
      const wrongAt = outcome === null || outcome.ok ? Number.POSITIVE_INFINITY : (outcome.place ?? 0)
      // What comes before a wrong token was scored like that.
      const scoredAs = outcome?.ok ? outcome.verdict : 'text-scored'
      const verdict = outcome === null ? 'unsampled' : scoredAs
      for (const piece of pieces) {
        if (piece.to > wrongAt) {
          const { reason } = outcome as CheckOutcome & { ok: false }
          this.#reject(piece, reason)
          this.#state.foundWrong(wrongAt, reason, cuts)
          break
        }
        const account = payer === 'requester' ? job.requester : 'operator'
        const withPrompt = prompt && piece === pieces.at(-1)
        this.#pay(piece, verdict, () => account, withPrompt)
      }
    } catch (error) {
      core.report(error, `check of what was streamed of job ${job.seq}`)
    } finally {
      reserve(core, job, -held)
    }
  }

  async #check(
    spec: TaskSpec,
    outputs: readonly Tensor[],
    count = { uncheckedTries: 0 },
  ): Promise<CheckOutcome> {
    const core = this.#core
    const backlogged = {
      bytes: outputs.reduce((sum, { bytes }) => sum + bytes.byteLength, 0),
      isAnswer: true,
    }
    let again: Promise<void>
    enterBacklog(core, backlogged)
    try {
      return await core.checker.check(spec, outputs)
    } catch (error) {
      again = new Promise((resolve, reject) => {
        if (!checkAgain(core, count, backlogged, error, resolve)) reject(error)
      })
    } finally {
      leaveBacklog(core, backlogged)
    }
    await again
    return this.#check(spec, outputs, count)
  }

  #operations({ from, to, tab }: StreamedPiece, prompt: boolean): number {
    const { model, prompt: tokens } = this.#state.request
    const paidRows = this.#state.paidTo(tab.address)
    return leaseOperations(model.manifest.language, tokens.length, { from, to, prompt }, paidRows)
  }

  #pay(
    piece: StreamedPiece,
    verdict: Verdict,
    payerFor: (microCredits: number) => string,
    prompt: boolean,
  ): void {
    const operations = this.#operations(piece, prompt)
    payPiece(this.#core, this.#pieceOf(piece, operations, payerFor(microCreditsOf(operations))), verdict)
  }

  #reject(piece: StreamedPiece, reason: string): void {
    rejectPiece(this.#core, this.#pieceOf(piece, this.#operations(piece, false), 'operator'), reason)
    this.#state.refused.add(piece.tab.address)
  }

  #pieceOf({ from, to, tab, lease }: StreamedPiece, operations: number, payer: string): Piece {
    const { job, request, ids } = this.#state
    return {
      job,
      index: nextStepIndex(job),
      lease,
      tab,
      spec: generateTask(request, ids.slice(0, from)),
      outputs: [idsTensor('ids', ids.slice(0, to))],
      operations,
      payer,
    }
  }
}
