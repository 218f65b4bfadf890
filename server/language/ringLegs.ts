import { OpentabError } from '../../protocol/errors.ts'
import type { StageRange } from '../../protocol/language.ts'
import type { Core } from '../core.ts'
import { holdsRun, type Tab } from '../placement/tab.ts'
import type { StepPolicy } from '../verify/stepPolicy.ts'
import type { AnswerState } from './answerState.ts'
import { chooseLegs, type RingPart } from './chooseLegs.ts'
import type { KeptLeg } from './keptRings.ts'
import { LegStretches } from './legStretches.ts'
import type { HiddenLog, SessionInputs } from './sessionInputs.ts'
import type { StepExpense } from './stepAccounts.ts'

/** What the parts of rings need of the relay. */
export interface RingPlaces {
  core: Core
  inputs: SessionInputs
  policy: StepPolicy
  /** A random integer from 0 to `below` - 1 that nobody can foresee. */
  random(below: number): number
  /** A number for one more sequence in a tab. */
  nextSession(): number
  /** Parts of answers that a tab has. */
  load(tab: Tab): number
  /** How long a part waits for a tab, ms. */
  waitMs: number
}

/** Some rows of the sequence on their way through a part. */
export interface Step {
  from: number
  to: number
  /** Whether the token after its last row is wanted. */
  wanted: boolean
  expense: StepExpense
  tab: Tab
  takeBack: () => void
}

/** A part of the ring: some stages, and the tab that runs them for this answer. */
export interface Leg {
  range: StageRange
  /** Null while no tab is found for it. */
  tab: Tab | null
  session: number
  /** Rows in the tab's cache. */
  done: number
  /** What went into its first stage; null where that begins the model, whose inputs are the ids. */
  inputs: HiddenLog | null
  step: Step | null
  /** The steps that its tab has made, for their verdict. */
  stretches: LegStretches
  /** Since when it cannot go on, epoch ms; null when it can. */
  stuckSince: number | null
}

/** The parts of one answer's ring in the order of the stages, and the tabs that have them: finds others when these are lost. */
export class RingLegs {
  readonly #places: RingPlaces
  readonly #state: AnswerState
  readonly #onGivenUp: (error: OpentabError) => void
  readonly #legs: Leg[]
  /** Tabs that gave a step back, or failed on one: for when there is no other. */
  readonly #avoided = new Set<string>()
  #cancelTimer: () => void = () => {}

  /** @param onGivenUp called when no tab came for a part in time */
  constructor(
    places: RingPlaces,
    state: AnswerState,
    parts: readonly RingPart[],
    onGivenUp: (error: OpentabError) => void,
  ) {
    this.#places = places
    this.#state = state
    this.#onGivenUp = onGivenUp
    this.#legs = parts.map((part) => this.#newLeg(part, part.kept?.inputs ?? null))
  }

  get all(): readonly Leg[] {
    return this.#legs
  }

  /** The part that gets what this one gives; undefined for the last. */
  after(leg: Leg): Leg | undefined {
    return this.#legs[this.#legs.indexOf(leg) + 1]
  }

  /** Takes back a step that is under way. */
  takeBack(leg: Leg): void {
    const { step } = leg
    leg.step = null
    step?.takeBack()
  }

  /**
   * Looks whether a part's tab can go on, and finds another one where it cannot.
   * @returns what the answer ends with where too many tabs were lost, else null
   */
  review(leg: Leg): OpentabError | null {
    const { tab } = leg
    if (tab === null) {
      this.#replace(leg)
      return null
    }
    // What a tab that pauses has in hand it ends.
    const rests = tab.link !== null && tab.state !== 'ready' && leg.step === null
    if (!this.#isGone(leg, tab) && !rests && tab.link !== null) {
      leg.stuckSince = null
      return null
    }
    this.#replace(leg)
    // A tab that was cut off may come back, unless its part went on without it.
    const vanished =
      tab.link === null && tab.state !== 'leaving' && !this.#legs.some((other) => other.tab === tab)
    return vanished ? this.#state.losses.count('vanished', 'the tab vanished') : null
  }

  /** A part's step was lost: nobody knows what the cache holds now, so that also the same tab begins anew. */
  beginAnew(leg: Leg, avoided: Tab | null): void {
    if (avoided) this.#avoided.add(avoided.id)
    leg.step = null
    leg.tab = null
    leg.stretches.end()
    this.#replace(leg)
  }

