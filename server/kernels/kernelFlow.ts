import { OpentabError } from '../../protocol/errors.ts'
import { type CustomKernel, checkCustomNames, descriptionTensor } from '../../protocol/kernel/customTask.ts'
import { CUSTOM_KERNELS } from '../../protocol/kernel/kernelProgram.ts'
import type { CustomTask } from '../../protocol/task.ts'
import type { Tensor } from '../../protocol/tensor.ts'
import type { Core } from '../core.ts'
import {
  type OutputJson,
  type ReadBlob,
  type StoreBlob,
  tensorFromJson,
  tensorToJson,
} from '../http/tensorJson.ts'
import type { FlowContext } from '../jobs/flow.ts'
import { dropStep } from '../jobs/loseLease.ts'
import { StepLost } from '../jobs/stepLost.ts'
import type { Tab } from '../placement/tab.ts'
import type { CheckOutcome } from '../verify/checker.ts'
import { type CustomKernelBody, programHash } from './kernelBody.ts'
import { findingsOf, type KernelRow, type KernelRun } from './kernelMatrix.ts'
import { countDeviceLoss, refuseQuarantined } from './quarantine.ts'
import { judgeBesideReplicas } from './replicas.ts'

/** `result` of a custom kernel's job. */
export interface KernelAnswer {
  outputs: OutputJson[]
  matrix: KernelRow[]
}

/** How often it is looked whether a tab that was chosen is still there, ms. */
const LOOK_EVERY_MS = 250
/** Longest wait for a chosen tab that has other work, ms. */
const QUEUED_MS = 60_000
/** Tabs that are tried in turn where one goes away. */
const MOST_TRIES = 3

export interface KernelFlowOptions {
  core: () => Core
  readBlob: ReadBlob
  storeBlob: StoreBlob
}

/** Runs a custom kernel in the tabs that its job asks for and compares what they found. */
export function createKernelFlow({ core: coreOf, readBlob, storeBlob }: KernelFlowOptions) {
  return async (body: CustomKernelBody, context: FlowContext): Promise<KernelAnswer> => {
    const core = coreOf()
    const decode = (tensors: CustomKernelBody['inputs']): Promise<Tensor[]> =>
      Promise.all(tensors.map((tensor) => tensorFromJson(tensor, readBlob)))
    const inputs = await decode(body.inputs)
    const reference = body.reference ? await decode(body.reference) : null
    const kernel: CustomKernel = body
    checkCustomNames(kernel, inputs)
    const fleet = new Fleet(core, context, {
      subject: programHash(body.program),
      inputs: [descriptionTensor(kernel), ...inputs],
      operations: body.operations,
    })
    const places = await fleet.choose(body.spread)
    const attempts = await Promise.all(places.map((place) => fleet.run(place, body.spread !== 'one')))
    const runs = attempts.map(({ run }) => run)
    const findings = findingsOf(runs, body.tolerance, reference)
    for (const [i, { judge }] of attempts.entries())
      judge?.({ ok: true, verdict: findings.credited[i] ? 'replica' : 'unverified' })
    await Promise.all(attempts.map(({ written }) => written))
    if (findings.outputs === null && body.spread === 'one')
      throw new OpentabError('task_failed', `The kernel did not run: ${runs[0]?.failure ?? 'no tab took it'}`)
    const outputs: OutputJson[] = []
    for (const tensor of findings.outputs ?? []) outputs.push(await tensorToJson(tensor, storeBlob))
    return { outputs, matrix: findings.matrix }
  }
}

interface Attempt {
  run: KernelRun
  /** Gives the verdict; null where there is nothing to judge. */
  judge: ((outcome: CheckOutcome) => void) | null
  /** Settles when the verdict is on disk. */
  written: Promise<unknown>
}

/** A tab that was chosen, and who pays its run: the requester those that he asked for, the operator a second account's. */
interface Place {
  tab: Tab
  payer?: 'operator'
}

type FleetTask = Pick<Required<CustomTask>, 'subject' | 'inputs' | 'operations'>

/** The tabs of one job. */
class Fleet {
  readonly #core: Core
  readonly #context: FlowContext
  readonly #task: FleetTask
  readonly #used = new Set<string>()
  #index = 0

  constructor(core: Core, context: FlowContext, task: FleetTask) {
    this.#core = core
    this.#context = context
    this.#task = task
  }

