import { OpentabError } from '../../protocol/errors.ts'
import { microCreditsOf } from '../../protocol/limits.ts'
import { isNearLogprob } from '../../protocol/sampling/isNearLogprob.ts'
import type { TokenLogprobs } from '../../protocol/sampling/logprobsOf.ts'
import type { Tensor } from '../../protocol/tensor.ts'
import type { Core } from '../core.ts'
import { addTask } from '../jobs/addTask.ts'
import type { AnswerPart } from '../jobs/answerPart.ts'
import { type Task, wholeRequirement } from '../jobs/jobRecords.ts'
import { dropStep } from '../jobs/loseLease.ts'
import { StepLost } from '../jobs/stepLost.ts'
import type { Tab } from '../placement/tab.ts'
import type { Answer, AnswerChunk } from './answer.ts'
import { answerOperations, leaseOperations } from './answerCost.ts'
import type { AnswerState } from './answerState.ts'
import { cachedTokens, generateTask, madeTokens } from './answerTensors.ts'
import type { PrefixIndex } from './prefixIndex.ts'
import { refuseAnswerOverLimit } from './refuseAnswerOverLimit.ts'
import { payerOfAnswer } from './stepAccounts.ts'
import { StreamedPieces } from './streamedPieces.ts'

/**
 * An answer as one `generate` task: a tab makes it whole. When the tab is lost the task goes to another one, which is
 * given the tokens that are there.
 */
export class WholeAnswer {
  readonly #core: Core
  readonly #state: AnswerState
  readonly #prefixes: PrefixIndex
  #task: Task | null = null
  /** Tokens that the tab of the newest lease was given; those that it could not have been given count as known, too. */
  #given = 0
  #known = 0
  readonly #pieces: StreamedPieces
  /**
   * Where all tokens were streamed before, and the result that is here has another last one, or none: what is to be
   * checked next. Either tab may be wrong; both are right where two tokens are as likely.
   */
  #differing: null | 'streamed' | 'result' = null
  /** Tokens that are right where another tab's were found wrong. */
  #right: number | null = null
  #lastTab: Tab | null = null
  readonly #settled = Promise.withResolvers<void>()

  constructor(core: Core, state: AnswerState, prefixes: PrefixIndex) {
    this.#core = core
    this.#state = state
    this.#prefixes = prefixes
    this.#pieces = new StreamedPieces(core, state)
  }

