import { z } from 'zod'
import { OpentabError } from '../../protocol/errors.ts'
import { CUSTOM_KERNELS } from '../../protocol/kernel/kernelProgram.ts'
import { microCreditsOf } from '../../protocol/limits.ts'
import type { DeviceReport } from '../../protocol/messages.ts'
import type { CustomTask } from '../../protocol/task.ts'
import type { Tensor } from '../../protocol/tensor.ts'
import type { Core } from '../core.ts'
import type { FlowContext } from '../jobs/flow.ts'
import type { Task } from '../jobs/jobRecords.ts'
import { dropStep } from '../jobs/loseLease.ts'
import { StepLost } from '../jobs/stepLost.ts'
import { refuseOverLimit } from '../jobs/submitJob.ts'
import { untilAborted } from '../jobs/untilAborted.ts'
import type { Tab } from '../placement/tab.ts'
import type { CheckOutcome } from '../verify/checker.ts'
import { chooseTabs } from './chooseTabs.ts'
import type { CustomKernelBody } from './kernelBody.ts'
import type { KernelRun } from './kernelMatrix.ts'
import { programKey } from './programKey.ts'
import { countDeviceLoss, countKeptDevice, isSpared, refuseQuarantined, slowedUntil } from './quarantine.ts'
import { judgeBesideReplicas } from './replicas.ts'
import { runDeadlineMs } from './runDeadline.ts'

/** How often it is looked whether a tab that was chosen is still there, ms. */
const LOOK_EVERY_MS = 250
/** Longest wait for a chosen tab that has other work, ms. */
const QUEUED_MS = 60_000
/** How long a tab of a class that was chosen may take to come back after a restart of the relay, ms: they try every 30 s. */
const RETURN_MS = 60_000
/** Where no tab was there for a spread: how long it waits after the first has come for others, ms; they try every 30 s. */
const GATHER_MS = 35_000
/** What all tabs of a job may send back together: the relay holds it until the last one is there. */
const MAX_RETURNED_BYTES = 256 * 1024 * 1024
/** Tabs that are tried in turn where one goes away. */
const MOST_TRIES = 3

/** When a tab last ended a run, and was asked for that one, epoch ms: those that it was asked for later waited for it. */
const lastRuns = new WeakMap<Tab, { endedAt: number; askedAt: number }>()
/** Tabs that had no result in time and none since: asked after the others. */
const late = new WeakSet<Tab>()

const SPARED =
  'Every account that is connected lost its GPU device with this program, or two of its device class did.'

/** What came of a place. */
export interface Attempt {
  run: KernelRun
  /** Gives the verdict; null where there is nothing to judge. */
  judge: ((outcome: CheckOutcome) => void) | null
  /** Settles when the verdict is on disk. */
  written: Promise<unknown>
}

export type FleetTask = Pick<Required<CustomTask>, 'subject' | 'inputs' | 'operations'>

/** A run that is wanted, and whose it is now. Its tasks are those from `at * MOST_TRIES` on. */
interface Place extends Pick<Tab, 'address' | 'deviceClass' | 'device'> {
  at: number
  /** Whether it is one of a second account, beside those that the spread names. */
  isBeside: boolean
  /** Null after a restart, until a tab came back. */
  tab: Tab | null
}

/** What is kept of the places over a restart. */
const notes = z.array(
  z.object({
    address: z.string(),
    deviceClass: z.string(),
    device: z.custom<DeviceReport>((value) => typeof value === 'object' && value !== null),
    isBeside: z.boolean(),
  }),
)

/** The tabs of one job. */
export class Fleet {
  readonly #core: Core
  readonly #context: FlowContext
  readonly #task: FleetTask
  readonly #spread: CustomKernelBody['spread']
  readonly #outputBytes: number
  /** How long a tab may have it in hand. */
  readonly #deadlineMs: number
  readonly #requester: string
  /** What quarantine knows the program by. */
  readonly #program: string
  /** Whether the job says what all of its outputs must be. */
  readonly #isJudgedAlone: boolean
  readonly #used = new Set<string>()
  /** Who gives the verdict on what was returned, with the tasks. */
  readonly #unjudged = new Map<(outcome: CheckOutcome) => void, Promise<unknown>>()
  #places: Place[] = []
  /** Places whose tab lost its device with the kernel. */
  readonly #broken = new Set<Place>()