  /** Tabs that may be asked, those with the least work first. */
  #free(): Tab[] {
    return [...this.#core.tabs.values()]
      .filter((tab) => tab.link !== null && tab.state === 'ready' && tab.kernels.has(CUSTOM_KERNELS))
      .filter((tab) => !this.#used.has(tab.id))
      .sort((a, b) => a.leased.size - b.leased.size)
  }

  /**
   * The tabs for a spread; waits until there is one at all. Where all of them are of one account, one of another goes
   * beside them: nothing is credited that only one has found.
   */
  async choose(spread: CustomKernelBody['spread']): Promise<Place[]> {
    let free = this.#free()
    while (free.length === 0) {
      await this.#wait()
      free = this.#free()
    }
    const asked = spread === 'one' ? [free[0]!] : ofEachClass(free, spread.perClass)
    const accounts = new Set(asked.map(({ address }) => address))
    const others = accounts.size === 1 ? free.filter(({ address }) => !accounts.has(address)) : []
    const beside = others.find(({ deviceClass }) => deviceClass === asked[0]!.deviceClass) ?? others[0]
    const places: Place[] = asked.map((tab) => ({ tab }))
    if (beside) places.push({ tab: beside, payer: 'operator' })
    for (const { tab } of places) this.#used.add(tab.id)
    return places
  }

  /** Runs the kernel in a tab, or where it goes away in another one: of its class, where that matters. */
  async run({ tab: first, payer }: Place, sameClass: boolean): Promise<Attempt> {
    let tab: Tab | undefined = first
    let why = ''
    for (let tries = 0; tab && tries < MOST_TRIES; tries++) {
      refuseQuarantined(this.#core, this.#task.subject)
      const outcome = await this.#tryIn(tab, payer)
      if (!(outcome instanceof StepLost)) return outcome
      why = outcome.message
      const { address, deviceClass, device } = tab
      if (/^kernel_lost_device|device-lost/.test(why)) countDeviceLoss(this.#core, this.#task.subject)
      if (outcome.loss === 'failed' || outcome.loss === 'rejected') {
        return {
          run: { address, deviceClass, device, outputs: null, failure: why },
          judge: null,
          written: Promise.resolve(),
        }
      }
      tab = this.#free().find((other) => !sameClass || other.deviceClass === first.deviceClass)
      if (tab) this.#used.add(tab.id)
    }
    const { address, deviceClass, device } = first
    const failure = `No tab of the class stayed: ${why}`
    return {
      run: { address, deviceClass, device, outputs: null, failure },
      judge: null,
      written: Promise.resolve(),
    }
  }

  async #tryIn(
    { id, address, deviceClass, device }: Tab,
    payer: Place['payer'],
  ): Promise<Attempt | StepLost> {
    const spec: CustomTask = { kind: 'custom', ...this.#task, tab: id }
    const returned = Promise.withResolvers<readonly Tensor[]>()
    const verdict = Promise.withResolvers<CheckOutcome>()
    judgeBesideReplicas(spec, (outputs) => {
      returned.resolve(outputs)
      return verdict.promise
    })
    const task = this.#context.task(this.#index++, spec, payer)
    const early = task.then(() => {
      // Known from before a restart, from a tab of which nothing is known any more.
      throw new OpentabError('tab_lost', 'The relay was restarted in the middle of this job.')
    })
    early.catch(() => {})
    const watching = this.#watch(spec)
    try {
      const outputs = await Promise.race([returned.promise, early])
      const run = { address, deviceClass, device, outputs, failure: null }
      return { run, judge: verdict.resolve, written: task.catch(() => {}) }
    } catch (error) {
      if (error instanceof StepLost) return error
      throw error
    } finally {
      watching.stop()
    }
  }

  /** Takes the task back from a tab that is not there any more, pauses, or has too much else to do. */
  #watch(spec: CustomTask): { stop(): void } {
    const { clock } = this.#core
    const startedAt = clock.now()
    let callOff = (): void => {}
    const look = (): void => {
      callOff = clock.after(LOOK_EVERY_MS, look)
      const tab = this.#core.tabs.get(spec.tab!)
      if (tab?.state === 'ready' && clock.now() - startedAt < QUEUED_MS) return
      for (const job of this.#core.jobs.values())
        for (const task of job.tasks.values())
          if (task.spec === spec && task.state === 'queued')
            dropStep(this.#core, task, new StepLost('free', 'the tab did not take it'))
    }
    look()
    return { stop: () => callOff() }
  }

  async #wait(): Promise<void> {
    const { signal } = this.#context
    await new Promise<void>((resolve) => this.#core.clock.after(LOOK_EVERY_MS, resolve))
    signal.throwIfAborted()
  }
}

/** So many tabs of each class, in the order of the classes, of as many different accounts as there are. */
function ofEachClass(tabs: readonly Tab[], perClass: number): Tab[] {
  const classes = [...Map.groupBy(tabs, ({ deviceClass }) => deviceClass).values()]
  const accountsIn = (of: readonly Tab[]): number => new Set(of.map(({ address }) => address)).size
  const taken = new Set<string>()
  const chosen = new Map<readonly Tab[], Tab[]>()
  // A class that has but one account has no choice: the others choose after it.
  for (const of of classes.toSorted((a, b) => accountsIn(a) - accountsIn(b))) {
    const left = [...of]
    const some: Tab[] = []
    while (some.length < perClass && left.length > 0) {
      const fresh = left.findIndex(({ address }) => !taken.has(address))
      const [tab] = left.splice(Math.max(0, fresh), 1)
      taken.add(tab!.address)
      some.push(tab!)
    }
    chosen.set(of, some)
  }
  return classes.flatMap((of) => chosen.get(of)!)
}