  /**
   * Resolves when the answer is verified and on disk.
   * @throws StepLost when it was withdrawn; OpentabError as FlowContext.answer, `cancelled`
   */
  async run(): Promise<Answer> {
    const { outputsBefore, job } = this.#state
    const { resolve } = this.#settled
    const { signal } = job.abort
    const ended = new AbortController()
    let making: Promise<Answer> | null = null
    try {
      if (!outputsBefore) signal.throwIfAborted()
      making = outputsBefore ? Promise.resolve(this.#answerOf(outputsBefore)) : this.#make()
      const answer = await Promise.race([making, abortOf(signal, ended.signal)])
      resolve()
      return answer
    } catch (error) {
      // A result that is here has its verdict by itself, and what was streamed before it with that.
      if (this.#task?.state === 'returned') making?.then(() => resolve(), resolve)
      else this.#settleOpen()
      throw error
    } finally {
      ended.abort()
    }
  }

  /**
   * Resolves when what was made has its verdict, or will have none: of an answer that ended with an error also the result
   * that is here, and what was streamed and never handed in.
   */
  get settled(): Promise<void> {
    return this.#settled.promise
  }

  /** A requester who leaves pays what was made; what another way makes again, or was made in vain, the operator pays. */
  #settleOpen(): void {
    const { job, paidRows } = this.#state
    const { resolve } = this.#settled
    // There is no time for checks.
    if (this.#core.draining) return resolve()
    const byRequester = job.ended === 'cancelled' && !job.refunded && paidRows === 0
    void this.#pieces
      .settleOpen({
        payer: byRequester ? 'requester' : 'operator',
        // What another way makes again has its own; else the last lease was to have it.
        prompt: job.ended === 'cancelled',
      })
      .then(resolve)
  }

  async #make(): Promise<Answer> {
    const state = this.#state
    const { model, prompt, options } = state.request
    const operations = answerOperations(model.manifest.language, prompt.length, options.maxTokens)
    if (state.paidRows === 0) {
      // Whatever was held for a ring, the task holds all of it.
      state.releaseAll()
      refuseAnswerOverLimit(this.#core, state, microCreditsOf(operations))
    }
    const outputs = await new Promise<Tensor[]>((resolve, reject) => {
      this.#task = addTask(
        this.#core,
        state.job,
        state.choice,
        {
          spec: this.#specNow(),
          operations,
          requirement: wholeRequirement(model.hash, model.manifest.language.stages.length),
          // Its beginning was paid by the requester already, stage by stage.
          ...(state.paidRows > 0 ? { payer: 'operator', reserved: 0 } : {}),
          part: this.#part(),
          refusedAddresses: state.refused,
          attempts: state.attempts,
        },
        resolve,
        reject,
      )
    })
    return this.#answerOf(outputs)
  }

  /** Whether its result is here. */
  get isMade(): boolean {
    return this.#task?.state === 'returned' || this.#task?.state === 'verified'
  }

  /** Whether it waits for a tab. */
  get isWaiting(): boolean {
    return this.#task?.state === 'queued'
  }

  /** Takes the task back where no tab has it: `run` rejects with StepLost. */
  withdraw(): void {
    const task = this.#task
    if (task?.state !== 'queued') return
    Object.assign(this.#state.attempts, { failed: task.failed, vanished: task.vanished })
    dropStep(this.#core, task, new StepLost('free', 'Nobody holds the whole model any more.'))
  }

  /** The task with the tokens that are there; at least one is left to make, so that a tab can say how it ends. */
  #specNow() {
    const { request, ids } = this.#state
    this.#known = ids.length
    this.#given = Math.min(ids.length, request.options.maxTokens - 1)
    this.#differing = null
    return generateTask(request, ids.slice(0, this.#given), this.#prefixes.numberOf(this.#scope))
  }

  /** Beginnings are remembered for each requester and model. */
  get #scope(): string {
    const { job, request } = this.#state
    return `${job.requester}\n${request.model.hash}`
  }

  #part(): AnswerPart {
    const state = this.#state
    const { model, prompt, options } = state.request
    const { language } = model.manifest
    const core = this.#core
    return {
      preferredTab: this.#prefixes.find(this.#scope, prompt, (tabId) => {
        const tab = core.tabs.get(tabId)
        return tab?.link != null && tab.ranges.has(model.hash)
      }),
      specAgain: () => this.#specNow(),
      hasStreamed: () => this.#task !== null && this.#pieces.has(this.#task.generation),
      tokens: (tab, from, ids, logprobs) => {
        if (from !== state.ids.length || from + ids.length > options.maxTokens) return
        if (ids.some((id) => id >= language.vocabulary || options.endTokens.includes(id))) return
        if (!areAskedFor(logprobs, options.topLogprobs, ids.length, language.vocabulary)) return
        state.add(ids, logprobs)
        this.#pieces.add(this.#task!, tab, ids.length)
      },
      faultOf: (outputs) => {
        const { ids, logprobs } = madeTokens(outputs)
        const streamed = state.ids
        for (let place = this.#known; place < streamed.length; place++) {
          const said = state.logprobs[place]
          if (ids[place] === streamed[place] && (!said || areNear(logprobs?.[place], said))) continue
          if (ids[place] === streamed[place])
            return `The log-probabilities of token ${place} of the answer were streamed as ${JSON.stringify(said)} and are ${JSON.stringify(logprobs?.[place])} in the result.`
          return `Token ${place} of the answer was streamed as ${streamed[place]} and is ${ids[place] ?? 'missing'} in the result.`
        }
        return null
      },
      returned: (outputs, tab) => {
        const { ids, finish, logprobs } = madeTokens(outputs)
        const from = state.ids.length
        this.#lastTab = tab
        this.#pieces.handedIn(this.#task!.generation)
        const known = state.ids.slice(this.#given, this.#known)
        if (known.some((id, i) => id !== ids[this.#given + i])) this.#differing = 'streamed'
        // No more than this requester asked before, whatever the tab says.
        const own = this.#prefixes.commonTokens(this.#scope, prompt)
        state.cachedTokens = Math.min(cachedTokens(outputs, prompt.length), own)
        state.deviceClasses = [tab.deviceClass]
        state.add(ids.slice(from), logprobs?.slice(from))
        if (this.#differing === null) state.made(finish)
      },
      addressesBefore: () => this.#pieces.addresses,
      scored: (outputs) =>
        this.#differing === 'result' ? null : this.#pieces.scored(this.#differing ? null : outputs),
      hasMoreToCheck: () => {
        if (this.#differing !== 'streamed') return false
        this.#differing = 'result'
        return true
      },
      settleBefore: (verdict) => this.#pieces.settle(verdict),
      blamesAnother: ({ place, reason }) => {
        if (this.#differing === 'result' || place === undefined || !this.#pieces.blame(place, reason))
          return false
        this.#right = place
        return true
      },
      operationsOf: (outputs, payee) => {
        const to = madeTokens(outputs).ids.length
        const own = { from: Math.min(this.#known, to), to, prompt: true }
        const paidRows = payee === undefined ? undefined : state.paidTo(payee)
        return leaseOperations(language, prompt.length, own, paidRows)
      },
      payer: (microCredits) => {
        const { payer } = this.#task!
        return payer === 'operator' ? payer : payerOfAnswer(state.job, microCredits)
      },
      paid: () => {},
      rejected: (reason) => {
        const right = this.#right ?? this.#known
        // Another way may be open to it now.
        core.tabsStirred = true
        this.#right = null
        // What the lease streamed has its verdict with the result.
        this.#pieces.handedIn(this.#task!.generation)
        if (state.job.ended) {
          // Nobody goes on from what others streamed before.
          state.truncate(right)
          this.#pieces.truncate(right)
          this.#settleOpen()
          return null
        }
        if (state.isHeardBeyond(right))
          return new OpentabError('task_failed', `The answer was found wrong: ${reason}`)
        state.truncate(right)
        this.#pieces.truncate(right)
        return state.gone
      },
    }
  }

  #answerOf(outputs: readonly Tensor[]): Answer {
    const state = this.#state
    const { ids, finish, logprobs } = madeTokens(outputs)
    if (state.outputsBefore) state.add(ids, logprobs)
    if (this.#lastTab) {
      const { prompt } = state.request
      this.#prefixes.remember(this.#scope, [...prompt, ...state.ids], this.#lastTab.id)
    }
    if (this.#differing === null) return state.ended(finish)
    // As many as were asked for are there, whatever the result has in place of the last one.
    state.made('length')
    return state.ended('length')
  }
}

/** Rejects with the signal's reason; `over` ends the wait. */
const abortOf = (signal: AbortSignal, over: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason ?? new OpentabError('cancelled')), {
      once: true,
      signal: over,
    })
  })

/** Whether so many tokens come with the log-probabilities that were asked for: none, or each with so many alternatives. */
function areAskedFor(
  logprobs: AnswerChunk['logprobs'],
  count: number | null,
  tokens: number,
  vocabulary: number,
): boolean {
  if (logprobs === undefined || count === null) return logprobs === undefined && count === null
  return (
    logprobs.length === tokens &&
    logprobs.every(([, top]) => top.length === count && top.every(([id]) => id < vocabulary))
  )
}

/** Whether a token has the same log-probabilities in the result as in the stream, but for the slack. */
function areNear(
  made: readonly [number, readonly (readonly [number, number])[]] | undefined,
  [own, top]: TokenLogprobs,
): boolean {
  if (!made || made[1].length !== top.length || !isNearLogprob(made[0], own)) return false
  return top.every(([id, value], rank) => made[1][rank]![0] === id && isNearLogprob(made[1][rank]![1], value))
}
