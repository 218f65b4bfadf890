import { randomBytes, randomInt } from 'node:crypto'
import { OpentabError } from '../../protocol/errors.ts'
import { MAX_ANSWERS_PER_JOB, microCreditsOf } from '../../protocol/limits.ts'
import { wholeRange } from '../../protocol/manifest.ts'
import type { Core } from '../core.ts'
import { answersHeldBack, backlogInWords } from '../jobs/checkBacklog.ts'
import { endJob } from '../jobs/endJob.ts'
import { type Job, wholeRequirement } from '../jobs/jobRecords.ts'
import type { KnownTasks } from '../jobs/knownTasks.ts'
import { StepLost } from '../jobs/stepLost.ts'
import { BACKGROUND_WAIT_MS } from '../maintenance/queueWait.ts'
import { isLanguage, type ServedLanguageModel } from '../placement/assignModels.ts'
import { failedLoadsInWords } from '../placement/failedLoads.ts'
import { holdersInWords, languageHolders } from '../placement/languageHolders.ts'
import { canRun, holdsRun, type Tab } from '../placement/tab.ts'
import { tooLargeStageInWords, tooLittleInWords, tooLittleMemory } from '../placement/tooLittleMemory.ts'
import { StepPolicy } from '../verify/stepPolicy.ts'
import type { Answer, AnswerChunk, AnswerRequest } from './answer.ts'
import { answerOperations } from './answerCost.ts'
import { AnswerState } from './answerState.ts'
import { chooseLegs, type RingPart } from './chooseLegs.ts'
import { type KeptLeg, KeptRings } from './keptRings.ts'
import type { LanguageRequest } from './languageRequest.ts'
import { PrefixIndex } from './prefixIndex.ts'
import { RingSession } from './ringSession.ts'
import { SessionInputs } from './sessionInputs.ts'
import { relayTransport, type StageTransport } from './stageTransport.ts'
import { WholeAnswer } from './wholeAnswer.ts'

/** Finds stop strings in an answer's text: true for the token that completes one. Called for all its tokens in order. */
export type StopFinder = (id: number) => boolean

export interface AnswersOptions {
  /** How long the answer of a synchronous call waits for tabs, ms. */
  queueWaitMs: number
  /** Delay before each hop between stages, ms; 0 but in tests. */
  hopMs: number
  /** Folder for inputs of stages that do not fit in memory; null: memory only. */
  folder: string | null
  /** Makes a finder for a model's answers over stages: whole answers end at stop strings in their tab. */
  stopFinder: (model: ServedLanguageModel, stops: readonly string[]) => Promise<StopFinder>
}

export const defaultAnswersOptions: AnswersOptions = {
  queueWaitMs: 30_000,
  hopMs: 0,
  folder: null,
  stopFinder: async () => () => false,
}

const GIVE_MEMORY =
  'Connect a tab that gives more memory to language models: on its page before Start, or with `npm run tab -- --memory MB`.'

/** Makes the answers of language models: whole in one tab where one holds the model, else over a ring of tabs. */
export class Answers {
  readonly #core: Core
  readonly #options: AnswersOptions
  readonly #prefixes = new PrefixIndex()
  readonly #inputs: SessionInputs
  readonly #kept: KeptRings
  readonly #policy: StepPolicy
  readonly #transport: StageTransport
  readonly #rings = new Set<RingSession>()
  readonly #wholes = new Set<{ state: AnswerState; whole: WholeAnswer }>()
  readonly #running = new Set<AnswerState>()
  /** Those, and the ones that have ended while something of them waits for its verdict. */
  readonly #unjudged = new Set<AnswerState>()
  /** Answers that wait for tabs. */
  readonly #waiting = new Set<() => void>()
  #lastSession = randomBytes(4).readUInt32LE()

