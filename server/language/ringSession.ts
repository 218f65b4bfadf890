import { OpentabError } from '../../protocol/errors.ts'
import { type Finish, optionsTensor } from '../../protocol/generation.ts'
import { languageOperations, type StageRange } from '../../protocol/language.ts'
import { microCreditsOf, STAGE_CHUNK_ROWS } from '../../protocol/limits.ts'
import type { StageTask } from '../../protocol/task.ts'
import type { Tensor } from '../../protocol/tensor.ts'
import type { Core } from '../core.ts'
import type { AnswerPart } from '../jobs/answerPart.ts'
import { StepLost } from '../jobs/stepLost.ts'
import { holdsRun, type Tab } from '../placement/tab.ts'
import type { StepPolicy, StepSampling } from '../verify/stepSampling.ts'
import type { AnswerState } from './answerState.ts'
import { headInputs, idsTensor, madeTokens, needsHistory } from './answerTensors.ts'
import { chooseLegs, type RingPart } from './chooseLegs.ts'
import type { HiddenLog, SessionInputs } from './sessionInputs.ts'
import type { StageTransport } from './stageTransport.ts'
import { nextStepIndex, payerOf } from './stepAccounts.ts'

/** What ring sessions share. */
export interface RingServices {
  core: Core
  transport: StageTransport
  inputs: SessionInputs
  policy: StepPolicy
  /** A number for one more sequence in a tab. */
  nextSession(): number
  /** Parts of answers that a tab has. */
  load(tab: Tab): number
  /** How long a part waits for a tab, ms. */
  waitMs: number
  /** Whether a token completes a stop string; called for the answer's tokens in order. */
  completesStop: (id: number) => boolean
}

interface Step {
  from: number
  to: number
  /** Whether the token after its last row is wanted. */
  wanted: boolean
  tab: Tab
  takeBack: () => void
}

/** A part of the ring: some stages, and the tab that runs them for this answer. */
interface Leg {
  range: StageRange
  /** Null while no tab is found for it. */
  tab: Tab | null
  session: number
  /** Rows in the tab's cache. */
  done: number
  /** Rows that went through these stages in whatever tab; what goes through them again is the operator's. */
  reached: number
  /** What went into its first stage; null where that begins the model, whose inputs are the ids. */
  inputs: HiddenLog | null
  step: Step | null
  sampling: StepSampling | null
  /** Since when it cannot go on, epoch ms; null when it can. */
  stuckSince: number | null
}

/**
 * One answer over a ring of tabs. Each part works off the rows that are there and not in its tab's cache: a prompt goes
 * round in chunks, then token after token. A part whose tab is lost begins again in another one from the inputs that were
 * kept; the parts beside it wait and notice nothing.
 */
export class RingSession {
  readonly #services: RingServices
  readonly #state: AnswerState
  readonly #sequence: number[]
  readonly #options: Tensor
  #legs: Leg[]
  /** Steps whose verdict is not there. */
  #open = 0
  readonly #firsts = new Map<AnswerPart, string>()
  /** Tabs that gave a step back, or failed on one: for when there is no other. */
  readonly #avoided = new Set<string>()
  /** Tokens that were known when it began. */
  readonly #tokensBefore: number
  #finish: Finish | null = null
  #over = false
  #cancelTimer: () => void = () => {}
  #settle!: { resolve(finish: Finish): void; reject(error: Error): void }

  constructor(services: RingServices, state: AnswerState, parts: readonly RingPart[]) {
    this.#services = services
    this.#state = state
    this.#sequence = state.sequence()
    this.#tokensBefore = state.ids.length
    this.#options = optionsTensor(state.request.options)
    this.#legs = parts.map((part) => this.#newLeg(part, null, state.paidRows))
  }

  /**
   * Resolves when every token is there and every step is verified, paid and on disk.
   * @throws StepLost where the answer must be begun again from the tokens that are known; OpentabError
   */
  run(signal: AbortSignal): Promise<Finish> {
    return new Promise<Finish>((resolve, reject) => {
      this.#settle = { resolve, reject }
      const abort = (): void =>
        this.#end(signal.reason instanceof Error ? signal.reason : new OpentabError('cancelled'))
      if (signal.aborted) return abort()
      signal.addEventListener('abort', abort, { once: true })
      this.#advance()
    })
  }

