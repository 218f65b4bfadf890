import { OpentabError } from '../../protocol/errors.ts'
import { microCreditsOf } from '../../protocol/limits.ts'
import type { Tensor } from '../../protocol/tensor.ts'
import type { Core } from '../core.ts'
import { addTask } from '../jobs/addTask.ts'
import type { AnswerPart } from '../jobs/answerPart.ts'
import { type Task, wholeRequirement } from '../jobs/jobRecords.ts'
import { dropStep } from '../jobs/loseLease.ts'
import { StepLost } from '../jobs/stepLost.ts'
import { refuseOverLimit } from '../jobs/submitJob.ts'
import type { Tab } from '../placement/tab.ts'
import type { Answer } from './answer.ts'
import { answerOperations } from './answerCost.ts'
import type { AnswerState } from './answerState.ts'
import { cachedTokens, generateTask, madeTokens } from './answerTensors.ts'
import type { PrefixIndex } from './prefixIndex.ts'

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
  #lastAddress: string | null = null
  #lastTab: Tab | null = null

  constructor(core: Core, state: AnswerState, prefixes: PrefixIndex) {
    this.#core = core
    this.#state = state
    this.#prefixes = prefixes
  }

  /**
   * Resolves when the answer is verified and on disk.
   * @throws StepLost when it was withdrawn; OpentabError as FlowContext.answer
   */
  async run(): Promise<Answer> {
    const state = this.#state
    if (state.outputsBefore) return this.#answerOf(state.outputsBefore)
    const { model, prompt, options } = state.request
    const operations = answerOperations(model.manifest.language, prompt.length, options.maxTokens)
    if (state.paidRows === 0) refuseOverLimit(this.#core, state.job.requester, microCreditsOf(operations))
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
          attempts: state.attempts,
        },
        resolve,
        reject,
      )
    })
    return this.#answerOf(outputs)
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
    return generateTask(request, ids.slice(0, this.#given))
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
      tokens: (from, ids, logprobs) => {
        if (from !== state.ids.length || from + ids.length > options.maxTokens) return
        if (ids.some((id) => id >= language.vocabulary)) return
        if ((logprobs?.length ?? null) !== (options.topLogprobs === null ? null : ids.length)) return
        state.add(ids, logprobs)
      },
      faultOf: (outputs) => {
        const { ids } = madeTokens(outputs)
        const streamed = state.ids
        for (let place = this.#known; place < streamed.length; place++) {
          if (ids[place] === streamed[place]) continue
          return `Token ${place} of the answer was streamed as ${streamed[place]} and is ${ids[place] ?? 'missing'} in the result.`
        }
        return null
      },
      returned: (outputs, tab) => {
        const { ids, finish, logprobs } = madeTokens(outputs)
        const from = state.ids.length
        this.#lastAddress = tab.address
        this.#lastTab = tab
        // No more than this requester asked before: a tab's caches are everybody's, and a longer one would tell what
        // others asked.
        const own = this.#prefixes.commonTokens(this.#scope, prompt)
        state.cachedTokens = Math.min(cachedTokens(outputs, prompt.length), own)
        state.deviceClasses = [tab.deviceClass]
        state.add(ids.slice(from), logprobs?.slice(from))
        state.made(finish)
      },
      history: null,
      operationsOf: (outputs) => answerOperations(language, prompt.length, madeTokens(outputs).ids.length),
      paid: () => {},
      rejected: (reason) => {
        if (this.#lastAddress !== null) state.refused.add(this.#lastAddress)
        if (state.isHeardBeyond(this.#known))
          return new OpentabError('task_failed', `The answer was found wrong: ${reason}`)
        state.truncate(this.#known)
        return null
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
    return state.ended(finish)
  }
}
