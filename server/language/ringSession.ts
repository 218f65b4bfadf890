import { OpentabError } from '../../protocol/errors.ts'
import { type Finish, optionsTensor } from '../../protocol/generation.ts'
import { languageOperations, type StageRange } from '../../protocol/language.ts'
import { OPERATIONS_PER_MICRO_CREDIT, STAGE_CHUNK_ROWS } from '../../protocol/limits.ts'
import type { StageTask } from '../../protocol/task.ts'
import type { Tensor } from '../../protocol/tensor.ts'
import type { AnswerPart } from '../jobs/answerPart.ts'
import { StepLost } from '../jobs/stepLost.ts'
import type { Tab } from '../placement/tab.ts'
import type { AnswerState } from './answerState.ts'
import { headInputs, idsTensor, madeTokens, needsHistory } from './answerTensors.ts'
import type { RingPart } from './chooseLegs.ts'
import type { KeptRings } from './keptRings.ts'
import { type Leg, RingLegs, type RingPlaces, type Step } from './ringLegs.ts'
import type { StageTransport } from './stageTransport.ts'
import { nextStepIndex, payerOf, type StepExpense } from './stepAccounts.ts'

/** What ring sessions share. */
export interface RingServices extends RingPlaces {
  transport: StageTransport
  kept: KeptRings
  /** Whether a token completes a stop string; called for the answer's tokens in order. */
  completesStop: (id: number) => boolean
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
  readonly #legs: RingLegs
  /** Stretches of steps whose verdict is not there. */
  #unjudged = 0
  /** Tokens that were known when it began, and how often some had been taken back. */
  readonly #tokensBefore: number
  readonly #cutsBefore: number
  #finish: Finish | null = null
  #over = false
  #settle!: { resolve(finish: Finish): void; reject(error: Error): void }
  #settledNow!: () => void
  /** Resolves when every step that was made has its verdict, or will have none: also when it ended with an error before. */
  readonly settled: Promise<void>