  constructor(core: Core, options: AnswersOptions) {
    this.#core = core
    this.#options = options
    this.#inputs = new SessionInputs(options.folder)
    this.#kept = new KeptRings(core.clock, this.#inputs, (cause) => core.report(cause, 'inputs of an answer'))
    this.#policy = new StepPolicy({
      verifiedSinceReset: (address) => core.ledger.payee(address).verifiedSinceReset,
      draw: (verifiedSinceReset) => core.drawCheck(verifiedSinceReset),
    })
    this.#transport = relayTransport(core, options.hopMs)
  }

  /**
   * Makes one answer of a job; see FlowContext.answer.
   * @param known what is there from before a restart
   */
  async answer(
    job: Job,
    known: KnownTasks,
    choice: number,
    request: AnswerRequest,
    onChunk: ((chunk: AnswerChunk) => void) | null,
  ): Promise<Answer> {
    const { signal } = job.abort
    signal.throwIfAborted()
    const before = { outputs: known.outputs.get(choice) ?? null, attempts: known.attempts.get(choice) }
    const state = new AnswerState(this.#core, job, choice, requireFit(choice, request), before, onChunk)
    const unsettled: Promise<void>[] = []
    this.#running.add(state)
    this.#unjudged.add(state)
    try {
      for (;;) {
        if (state.gone) throw state.gone
        const way = state.outputsBefore ? 'whole' : await this.#wayFor(state, signal)
        try {
          const answer =
            way === 'whole'
              ? await this.#runWhole(state, unsettled)
              : await this.#runRing(state, way, signal, unsettled)
          // What was made another way before is judged and paid like the rest.
          await Promise.all(unsettled)
          signal.throwIfAborted()
          if (!state.isWrong) return answer
          const wrong = state.takeBackWrong()
          if (wrong) throw wrong
          // Its result is on disk, and there is room for one.
          if (way === 'whole')
            throw new OpentabError(
              'task_failed',
              'What an answer went on from was found wrong after its end.',
            )
        } catch (error) {
          // The answer goes on another way, from the tokens that are known.
          if (!(error instanceof StepLost)) throw error
          signal.throwIfAborted()
        }
      }
    } finally {
      this.#running.delete(state)
      state.release()
      void Promise.all(unsettled).then(() => this.#unjudged.delete(state))
    }
  }

  /** Whether something of a model's answers is made or waits for its verdict. */
  isUnderWay(modelHash: string): boolean {
    for (const { request } of this.#unjudged) if (request.model.hash === modelHash) return true
    return false
  }

  /** Bytes of stages' inputs that are kept in memory. */
  get keptBytes(): number {
    return this.#inputs.usedBytes
  }

  /**
   * The served models are others: what is asked of one that is gone ends at once, and is nobody's fault. What is made
   * already, and only waits for its verdicts, gets these.
   */
  modelsChanged(isServed: (modelHash: string) => boolean): void {
    for (const state of [...this.#running]) {
      const { hash, manifest } = state.request.model
      if (isServed(hash)) continue
      const error = new OpentabError(
        'model_not_found',
        `The model ${manifest.id} was removed from this relay before its answer was done.`,
        { param: 'model' },
      )
      state.gone = error
      if (!state.making?.isMade) endJob(this.#core, state.job, 'failed', { error })
    }
    this.#kept.modelsChanged(isServed)
  }

  /** A tab came, went, or can run other things than before. */
  tabsChanged(): void {
    for (const look of [...this.#waiting]) look()
    for (const ring of [...this.#rings]) ring.tabsChanged()
    this.#reviewWholes()
  }

  /** Fewer answers wait for their checks: new ones may begin. */
  checksCaughtUp(): void {
    for (const look of [...this.#waiting]) look()
    this.#reviewWholes()
  }

  /** Takes answers that wait for a tab with the whole model to a ring, where only that can make them now. */
  #reviewWholes(): void {
    for (const { state, whole } of [...this.#wholes]) {
      if (!whole.isWaiting) continue
      const way = this.#wayNow(state)
      if (way !== null && way !== 'whole') whole.withdraw()
    }
  }

  async #runWhole(state: AnswerState, unsettled: Promise<void>[]): Promise<Answer> {
    const whole = new WholeAnswer(this.#core, state, this.#prefixes)
    const entry = { state, whole }
    this.#wholes.add(entry)
    state.making = whole
    try {
      return await whole.run()
    } catch (error) {
      state.making = null
      throw error
    } finally {
      unsettled.push(whole.settled)
      this.#wholes.delete(entry)
    }
  }

  async #runRing(
    state: AnswerState,
    parts: readonly RingPart[],
    signal: AbortSignal,
    unsettled: Promise<void>[],
  ): Promise<Answer> {
    const { model, prompt, options } = state.request
    const cost = microCreditsOf(answerOperations(model.manifest.language, prompt.length, options.maxTokens))
    // What was spent before a restart is not asked for again.
    state.reserve(Math.max(0, cost - state.job.prepaidMicroCredits))
    const completesStop = await this.#stopsOf(state)
    signal.throwIfAborted()
    const ring = new RingSession(
      {
        core: this.#core,
        transport: this.#transport,
        inputs: this.#inputs,
        kept: this.#kept,
        policy: this.#policy,
        random: (below) => randomInt(below),
        nextSession: () => (this.#lastSession = (this.#lastSession + 1) >>> 0),
        load: (tab) => this.#loadOf(tab),
        waitMs: this.#waitMsOf(state.job),
        completesStop,
      },
      state,
      this.#keptParts(state) ?? parts,
    )
    unsettled.push(ring.settled)
    this.#rings.add(ring)
    state.making = ring
    try {
      return state.ended(await ring.run(signal))
    } catch (error) {
      state.making = null
      throw error
    } finally {
      this.#rings.delete(ring)
    }
  }

  /** The parts of a ring that has run how the sequence begins, for the same requester; null where there is none. */
  #keptParts(state: AnswerState): RingPart[] | null {
    const { job, request, refused } = state
    const tabOf = ({ tabId, range }: KeptLeg): Tab | null => {
      const tab = this.#core.tabs.get(tabId)
      if (!tab?.link || tab.state !== 'ready' || refused.has(tab.address)) return null
      return holdsRun(tab, request.model.hash, range) ? tab : null
    }
    const ring = this.#kept.take(
      job.requester,
      request.model.hash,
      state.sequence(),
      (leg) => tabOf(leg) !== null,
    )
    if (ring === null) return null
    const rows = ring.rows.length
    state.cachedTokens = Math.min(rows, request.prompt.length)
    return ring.legs.map((leg) => {
      const { range, session, inputs } = leg
      return { tab: tabOf(leg)!, range, kept: { session, rows, inputs } }
    })
  }

  async #stopsOf(state: AnswerState): Promise<StopFinder> {
    const { model, options } = state.request
    if (options.stop.length === 0) return () => false
    const finder = await this.#options.stopFinder(model, options.stop)
    for (const id of state.ids) finder(id)
    return finder
  }

  /** Parts of answers that a tab has in hand. */
  #loadOf(tab: Tab): number {
    let parts = tab.answering
    for (const ring of this.#rings) parts += ring.partsOf(tab)
    return parts
  }

  #waitMsOf(job: Job): number {
    return job.mode === 'sync' ? this.#options.queueWaitMs : BACKGROUND_WAIT_MS
  }

  /** How an answer can be made now: whole where a tab holds the model, else over these tabs; null where neither. */
  #wayNow({ ids, request: { model }, refused }: AnswerState): 'whole' | RingPart[] | null {
    const { language } = model.manifest
    const requirement = wholeRequirement(model.hash, language.stages.length)
    const mayHave = (tab: Tab): boolean => !refused.has(tab.address)
    for (const tab of this.#core.tabs.values())
      if (tab.link !== null && tab.state === 'ready' && canRun(tab, requirement) && mayHave(tab))
        return 'whole'
    if (ids.length === 0 && answersHeldBack(this.#core)) return null
    return chooseLegs(this.#core, model, wholeRange(language), { mayHave, load: (tab) => this.#loadOf(tab) })
  }

  /** Waits until an answer can be made. @throws OpentabError `no_tab_available`, `tab_lost` when it has begun */
  #wayFor(state: AnswerState, signal: AbortSignal): Promise<'whole' | RingPart[]> {
    const now = this.#wayNow(state)
    if (now !== null) return Promise.resolve(now)
    const inVain = this.#waitsInVain(state)
    if (inVain !== null) return Promise.reject(inVain)
    const waitMs = this.#waitMsOf(state.job)
    return new Promise((resolve, reject) => {
      const end = (settle: () => void): void => {
        this.#waiting.delete(look)
        callOff()
        signal.removeEventListener('abort', abort)
        settle()
      }
      const look = (): void => {
        const way = this.#wayNow(state)
        if (way !== null) end(() => resolve(way))
      }
      const abort = (): void => end(() => reject(signal.reason))
      const callOff = this.#core.clock.after(waitMs, () => end(() => reject(this.#noWay(state, waitMs))))
      this.#waiting.add(look)
      signal.addEventListener('abort', abort)
    })
  }

  /** What an answer ends with that somebody waits for and that no connected tab will ever have the memory for; else null. */
  #waitsInVain({ ids, job, request: { model } }: AnswerState): OpentabError | null {
    if (job.mode !== 'sync' || ids.length > 0) return null
    const tooLittle = tooLittleMemory(this.#core, model)
    if (tooLittle === null) return null
    return new OpentabError(
      'no_tab_available',
      `No tab can answer with ${model.manifest.id}: ${tooLittleInWords(tooLittle)}.`,
      { retryAfterSeconds: 5, fix: GIVE_MEMORY },
    )
  }

  #noWay({ ids, request: { model } }: AnswerState, waitMs: number): OpentabError {
    const tooLittle = tooLittleMemory(this.#core, model)
    const holders = languageHolders(this.#core, model)
    const tooLarge = tooLargeStageInWords(this.#core, model, holders.stages)
    const why = tooLittle
      ? tooLittleInWords(tooLittle)
      : holdersInWords(holders) +
        tooLarge +
        failedLoadsInWords(this.#core, model.hash) +
        backlogInWords(this.#core)
    const message = `No tab came free for ${model.manifest.id} within ${waitMs} ms; ${why}.`
    const retry = { retryAfterSeconds: 5, ...((tooLittle || tooLarge) && { fix: GIVE_MEMORY }) }
    return ids.length === 0
      ? new OpentabError('no_tab_available', message, retry)
      : new OpentabError('tab_lost', `The tabs that made the answer were lost. ${message}`, retry)
  }
}

/** @throws OpentabError `invalid_value`, `context_length_exceeded` for what no tab could take */
function requireFit(choice: number, { model, prompt, options }: AnswerRequest): LanguageRequest {
  if (!isLanguage(model)) {
    throw new OpentabError(
      'invalid_value',
      `The model ${model.manifest.id} is for ${model.manifest.kind} and makes no answers.`,
      { param: 'model' },
    )
  }
  if (!Number.isInteger(choice) || choice < 0 || choice >= MAX_ANSWERS_PER_JOB)
    throw new OpentabError('invalid_value', `A job has at most ${MAX_ANSWERS_PER_JOB} answers.`, {
      param: 'n',
    })
  const { vocabulary, contextTokens } = model.manifest.language
  const bad = prompt.find((id) => !Number.isInteger(id) || id < 0 || id >= vocabulary)
  if (prompt.length === 0 || bad !== undefined) {
    throw new OpentabError(
      'invalid_value',
      prompt.length === 0 ? 'The prompt is empty.' : `The prompt holds the token ${bad}, of ${vocabulary}.`,
      { param: 'prompt' },
    )
  }
  const tokens = prompt.length + options.maxTokens
  if (tokens > contextTokens) {
    throw new OpentabError(
      'context_length_exceeded',
      `Prompt (${prompt.length} tokens) and answer (${options.maxTokens}) are ${tokens} tokens; the context of ${model.manifest.id} has ${contextTokens}.`,
    )
  }
  return { model, prompt, options }
}