  /** How many parts a tab has in it. */
  partsOf(tab: Tab): number {
    let count = 0
    for (const leg of this.#legs) if (leg.tab === tab) count++
    return count
  }

  /** A tab came, went, or can run other things than before. */
  tabsChanged(): void {
    if (this.#over || this.#finish !== null) return
    for (const leg of [...this.#legs]) this.#review(leg)
    this.#advance()
  }

  #newLeg({ tab, range }: RingPart, inputs: HiddenLog | null, reached: number): Leg {
    const { inputs: kept, nextSession, policy } = this.#services
    const log = range.first === 0 ? null : (inputs ?? kept.open(this.#state.request.model.manifest.language))
    return {
      range,
      tab,
      session: nextSession(),
      done: 0,
      reached,
      inputs: log,
      step: null,
      sampling: policy.sampling(tab.address),
      stuckSince: null,
    }
  }

  /** Starts every part that has rows to work off. */
  #advance(): void {
    if (this.#over || this.#finish !== null) return
    for (let place = 0; place < this.#legs.length; place++) {
      if (!this.#hasWork(this.#legs[place]!)) continue
      this.#review(this.#legs[place]!)
      // It may be another tab's now, or several tabs'.
      const leg = this.#legs[place]!
      if (this.#hasWork(leg) && leg.stuckSince === null && leg.tab !== null) this.#start(leg, leg.tab)
    }
  }

  #hasWork = (leg: Leg): boolean => leg.step === null && leg.done < this.#rowsFor(leg)

  /** Rows of the sequence that have come as far as this part. */
  #rowsFor = (leg: Leg): number => leg.inputs?.rows ?? this.#sequence.length

  /** Looks whether a part's tab can go on, and finds another one where it cannot. */
  #review(leg: Leg): void {
    const { tab } = leg
    if (tab === null) return this.#replace(leg)
    const isGone = this.#isGone(leg, tab)
    // What a tab that pauses has in hand it ends.
    const rests = tab.link !== null && tab.state !== 'ready' && leg.step === null
    if (!isGone && !rests && tab.link !== null) {
      leg.stuckSince = null
      return
    }
    this.#replace(leg)
    // A tab that was cut off may come back, unless its part went on without it.
    const vanished =
      tab.link === null && tab.state !== 'leaving' && !this.#legs.some((other) => other.tab === tab)
    const end = vanished ? this.#state.losses.count('vanished', 'the tab vanished') : null
    if (end) this.#end(end)
  }

  #isGone(leg: Leg, tab: Tab): boolean {
    if (this.#services.core.tabs.get(tab.id) !== tab || tab.state === 'leaving') return true
    return tab.link !== null && !holdsRun(tab, this.#state.request.model.hash, leg.range)
  }

  /** Gives a part to another tab, or to several; where there is none it waits, also for its own to come back. */
  #replace(leg: Leg): void {
    const { core, waitMs } = this.#services
    const parts = this.#partsFor(leg.range)
    if (parts === null) {
      if (leg.tab !== null && this.#isGone(leg, leg.tab)) {
        this.#takeBack(leg)
        leg.tab = null
      }
      leg.stuckSince ??= core.clock.now()
      this.#cancelTimer()
      this.#cancelTimer = core.clock.after(waitMs, () => this.#giveUp())
      return
    }
    this.#takeBack(leg)
    leg.sampling?.end()
    const place = this.#legs.indexOf(leg)
    const fresh = parts.map((part, i) => this.#newLeg(part, i === 0 ? leg.inputs : null, leg.reached))
    this.#legs.splice(place, 1, ...fresh)
  }

  #partsFor(range: StageRange): RingPart[] | null {
    const { core, load } = this.#services
    const { refused, request } = this.#state
    const choose = (mayHave: (tab: Tab) => boolean): RingPart[] | null =>
      chooseLegs(core, request.model, range, {
        mayHave: (tab) => !refused.has(tab.address) && mayHave(tab),
        load,
      })
    return choose((tab) => !this.#avoided.has(tab.id)) ?? choose(() => true)
  }

  /** No tab came for a part in time. */
  #giveUp(): void {
    const { core, waitMs } = this.#services
    const now = core.clock.now()
    const stuck = this.#legs.find(({ stuckSince }) => stuckSince !== null && now - stuckSince >= waitMs)
    if (this.#over || !stuck) return
    const { first, last } = stuck.range
    const stages = first === last ? `stage ${first}` : `stages ${first} to ${last}`
    this.#end(
      new OpentabError(
        'tab_lost',
        `The tab that ran ${stages} of ${this.#state.request.model.manifest.id} was lost, and no other one came within ${waitMs} ms.`,
        { retryAfterSeconds: 5 },
      ),
    )
  }

  #takeBack(leg: Leg): void {
    const step = leg.step
    leg.step = null
    step?.takeBack()
  }

  #start(leg: Leg, tab: Tab): void {
    const from = leg.done
    let to = Math.min(this.#rowsFor(leg), from + STAGE_CHUNK_ROWS)
    // A step is either done again or not.
    if (from < leg.reached) to = Math.min(to, leg.reached)
    const hasHead = this.#state.request.model.manifest.language.stages[leg.range.last]!.head
    const step: Step = {
      from,
      to,
      wanted: hasHead && to === this.#sequence.length,
      tab,
      takeBack: () => {},
    }
    leg.step = step
    const rows = leg.inputs === null ? this.#idRows(from, to) : leg.inputs.read(from, to)
    if (!(rows instanceof Promise)) return this.#send(leg, step, rows)
    rows.then(
      (inputs) => leg.step === step && !this.#over && this.#send(leg, step, inputs),
      (cause: unknown) => this.#end(new OpentabError('internal', undefined, { cause })),
    )
  }

  #idRows = (from: number, to: number): Tensor[] => [idsTensor('ids', this.#sequence.slice(from, to))]

  #send(leg: Leg, step: Step, rows: Tensor[]): void {
    const { transport } = this.#services
    const { job, request } = this.#state
    const { language } = request.model.manifest
    const { first, last } = leg.range
    const hasHead = language.stages[last]!.head
    const operations = languageOperations(language, leg.range, {
      from: step.from,
      to: step.to,
      logitRows: hasHead ? 1 : 0,
    })
    const spec: StageTask = {
      kind: 'stage',
      model: request.model.hash,
      first,
      last,
      session: leg.session,
      position: step.from,
      inputs: hasHead ? [...rows, ...this.#headInputs(step)] : rows,
    }
    const payer = payerOf(job, step.from < leg.reached, microCreditsOf(operations))
    const part = this.#part(leg, step, spec, operations, payer)
    let index: number
    try {
      index = nextStepIndex(job)
    } catch (error) {
      return this.#end(error as OpentabError)
    }
    this.#open++
    step.takeBack = transport.send({
      job,
      index,
      tab: step.tab,
      spec,
      operations,
      payer,
      part,
      verified: () => this.#verdict(part, step, null),
      lost: (error) => {
        const inHand = leg.step === step
        if (inHand) this.#lost(leg, step, error)
        this.#verdict(part, step, inHand && error instanceof StepLost ? null : error)
      },
    })
  }

  #headInputs(step: Step): Tensor[] {
    const { prompt, options } = this.#state.request
    // A step whose token is wanted ends with the sequence.
    const sequence = step.wanted ? this.#sequence : null
    return headInputs(this.#options, needsHistory(options), sequence, prompt.length)
  }

  #part(leg: Leg, step: Step, spec: StageTask, operations: number, payer: string): AnswerPart {
    const { inputs } = leg
    const { policy } = this.#services
    const part: AnswerPart = {
      preferredTab: null,
      specAgain: () => spec,
      tokens: () => {},
      faultOf: () => null,
      returned: (outputs) => this.#returned(leg, step, outputs),
      sample: (tab, judging) => {
        const first = (): void => void this.#firsts.set(part, tab.address)
        ;(leg.sampling ?? policy.sampling(tab.address)).offer({ ...judging, first })
      },
      history: async () => (inputs === null ? this.#idRows(0, step.to) : inputs.read(0, step.to)),
      operationsOf: () => operations,
      paid: (microCredits) => {
        if (payer === this.#state.job.requester) this.#state.release(microCredits)
      },
      rejected: () => null,
    }
    return part
  }

  /** A step's outputs are here: they go on before they are checked. */
  #returned(leg: Leg, step: Step, outputs: readonly Tensor[]): void {
    if (this.#over || leg.step !== step) return
    leg.step = null
    leg.done = step.to
    leg.reached = Math.max(leg.reached, step.to)
    const next = this.#legs[this.#legs.indexOf(leg) + 1]
    if (next) next.inputs!.append(outputs, step.from)
    else if (step.wanted) this.#token(outputs)
    this.#advance()
  }

  #token(outputs: readonly Tensor[]): void {
    const state = this.#state
    const { ids, finish, logprobs } = madeTokens(outputs)
    const id = ids[0]
    state.paidRows = Math.max(state.paidRows, this.#sequence.length)
    state.deviceClasses = this.#legs.map(({ tab }) => tab?.deviceClass ?? '')
    if (id === undefined) return this.#finished(finish)
    state.add([id], logprobs)
    if (this.#services.completesStop(id)) return this.#finished('stop')
    if (state.ids.length >= state.request.options.maxTokens) return this.#finished('length')
    this.#sequence.push(id)
  }

  #finished(finish: Finish): void {
    this.#finish = finish
    this.#state.made(finish)
    for (const leg of this.#legs) {
      this.#takeBack(leg)
      leg.sampling?.end()
    }
    this.#endWhenVerified()
  }

  #endWhenVerified(): void {
    if (this.#finish !== null && this.#open === 0) this.#end(null)
  }

  /** A step came back without a result of the right form: its part begins again, in another tab where there is one. */
  #lost(leg: Leg, step: Step, error: Error): void {
    leg.step = null
    if (this.#over || !(error instanceof StepLost)) return
    const state = this.#state
    if (error.loss === 'rejected') state.refused.add(step.tab.address)
    if (error.loss !== 'vanished') this.#avoided.add(step.tab.id)
    const end = state.losses.count(error.loss, error.message)
    if (end) return this.#end(end)
    // Nobody knows what its cache holds now: also the same tab begins anew.
    leg.tab = null
    this.#replace(leg)
    this.#advance()
  }

  /** A step is verified, or will not be. */
  #verdict(part: AnswerPart, step: Step, error: Error | null): void {
    this.#open--
    const address = this.#firsts.get(part)
    this.#firsts.delete(part)
    if (address !== undefined) this.#services.policy.count(address, -1)
    if (this.#over) return
    if (error instanceof StepLost && error.loss === 'rejected') return this.#wrong(step, error)
    if (error !== null && !(error instanceof StepLost)) return this.#end(error)
    this.#endWhenVerified()
  }

  /** Outputs that went on were wrong: what was made from them is, too. It can be made again where nobody heard it. */
  #wrong(step: Step, error: StepLost): void {
    const state = this.#state
    state.refused.add(step.tab.address)
    const right = Math.max(step.from + 1 - state.request.prompt.length, this.#tokensBefore)
    if (state.isHeardBeyond(right)) {
      const reason = `A step of the answer was found wrong: ${error.message}`
      return this.#end(new OpentabError('task_failed', reason))
    }
    state.truncate(right)
    this.#end(state.losses.count('rejected', error.message) ?? error)
  }

  /** Lets go of everything. */
  #end(error: Error | null): void {
    if (this.#over) return
    this.#over = true
    this.#cancelTimer()
    const { policy } = this.#services
    for (const leg of this.#legs) {
      this.#takeBack(leg)
      // Who reads an input log for a check that is still due gets an empty one: its verdict has no effect any more.
      leg.inputs?.close().catch((cause: unknown) => this.#services.core.report(cause, 'inputs of an answer'))
    }
    for (const address of this.#firsts.values()) policy.count(address, -1)
    this.#firsts.clear()
    if (error) this.#settle.reject(error)
    else this.#settle.resolve(this.#finish!)
  }
}