  /** Nothing is awaited any more; what is under way is taken back, what was made gets its verdict. */
  end(): void {
    this.#cancelTimer()
    for (const leg of this.#legs) {
      this.takeBack(leg)
      leg.stretches.end()
    }
  }

  /** Forgets what went through the parts. */
  closeInputs(): void {
    const { core } = this.#places
    for (const { inputs } of this.#legs)
      inputs?.close().catch((cause: unknown) => core.report(cause, 'inputs of an answer'))
  }

  /** Its parts as a follow-up can go on with them; null where one has no tab now. They keep what went into them. */
  kept(): KeptLeg[] | null {
    const kept: KeptLeg[] = []
    for (const { range, tab, session, inputs } of this.#legs) {
      if (tab === null) return null
      kept.push({ range, tabId: tab.id, session, inputs })
    }
    return kept
  }

  /** Rows that have gone through all parts. */
  get rows(): number {
    return Math.min(...this.#legs.map(({ done }) => done))
  }

  #newLeg({ tab, range, kept: before }: RingPart, inputs: HiddenLog | null): Leg {
    const { core, inputs: kept, nextSession, policy, random } = this.#places
    const log = range.first === 0 ? null : (inputs ?? kept.open(this.#state.request.model.manifest.language))
    return {
      range,
      tab,
      session: before?.session ?? nextSession(),
      done: before?.rows ?? 0,
      inputs: log,
      step: null,
      stretches: new LegStretches(core, policy, tab.address, random),
      stuckSince: null,
    }
  }

  #isGone(leg: Leg, tab: Tab): boolean {
    if (this.#places.core.tabs.get(tab.id) !== tab || tab.state === 'leaving') return true
    return tab.link !== null && !holdsRun(tab, this.#state.request.model.hash, leg.range)
  }

  /** Gives a part to another tab, or to several; where there is none it waits, also for its own to come back. */
  #replace(leg: Leg): void {
    const parts = this.#partsFor(leg.range)
    if (parts === null) {
      if (leg.tab !== null && this.#isGone(leg, leg.tab)) {
        this.takeBack(leg)
        leg.tab = null
        leg.stretches.end()
      }
      leg.stuckSince ??= this.#places.core.clock.now()
      this.#limitWait()
      return
    }
    this.takeBack(leg)
    leg.stretches.end()
    const place = this.#legs.indexOf(leg)
    const fresh = parts.map((part, i) => this.#newLeg(part, i === 0 ? leg.inputs : null))
    this.#legs.splice(place, 1, ...fresh)
  }

  #partsFor(range: StageRange): RingPart[] | null {
    const { core, load } = this.#places
    const { refused, request } = this.#state
    const choose = (mayHave: (tab: Tab) => boolean): RingPart[] | null =>
      chooseLegs(core, request.model, range, {
        mayHave: (tab) => !refused.has(tab.address) && mayHave(tab),
        load,
      })
    return choose((tab) => !this.#avoided.has(tab.id)) ?? choose(() => true)
  }

  /** However many tabs come and go meanwhile: a part waits no longer than it may. */
  #limitWait(): void {
    const { core, waitMs } = this.#places
    this.#cancelTimer()
    const since = Math.min(...this.#legs.map(({ stuckSince }) => stuckSince ?? Number.POSITIVE_INFINITY))
    if (since === Number.POSITIVE_INFINITY) return
    this.#cancelTimer = core.clock.after(since + waitMs - core.clock.now(), () => this.#giveUp())
  }

  #giveUp(): void {
    const { core, waitMs } = this.#places
    const now = core.clock.now()
    const stuck = this.#legs.find(({ stuckSince }) => stuckSince !== null && now - stuckSince >= waitMs)
    // The one that waited longest may go on by now.
    if (!stuck) return this.#limitWait()
    const { first, last } = stuck.range
    const stages = first === last ? `stage ${first}` : `stages ${first} to ${last}`
    const { id } = this.#state.request.model.manifest
    this.#onGivenUp(
      new OpentabError(
        'tab_lost',
        `The tab that ran ${stages} of ${id} was lost, and no other one came within ${waitMs} ms.`,
        { retryAfterSeconds: 5 },
      ),
    )
  }
}
