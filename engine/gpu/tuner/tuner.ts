import { OpentabError } from '../../../protocol/errors.ts'
import { operationsOf } from '../../../shaders/canonicalCost.ts'
import { type KernelDescriptor, type KernelVariant, withTuning } from '../../../shaders/kernel.ts'
import type { KernelSuite } from '../../../shaders/kernelSuite.ts'
import type { Shape } from '../../../shaders/size.ts'
import { canRun, chooseVariant } from '../chooseVariant.ts'
import type { DeviceInfo } from '../openDevice.ts'
import { createPipelineCache } from '../pipelineCache.ts'
import { programsHashOf } from './programsHash.ts'
import { proxyShapeOf } from './proxyShape.ts'
import { type Found, keyOf, searchVariants, type Trial } from './searchVariants.ts'
import { shapeClassOf } from './shapeClass.ts'
import { layOutTimedShape, type TimedShape } from './timedShape.ts'
import { checkVariant, type TrialBench, timeVariant } from './trials.ts'
import type { KernelTuning, StruckVariant, TunedChoice, TuningStore } from './tuningStore.ts'
import { type Workload, workloadOf } from './workload.ts'

/** How long a search may go on, ms. */
const BUDGET_MS = { software: 3000, hardware: 300 }
/** How long a run of the shape that is timed should take at most, ms: well below 100, for losers take a multiple. */
const RUN_MS = { software: 15, hardware: 10 }
/** Operations per ms before anything was measured: low, so that the first runs are short. */
const FIRST_SPEED = { software: 0.4e6, hardware: 20e6 }
/** Work of a shape whose answer is checked on the CPU. */
const CHECK = { operations: 1e6, bytes: 2e6 }
/** Bytes of a shape that is timed. */
const TIMED_BYTES = 2 ** 25

/** Chooses variants for one device by measuring them, and remembers. */
export interface Tuner {
  /**
   * The variant for a shape: the one that was found for its class, else chooseVariant's among those that never failed
   * their check here. For KernelRunnerOptions.choose.
   * @throws OpentabError `kernel_failed` when no variant can run
   */
  choose(kernel: KernelDescriptor, info: DeviceInfo, shape?: Shape): KernelVariant
  /** What was found for the shape's class; undefined where nothing was. */
  pick(kernel: KernelDescriptor, shape: Shape): KernelVariant | undefined
  /** Whether a search of this device, now or on an earlier visit, found a variant for the shape's class. */
  isMeasured(kernel: KernelDescriptor, shape: Shape): boolean
  /** Reads what earlier visits found for a kernel; searches, picks and choices then know it. */
  restore(kernel: KernelDescriptor): Promise<void>
  /**
   * Searches for the fastest variant for the shape's class and keeps it, unless one is known. Nothing else may run on
   * the device meanwhile. A search that `signal` ended keeps nothing but what was struck off; where a variant could not
   * be checked for want of memory, the next visit searches again.
   * @throws OpentabError `device_lost`
   */
  tune(suite: KernelSuite, shape: Shape, signal?: AbortSignal): Promise<Found | null>
  /** Takes over what others of the device class found, where nothing is known here; what does not fit is left out. */
  adopt(kernel: KernelDescriptor, choices: readonly TunedChoice[]): void
  /** What was found and struck off here, by kernel; adopted choices are not among it. */
  measured(kernel: KernelDescriptor): KernelTuning
}

export interface TunerOptions {
  store: TuningStore
  /** Major version of the browser: another one compiles otherwise. */
  browserMajor: number
  now?: () => number
}