  /** @param outputBytes what a tab sends back */
  constructor(
    core: Core,
    context: FlowContext,
    task: FleetTask,
    {
      spread,
      program,
      outputs,
      reference,
    }: Pick<CustomKernelBody, 'spread' | 'program' | 'outputs' | 'reference'>,
    outputBytes: number,
  ) {
    this.#core = core
    this.#context = context
    this.#task = task
    this.#spread = spread
    this.#outputBytes = outputBytes
    this.#deadlineMs = runDeadlineMs(task.inputs, outputBytes)
    this.#requester = context.requester ?? 'local'
    this.#program = programKey(program)
    this.#isJudgedAlone = outputs.every((output) => reference?.some(({ name }) => name === output))
  }

  /**
   * Runs the kernel in every place; after a restart in those that were chosen before it.
   * @throws OpentabError `kernel_refused` where it is quarantined, `insufficient_quota`
   */
  async run(): Promise<Attempt[]> {
    const { memory } = this.#context
    while (slowedUntil(this.#core, this.#requester, this.#program) > this.#core.clock.now())
      await this.#pause()
    refuseQuarantined(this.#core, this.#program)
    if (memory?.noted == null) await this.#choose()
    else {
      const noted = notes.parse(JSON.parse(memory.noted))
      this.#places = noted.map((place, at) => ({ ...place, at, tab: null }))
      await this.#waitForTabs()
    }
    this.#context.hold?.(this.#places.length * this.#outputBytes)
    const attempts = new Map<Place, Attempt | null>()
    while (attempts.size < this.#places.length) {
      const next = this.#nextPlaces(attempts)
      const made = await Promise.all(next.map((place) => this.#runIn(place)))
      for (const [i, place] of next.entries()) attempts.set(place, made[i]!)
    }
    return this.#places.map((place) => attempts.get(place)!).filter((attempt) => attempt !== null)
  }

  /**
   * Places that run now: one of each class until one of the class has kept its device, so that a program which breaks
   * devices is known before many have it; a single tab and the one beside it run at once.
   */
  #nextPlaces(attempts: ReadonlyMap<Place, Attempt | null>): Place[] {
    const open = this.#places.filter((place) => !attempts.has(place))
    if (this.#spread === 'one') return open
    const kept = new Set(
      [...attempts.keys()].filter((place) => !this.#broken.has(place)).map(({ deviceClass }) => deviceClass),
    )
    return [...Map.groupBy(open, ({ deviceClass }) => deviceClass)].flatMap(([deviceClass, places]) =>
      kept.has(deviceClass) ? places : places.slice(0, 1),
    )
  }

  /** Tabs that may be asked: those with the least work first, those that were late last. */
  #free(): Tab[] {
    return this.#willing()
      .filter((tab) => !this.#used.has(tab.id) && !this.#spares(tab))
      .sort((a, b) => Number(late.has(a)) - Number(late.has(b)) || a.leased.size - b.leased.size)
  }

  #willing(): Tab[] {
    return [...this.#core.tabs.values()].filter(
      (tab) => tab.link !== null && tab.state === 'ready' && tab.kernels.has(CUSTOM_KERNELS),
    )
  }

  #spares(who: Pick<Tab, 'address' | 'deviceClass'>): boolean {
    return isSpared(this.#core, this.#program, who)
  }

  /** The tabs for the spread; waits until there is one at all, and then until the others of the fleet had time to come back. */
  async #choose(): Promise<void> {
    let free = this.#free()
    let gatheredAt = free.length === 0 && this.#spread !== 'one' ? Number.POSITIVE_INFINITY : 0
    while (free.length === 0 || this.#core.clock.now() < gatheredAt) {
      if (free.length > 0) gatheredAt = Math.min(gatheredAt, this.#core.clock.now() + GATHER_MS)
      else if (this.#willing().length > 0)
        throw new OpentabError('kernel_refused', SPARED, {
          param: 'program',
          fix: 'Find out in the lab, on a device of your own, what it does there, or run it where others are connected.',
        })
      await this.#pause()
      free = this.#free()
    }
    const chosen = chooseTabs(free, this.#spread, this.#isJudgedAlone)
    const bytes = chosen.length * this.#outputBytes
    if (bytes > MAX_RETURNED_BYTES)
      throw new OpentabError(
        'invalid_value',
        `${chosen.length} tabs would send ${bytes} bytes of outputs; at most ${MAX_RETURNED_BYTES} are taken.`,
        { param: 'spread', fix: 'Ask for fewer tabs, or for fewer outputs.' },
      )
    for (const [at, { tab, isBeside }] of chosen.entries()) {
      const { address, deviceClass, device } = tab
      this.#used.add(tab.id)
      this.#places.push({ at, isBeside, tab, address, deviceClass, device })
    }
    refuseOverLimit(this.#core, this.#requester, this.#places.length * microCreditsOf(this.#task.operations))
    this.#note()
  }

  #note(): void {
    const kept = this.#places.map(({ address, deviceClass, device, isBeside }) => ({
      address,
      deviceClass,
      device,
      isBeside,
    }))
    this.#context.memory?.note(JSON.stringify(kept))
  }

  #take(place: Place, tab: Tab): void {
    const { address, deviceClass, device } = tab
    this.#used.add(tab.id)
    Object.assign(place, { tab, address, deviceClass, device })
    this.#note()
  }

  /** After a restart: waits for a tab of each class; in the end for one of a second account, where that was wanted. */
  async #waitForTabs(): Promise<void> {
    const open = this.#places.filter((place) => this.#before(place) === null)
    const asked = open.filter(({ isBeside }) => !isBeside)
    const isMissing = ({ tab }: Place): boolean => tab === null
    const startedAt = this.#core.clock.now()
    while (asked.some(isMissing)) {
      for (const place of asked.filter(isMissing)) {
        const tab = this.#free().find((other) => this.#suits(place, other))
        if (tab) this.#take(place, tab)
      }
      const isLate = this.#spread !== 'one' && this.#core.clock.now() - startedAt >= RETURN_MS
      if (isLate || !asked.some(isMissing)) break
      await this.#pause()
    }
    const beside = open.find(({ isBeside }) => isBeside)
    if (!beside) return
    const others = this.#places.filter((place) => place !== beside).map(({ address }) => address)
    const from = this.#core.clock.now()
    for (;;) {
      const tab = this.#free().find(({ address }) => !others.includes(address))
      if (tab) return this.#take(beside, tab)
      if (this.#core.clock.now() - from >= RETURN_MS) return
      await this.#pause()
    }
  }

  /** Whether a tab can stand for the one that a place had: of its class, where that matters. */
  #suits({ deviceClass }: Place, tab: Tab): boolean {
    return this.#spread === 'one' || tab.deviceClass === deviceClass
  }

  /** What was verified of a place before a restart. */
  #before({ at }: Place): Tensor[] | null {
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const outputs = this.#context.memory?.verified(at * MOST_TRIES + tries)
      if (outputs) return outputs
    }
    return null
  }

