import { OpentabError } from '../../protocol/errors.ts'
import type { TokenLogprobs } from '../../protocol/sampling/logprobsOf.ts'
import type { Tensor } from '../../protocol/tensor.ts'
import type { Core } from '../core.ts'
import type { Job } from '../jobs/jobRecords.ts'
import { reserve } from '../jobs/reserve.ts'
import type { Answer, AnswerChunk } from './answer.ts'
import type { LanguageRequest } from './languageRequest.ts'
import { refuseAnswerOverLimit } from './refuseAnswerOverLimit.ts'
import { StageRows } from './stageRows.ts'
import { StepLosses } from './stepLosses.ts'

/** An answer under way: its tokens, whichever tabs made them, and what is held of the requester's money for it. */
export class AnswerState {
  readonly job: Job
  /** Which of the job's answers it is. */
  readonly choice: number
  readonly request: LanguageRequest
  /** Outputs of its `generate` task that were verified before a restart; null where there are none. */
  readonly outputsBefore: readonly Tensor[] | null
  /** Tokens of the answer that are known. */
  readonly ids: number[] = []
  /** Their log-probabilities, where they were asked for. */
  readonly logprobs: TokenLogprobs[] = []
  /** Addresses whose work on it was found wrong. */
  readonly refused = new Set<string>()
  /** Attempts of its `generate` task that were counted. */
  readonly attempts: { failed: number; vanished: number }
  /** Steps of its stages that were lost. */
  readonly losses = new StepLosses()
  /** How it is made now, and whether it is all there but for its verdicts; null where it is not being made. */
  making: { readonly isMade: boolean } | null = null
  /** What it ends with instead of being made again, where its model was removed from the relay; else null. */
  gone: OpentabError | null = null
  cachedTokens = 0
  deviceClasses: readonly string[] = []
  /** Rows that went through each stage at the requester's expense. */
  readonly paid: StageRows
  /** Those of them that went through it once more at the operator's. */
  readonly paidAgain: StageRows
  readonly #paidTo = new Map<string, StageRows>()
  readonly #core: Core
  readonly #onChunk: ((chunk: AnswerChunk) => void) | null
  #reserved = 0
  #wasReserved = false
  #wrong: { right: number; reason: string } | null = null
  #isMade = false
  readonly #cuts: number[] = []

  constructor(
    core: Core,
    job: Job,
    choice: number,
    request: LanguageRequest,
    before: { outputs: readonly Tensor[] | null; attempts: { failed: number; vanished: number } | undefined },
    onChunk: ((chunk: AnswerChunk) => void) | null,
  ) {
    this.#core = core
    this.job = job
    this.choice = choice
    this.request = request
    const { stages } = request.model.manifest.language
    this.paid = new StageRows(stages.length)
    this.paidAgain = new StageRows(stages.length)
    this.outputsBefore = before.outputs
    this.attempts = { failed: before.attempts?.failed ?? 0, vanished: before.attempts?.vanished ?? 0 }
    this.#onChunk = onChunk
  }

  /** Whether somebody has heard more than so many tokens, or of the end: what they heard cannot be taken back. */
  isHeardBeyond(tokens: number): boolean {
    return this.#onChunk !== null && (this.#isMade || this.ids.length > tokens)
  }

  /** Prompt and answer so far. */
  sequence(): number[] {
    return [...this.request.prompt, ...this.ids]
  }

  /** Tokens that come next in the answer. */
  add(ids: readonly number[], logprobs: AnswerChunk['logprobs']): void {
    if (ids.length === 0) return
    const from = this.ids.length
    for (const id of ids) this.ids.push(id)
    for (const [own, top] of logprobs ?? []) this.logprobs.push([own, top.map(([id, value]) => [id, value])])
    if (this.#onChunk) this.job.streamed = true
    this.#onChunk?.({ from, ids, ...(logprobs && { logprobs }) })
  }

  /** The answer is whole, before its checks: who reads along need not wait for these. */
  made(finish: Answer['finish']): void {
    if (this.#isMade || this.#onChunk === null) return
    this.#isMade = true
    this.#onChunk({ from: this.ids.length, ids: [], end: { finish, cachedTokens: this.cachedTokens } })
  }

  /** How often tokens were taken back. */
  get cuts(): number {
    return this.#cuts.length
  }

  /**
   * A step was found wrong of which all but the first `right` tokens come.
   * @param since how often tokens had been taken back when it was made: what was taken back since is another's by now
   */
  foundWrong(right: number, reason: string, since = this.cuts): void {
    if (Math.min(...this.#cuts.slice(since)) <= right) return
    if (this.#wrong === null || right < this.#wrong.right) this.#wrong = { right, reason }
  }

  /**
   * Takes back the tokens that come from wrong steps.
   * @returns what the answer ends with where somebody has heard them, else null
   */
  takeBackWrong(): OpentabError | null {
    if (this.#wrong === null) return null
    const { right, reason } = this.#wrong
    this.#wrong = null
    if (this.isHeardBeyond(right))
      return new OpentabError('task_failed', `A step of the answer was found wrong: ${reason}`)
    this.truncate(right)
    return null
  }

  /** Whether tokens come from a wrong step. */
  get isWrong(): boolean {
    return this.#wrong !== null
  }

  /** Takes tokens back that nobody heard. */
  truncate(length: number): void {
    this.#cuts.push(length)
    this.ids.length = Math.min(this.ids.length, length)
    this.logprobs.length = Math.min(this.logprobs.length, length)
  }

  /** Rows that went through each stage at an address and were paid to it: it is not paid for them again. */
  paidTo(address: string): StageRows {
    let rows = this.#paidTo.get(address)
    if (rows === undefined) {
      rows = new StageRows(this.request.model.manifest.language.stages.length)
      this.#paidTo.set(address, rows)
    }
    return rows
  }

  /** Rows that were paid by the requester at some stage. */
  get paidRows(): number {
    return this.paid.most
  }

  /**
   * Holds the requester's money for the whole answer, once.
   * @throws OpentabError `insufficient_quota` where it is not there
   */
  reserve(microCredits: number): void {
    if (this.#wasReserved || this.job.ended) return
    refuseAnswerOverLimit(this.#core, this, microCredits)
    this.#wasReserved = true
    this.#reserved = microCredits
    reserve(this.#core, this.job, microCredits)
  }

  /** So much of what is held was paid or is not needed. */
  release(microCredits = this.#reserved): void {
    const free = Math.min(microCredits, this.#reserved)
    this.#reserved -= free
    // The end of a job gives everything free.
    if (!this.job.ended && free > 0) reserve(this.#core, this.job, -free)
  }

  /** Nothing is held any more: what is made another way holds its own, and `reserve` holds anew. */
  releaseAll(): void {
    this.release()
    this.#wasReserved = false
  }

  /** The answer of now, ended. */
  ended(finish: Answer['finish']): Answer {
    return {
      ids: [...this.ids],
      finish,
      cachedTokens: this.cachedTokens,
      ...(this.request.options.topLogprobs !== null && { logprobs: [...this.logprobs] }),
      deviceClasses: this.deviceClasses,
    }
  }
}