export function createTuner(
  device: GPUDevice,
  info: DeviceInfo,
  { store, browserMajor, now = () => performance.now() }: TunerOptions,
): Tuner {
  const kind = info.isFallbackAdapter ? 'software' : 'hardware'
  const pipelines = createPipelineCache(device)
  const choices = new Map<string, TunedChoice>()
  const adopted = new Map<string, TunedChoice>()
  const struck = new Map<string, StruckVariant>()
  /** Keys of choices among fewer variants than there are: not every one could be checked at that moment. */
  const unsettled = new Set<string>()
  const classKey = (kernel: string, shapeClass: string) => JSON.stringify([kernel, shapeClass])
  const isStruck = (kernel: string, variant: string) => struck.has(classKey(kernel, variant))

  const measured = ({ name }: KernelDescriptor): KernelTuning => ({
    choices: [...choices.values()].filter(({ kernel }) => kernel === name),
    struck: [...struck.values()].filter(({ kernel }) => kernel === name),
  })

  /** The variant that a choice means, where this kernel and device still have it. */
  function variantOf(kernel: KernelDescriptor, choice: TunedChoice | undefined): KernelVariant | undefined {
    if (!choice || isStruck(kernel.name, choice.variant)) return undefined
    const variant = kernel.variants.find(({ name }) => name === choice.variant)
    if (!variant || !canRun(variant, info)) return undefined
    const tunables = new Map(Object.entries(variant.tuning ?? {}))
    const isKnown = Object.entries(choice.tuning).every(([name, value]) =>
      tunables.get(name)?.values.includes(value),
    )
    return isKnown ? withTuning(variant, choice.tuning) : undefined
  }

  function pick(kernel: KernelDescriptor, shape: Shape): KernelVariant | undefined {
    const key = classKey(kernel.name, shapeClassOf(kernel, shape))
    return variantOf(kernel, choices.get(key) ?? adopted.get(key))
  }

  /** Strikes a variant off, with every choice of it. */
  function strike(kernel: KernelDescriptor, variant: string, reason: string): void {
    struck.set(classKey(kernel.name, variant), { kernel: kernel.name, variant, reason })
    for (const [key, choice] of choices) {
      if (choice.kernel === kernel.name && choice.variant === variant) choices.delete(key)
    }
  }

  const unstruck = (kernel: KernelDescriptor): KernelDescriptor => {
    const variants = kernel.variants.filter(({ name }) => !isStruck(kernel.name, name))
    return variants.length === kernel.variants.length ? kernel : { ...kernel, variants }
  }

  /**
   * The shape that is timed: as large as the device does in RUN_MS, by the speed of one variant that is right; its inputs
   * are those of the shape that is checked.
   */
  async function timedShape(
    bench: TrialBench,
    sample: Workload,
    shape: Shape,
    likely: KernelVariant,
  ): Promise<TimedShape> {
    const { kernel } = sample.suite
    const limitsOf = (speed: number) => ({ operations: speed * RUN_MS[kind], bytes: TIMED_BYTES })
    const small = proxyShapeOf(kernel, shape, limitsOf(FIRST_SPEED[kind]))
    const timed = layOutTimedShape(device, sample, small)
    if (small === shape) return timed
    const trial = await timeVariant(bench, likely, timed, Number.POSITIVE_INFINITY)
    const grown =
      'ms' in trial ? proxyShapeOf(kernel, shape, limitsOf(operationsOf(kernel, small) / trial.ms)) : small
    if (operationsOf(kernel, grown) <= operationsOf(kernel, small)) return timed
    timed.destroy()
    return layOutTimedShape(device, sample, grown)
  }

  const isMeasured = (kernel: KernelDescriptor, shape: Shape): boolean =>
    variantOf(kernel, choices.get(classKey(kernel.name, shapeClassOf(kernel, shape)))) !== undefined

  return {
    pick,
    isMeasured,
    measured,
    choose(kernel, device, shape) {
      return (shape && pick(kernel, shape)) ?? chooseVariant(unstruck(kernel), device, shape)
    },
    async restore(kernel) {
      const known = await store.read(await scopeOf(kernel, info, browserMajor))
      for (const choice of known?.choices ?? []) {
        const key = classKey(choice.kernel, choice.shapeClass)
        if (!choices.has(key)) choices.set(key, choice)
      }
      for (const { variant, reason } of known?.struck ?? []) strike(kernel, variant, reason)
    },
    async tune(suite, shape, signal) {
      const { kernel } = suite
      const shapeClass = shapeClassOf(kernel, shape)
      if (isMeasured(kernel, shape)) return null
      const likely = chooseVariant(unstruck(kernel), info, shape)
      // Its own family first: where the budget ends the search, the likely ones were tried.
      const isOther = ({ family }: KernelVariant) => (family === likely.family ? 0 : 1)
      const others = unstruck(kernel)
        .variants.filter((variant) => variant.name !== likely.name && canRun(variant, info))
        .sort((a, b) => isOther(a) - isOther(b))
      const check = workloadOf(suite, proxyShapeOf(kernel, shape, CHECK))
      const checked = new Map<string, string | null>()
      let timed: TimedShape | undefined
      let isUnsettled = false
      const bench: TrialBench = { device, pipelines, now, signal }
      const found = await searchVariants({
        variants: [likely, ...others],
        async measure(variant, bestMs): Promise<Trial> {
          const key = keyOf(variant)
          try {
            const known = checked.get(key)
            const wrong = known === undefined ? await checkVariant(bench, variant, check) : known
            checked.set(key, wrong)
            if (wrong !== null) return { wrong }
            timed ??= await timedShape(bench, check, shape, variant)
            return await timeVariant(bench, variant, timed, bestMs)
          } catch (error) {
            // Ended; or without memory for what is checked now, or right and without it for the shape that is timed.
            const isOrdinary = error instanceof OpentabError && error.code !== 'device_lost'
            if (!signal?.aborted && !isOrdinary) throw error
            if (!checked.has(key)) isUnsettled = true
            return { givenUpMs: Number.POSITIVE_INFINITY }
          }
        },
        budgetMs: BUDGET_MS[kind],
        now,
        ...(signal && { signal }),
      }).finally(() => timed?.destroy())
      for (const { variant, trial } of found.tried) {
        if ('wrong' in trial) strike(kernel, variant.name, trial.wrong)
      }
      if (found.best && !signal?.aborted) {
        const { variant, ms } = found.best
        const tuning = Object.fromEntries(
          Object.entries(variant.tuning ?? {}).map(([name, { value }]) => [name, value]),
        )
        const choice = { kernel: kernel.name, shapeClass, variant: variant.name, tuning, ms }
        const key = classKey(kernel.name, shapeClass)
        choices.set(key, choice)
        if (isUnsettled) unsettled.add(key)
        else unsettled.delete(key)
      }
      const known = measured(kernel)
      await store.write(await scopeOf(kernel, info, browserMajor), {
        ...known,
        choices: known.choices.filter((choice) => !unsettled.has(classKey(kernel.name, choice.shapeClass))),
      })
      return found
    },
    adopt(kernel, others) {
      for (const choice of others) {
        if (choice.kernel !== kernel.name || !variantOf(kernel, choice)) continue
        adopted.set(classKey(choice.kernel, choice.shapeClass), choice)
      }
    },
  }
}

/** What a measurement holds for: this adapter, what the driver lets be seen, this browser and these programs. */
async function scopeOf(kernel: KernelDescriptor, info: DeviceInfo, browserMajor: number): Promise<string> {
  const { vendor, architecture, device, description, isFallbackAdapter, features } = info
  const facts = [vendor, architecture, device, description, isFallbackAdapter, features, browserMajor]
  return JSON.stringify([kernel.name, await programsHashOf(kernel), ...facts])
}