  /** Runs the kernel in a place's tab, or where it goes away in another one; null where nobody waits for it any more. */
  async #runIn(place: Place): Promise<Attempt | null> {
    const before = this.#before(place)
    if (before !== null) return ended(place, before, null)
    let why = ''
    for (let tries = 0; place.tab && tries < MOST_TRIES; tries++) {
      try {
        refuseQuarantined(this.#core, this.#program)
      } catch (error) {
        return ended(place, null, (error as OpentabError).message)
      }
      if (this.#spares(place)) return ended(place, null, SPARED)
      const outcome = await this.#tryIn(place, place.tab, tries)
      if (!(outcome instanceof StepLost)) return outcome
      // It goes on after the restart.
      if (this.#core.draining) return new Promise(() => {})
      why = outcome.message
      if (outcome.code === 'kernel_lost_device') this.#countLoss(place)
      if (outcome.loss === 'failed' || outcome.loss === 'rejected') return ended(place, null, why)
      const next = this.#free().find((other) => this.#suits(place, other))
      if (!next) break
      this.#take(place, next)
    }
    if (why !== '') return ended(place, null, `No tab of the class stayed: ${why}`)
    if (place.isBeside) return null
    return ended(place, null, 'No tab of the class came back after a restart of the relay.')
  }

  #countLoss(place: Place): void {
    const { address, deviceClass } = place
    this.#broken.add(place)
    const loss = { program: this.#program, requester: this.#requester, address, deviceClass }
    countDeviceLoss(this.#core, loss)
  }

  async #tryIn(place: Place, tab: Tab, tries: number): Promise<Attempt | StepLost> {
    const { at, address, deviceClass, device } = place
    const spec: CustomTask = { kind: 'custom', ...this.#task, tab: tab.id }
    const returned = Promise.withResolvers<readonly Tensor[]>()
    const verdict = Promise.withResolvers<CheckOutcome>()
    judgeBesideReplicas(spec, (outputs) => {
      this.#unjudged.set(verdict.resolve, task)
      returned.resolve(outputs)
      return verdict.promise
    })
    const task = this.#context.task(at * MOST_TRIES + tries, spec)
    const lost = task.then(() => returned.promise)
    lost.catch(() => {})
    const askedAt = this.#core.clock.now()
    const watching = this.#watch(spec, tab)
    try {
      const outputs = await untilAborted(Promise.race([returned.promise, lost]), this.#context.signal)
      late.delete(tab)
      lastRuns.set(tab, { endedAt: this.#core.clock.now(), askedAt })
      countKeptDevice(this.#core, this.#program, { address, deviceClass })
      const run = { address, deviceClass, device, outputs, failure: null }
      return { run, judge: verdict.resolve, written: task.catch(() => {}) }
    } catch (error) {
      if (!(error instanceof StepLost)) throw error
      if (error.loss === 'failed') lastRuns.set(tab, { endedAt: this.#core.clock.now(), askedAt })
      return error
    } finally {
      watching.stop()
    }
  }

  /** Takes the task back from a tab that is not there any more, pauses, has too much else to do, or does not end. */
  #watch(spec: CustomTask, asked: Tab): { stop(): void } {
    const { clock } = this.#core
    const startedAt = clock.now()
    let callOff = (): void => {}
    let task: Task | undefined
    const look = (): void => {
      callOff = clock.after(LOOK_EVERY_MS, look)
      const now = clock.now()
      const isReady = this.#core.tabs.get(spec.tab!)?.state === 'ready'
      if (isReady && now - startedAt < Math.min(QUEUED_MS, this.#deadlineMs)) return
      task ??= this.#taskOf(spec)
      if (task?.state === 'queued') {
        if (!isReady || now - startedAt >= QUEUED_MS)
          dropStep(this.#core, task, new StepLost('free', 'the tab did not take it'))
      } else if (task?.state === 'leased') {
        const before = lastRuns.get(asked)
        const freeAt = before && before.askedAt <= startedAt ? before.endedAt : 0
        const begunAt = Math.max(task.lease!.grantedAt, freeAt)
        if (now - begunAt < this.#deadlineMs) return
        late.add(asked)
        const why = `the tab had no result after ${this.#deadlineMs / 1000} s`
        dropStep(this.#core, task, new StepLost('vanished', why))
      }
    }
    look()
    return { stop: () => callOff() }
  }

  #taskOf(spec: CustomTask): Task | undefined {
    for (const job of this.#core.jobs.values())
      for (const task of job.tasks.values()) if (task.spec === spec) return task
    return undefined
  }

  async #pause(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const callOff = this.#core.clock.after(LOOK_EVERY_MS, resolve)
    await untilAborted(promise, this.#context.signal).finally(callOff)
  }

  /** What was returned and has no verdict gets one that counts for nothing: nobody will compare it any more. */
  async giveUp(): Promise<void> {
    for (const judge of this.#unjudged.keys()) judge({ ok: true, verdict: 'unverified' })
    await untilAborted(Promise.allSettled(this.#unjudged.values()), this.#context.signal)
  }
}

/** What needs no verdict: it has one, or it did not run. */
const ended = (
  { address, deviceClass, device }: Place,
  outputs: Tensor[] | null,
  failure: string | null,
): Attempt => ({
  run: { address, deviceClass, device, outputs, failure },
  judge: null,
  written: Promise.resolve(),
})