  constructor(services: RingServices, state: AnswerState, parts: readonly RingPart[]) {
    this.#services = services
    this.#state = state
    this.#sequence = state.sequence()
    this.#tokensBefore = state.ids.length
    this.#cutsBefore = state.cuts
    this.#options = optionsTensor(state.request.options)
    this.settled = new Promise((resolve) => {
      this.#settledNow = resolve
    })
    for (const { range, kept } of parts) if (kept) state.paid.reach(range, kept.rows)
    this.#legs = new RingLegs(services, state, parts, (error) => this.#end(error))
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

  /** Whether all its tokens are here. */
  get isMade(): boolean {
    return this.#finish !== null
  }

  /** How many parts a tab has in it. */
  partsOf(tab: Tab): number {
    let count = 0
    for (const leg of this.#legs.all) if (leg.tab === tab) count++
    return count
  }

  /** A tab came, went, or can run other things than before. */
  tabsChanged(): void {
    if (this.#over || this.#finish !== null) return
    for (const leg of [...this.#legs.all]) this.#review(leg)
    this.#advance()
  }

  #review(leg: Leg): void {
    const error = this.#legs.review(leg)
    if (error) this.#end(error)
  }

  /** Starts every part that has rows to work off. */
  #advance(): void {
    for (let place = 0; place < this.#legs.all.length; place++) {
      if (this.#over || this.#finish !== null) return
      if (!this.#hasWork(this.#legs.all[place]!)) continue
      this.#review(this.#legs.all[place]!)
      // It may be another tab's now, or several tabs'.
      const leg = this.#legs.all[place]!
      if (this.#over || !this.#hasWork(leg) || leg.stuckSince !== null) continue
      if (leg.tab !== null) this.#start(leg, leg.tab)
    }
  }

  #hasWork = (leg: Leg): boolean => leg.step === null && leg.done < this.#rowsFor(leg)

  /** Rows of the sequence that have come as far as this part. */
  #rowsFor = (leg: Leg): number => leg.inputs?.rows ?? this.#sequence.length

  #start(leg: Leg, tab: Tab): void {
    const from = leg.done
    let to = Math.min(this.#rowsFor(leg), from + STAGE_CHUNK_ROWS)
    // One account pays for a step, or none.
    const { paid, paidAgain } = this.#state
    for (const rows of [paid, paidAgain, this.#state.paidTo(tab.address)]) {
      const reached = rows.of(leg.range)
      if (from < reached) to = Math.min(to, reached)
    }
    const hasHead = this.#state.request.model.manifest.language.stages[leg.range.last]!.head
    const step: Step = {
      from,
      to,
      wanted: hasHead && to === this.#sequence.length,
      expense: 'first',
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
    const { job, request, paid } = this.#state
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
    // Part of a verdict's price, which is rounded up once.
    const price = Math.floor(operations / OPERATIONS_PER_MICRO_CREDIT)
    const prepaidBefore = job.prepaidMicroCredits
    const isAgain = step.from < paid.of(leg.range)
    const payer = payerOf(job, isAgain, price)
    step.expense = this.#expenseOf(leg, step)
    const prepaid = prepaidBefore - job.prepaidMicroCredits
    const part = this.#part(leg, step, spec, operations, payer)
    let index: number
    try {
      index = nextStepIndex(job)
    } catch (error) {
      return this.#end(error as OpentabError)
    }
    step.takeBack = transport.send({
      job,
      index,
      tab: step.tab,
      spec,
      operations,
      payer,
      part,
      verified: () => this.#verdict(part, leg.range, step, null),
      lost: (error) => {
        if (part.stretch) return this.#verdict(part, leg.range, step, error)
        // Nothing came for it.
        job.prepaidMicroCredits += prepaid
        if (leg.step === step) this.#lost(leg, step, error)
        if (!(error instanceof StepLost)) this.#end(error)
      },
    })
  }

  #expenseOf({ range }: Leg, { from, tab }: Step): StepExpense {
    const { paid, paidAgain } = this.#state
    if (from < this.#state.paidTo(tab.address).of(range) || from < paidAgain.of(range)) return 'nobody'
    return from < paid.of(range) ? 'again' : 'first'
  }

  #headInputs(step: Step): Tensor[] {
    const { prompt, options } = this.#state.request
    // A step whose token is wanted ends with the sequence.
    const sequence = step.wanted ? this.#sequence : null
    return headInputs(this.#options, needsHistory(options), sequence, prompt.length)
  }

  #part(leg: Leg, step: Step, spec: StageTask, operations: number, payer: string): AnswerPart {
    const { inputs, stretches } = leg
    const part: AnswerPart = {
      preferredTab: null,
      specAgain: () => spec,
      tokens: () => {},
      faultOf: () => null,
      returned: (outputs) => this.#returned(leg, step, outputs),
      join: (task, _, outputs, judging) => {
        const history = async (): Promise<Tensor[]> =>
          inputs === null ? this.#idRows(0, step.to) : inputs.read(0, step.to)
        stretches.join({ task, outputs, judging, history, expense: step.expense }, (begun) => {
          part.stretch = begun
          this.#unjudged++
        })
      },
      stretch: null,
      operationsOf: () => (step.expense === 'nobody' ? 0 : (part.stretch?.operations ?? operations)),
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
    const { paid, paidAgain } = this.#state
    if (step.expense !== 'nobody') {
      const rows = step.expense === 'again' ? paidAgain : paid
      for (const by of [rows, this.#state.paidTo(step.tab.address)]) by.reach(leg.range, step.to)
    }
    const next = this.#legs.after(leg)
    if (next) next.inputs!.append(outputs, step.from)
    else if (step.wanted) this.#token(outputs)
    this.#advance()
  }

  #token(outputs: readonly Tensor[]): void {
    const state = this.#state
    const { ids, finish, logprobs } = madeTokens(outputs)
    const id = ids[0]
    state.deviceClasses = this.#legs.all.map(({ tab }) => tab?.deviceClass ?? '')
    if (id === undefined) return this.#finished(finish)
    state.add([id], logprobs)
    if (this.#services.completesStop(id)) return this.#finished('stop')
    if (state.ids.length >= state.request.options.maxTokens) return this.#finished('length')
    this.#sequence.push(id)
  }

  #finished(finish: Finish): void {
    this.#finish = finish
    this.#state.made(finish)
    this.#legs.end()
    this.#endWhenVerified()
  }

  #endWhenVerified(): void {
    if (this.#finish !== null && this.#unjudged === 0) this.#end(null)
  }

  /** A step came back without a result of the right form: its part begins again, in another tab where there is one. */
  #lost(leg: Leg, step: Step, error: Error): void {
    leg.step = null
    if (this.#over || !(error instanceof StepLost)) return
    const state = this.#state
    if (error.loss === 'rejected') state.refused.add(step.tab.address)
    const end = state.losses.count(error.loss, error.message)
    if (end) return this.#end(end)
    this.#legs.beginAnew(leg, error.loss === 'vanished' ? null : step.tab)
    this.#advance()
  }

  /** The steps from this one on that got one verdict have it, or will have none. */
  #verdict(part: AnswerPart, range: StageRange, step: Step, error: Error | null): void {
    this.#unjudged--
    part.stretch?.over()
    const isWrong = error instanceof StepLost && error.loss === 'rejected'
    // Nobody has paid for it.
    if (isWrong && part.stretch?.first.payer === this.#state.job.requester)
      this.#state.paid.unreach(range, step.from)
    else if (isWrong && step.expense === 'again') this.#state.paidAgain.unreach(range, step.from)
    if (this.#over) {
      // Another ring or tab goes on with what was made of it.
      if (isWrong) this.#state.foundWrong(this.#rightTokens(step), error.message, this.#cutsBefore)
      if (this.#unjudged === 0) this.#close()
      return
    }
    if (isWrong) return this.#wrong(step, error)
    if (error !== null && !(error instanceof StepLost)) return this.#end(error)
    this.#endWhenVerified()
  }

  /** Outputs that went on were wrong: what was made from them is, too. It can be made again where nobody heard it. */
  #wrong(step: Step, error: StepLost): void {
    const state = this.#state
    state.refused.add(step.tab.address)
    state.foundWrong(this.#rightTokens(step), error.message)
    this.#end(state.takeBackWrong() ?? state.losses.count('rejected', error.message) ?? error)
  }

  /** Tokens that do not come from a step: those before its rows, and those that were known when the ring began. */
  #rightTokens = (step: Step): number =>
    Math.max(step.from + 1 - this.#state.request.prompt.length, this.#tokensBefore)

  /** It is over. What is made already is still checked and paid, where the job goes on. */
  #end(error: Error | null): void {
    if (this.#over) return
    this.#over = true
    this.#legs.end()
    if (error === null && this.#keep()) this.#settledNow()
    else if (this.#unjudged === 0) this.#close()
    if (error) this.#settle.reject(error)
    else this.#settle.resolve(this.#finish!)
  }

  /** Leaves the ring to the next turn of the conversation. */
  #keep(): boolean {
    const legs = this.#legs.kept()
    const { job, request, gone } = this.#state
    if (legs === null || gone !== null) return false
    const rows = this.#sequence.slice(0, this.#legs.rows)
    this.#services.kept.keep({ requester: job.requester, model: request.model.hash, rows, legs })
    return true
  }

  #close(): void {
    this.#legs.closeInputs()
    this.#settledNow()
  }
}
