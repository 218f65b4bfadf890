import { type KernelVariant, withTuning } from '../../../shaders/kernel.ts'

/** What one variant came to on this device. */
export type Trial =
  /** Right, and this fast: the median of its samples. */
  | { ms: number }
  /** Not known to be wrong, and given up: others are much faster, or what it needs is not there now. */
  | { givenUpMs: number }
  /** Gave a wrong answer, or could not be compiled: never to be used here. */
  | { wrong: string }

export interface Tried {
  variant: KernelVariant
  trial: Trial
}

export interface Search {
  /** Variants that the device can run, the one that is likely best first. */
  variants: readonly KernelVariant[]
  /** Runs a variant; `bestMs` is the fastest time so far, for giving up losers. */
  measure(variant: KernelVariant, bestMs: number): Promise<Trial>
  /** No trial begins that would end later than this after the search began, ms, if it took as long as the others did. */
  budgetMs: number
  now(): number
  /** Ends the search after the trial that runs. */
  signal?: AbortSignal
}

export interface Found {
  /** Null where no variant was right. */
  best: { variant: KernelVariant; ms: number } | null
  tried: readonly Tried[]
  /** Whether the search ended by itself, not by its budget or its signal. */
  complete: boolean
}

/** A variant this much slower than the best, with its tuning as given, is not tuned, however it may improve. */
const WORTH_TUNING = 1.6
/** How many variants are tuned, the fastest ones. */
const TUNED = 2
/** How many of the fastest meet once more at the end, in turn: one sample is luck. */
const REMATCHED = 3

/**
 * A short search: every variant with its tuning as given, then the fastest ones along one number of their tuning after
 * the other, then a rematch of the best. A variant that is wrong once is not tried with another tuning.
 */
export async function searchVariants(search: Search): Promise<Found> {
  const { variants, measure, budgetMs, now, signal } = search
  const startedMs = now()
  const tried: Tried[] = []
  const times = new Map<string, { variant: KernelVariant; ms: number }>()
  const wrong = new Set<string>()
  let complete = true
  const fastest = () => [...times.values()].sort((a, b) => a.ms - b.ms)
  const mayGoOn = (): boolean => {
    const trialMs = tried.length === 0 ? 0 : (now() - startedMs) / tried.length
    const ended = signal?.aborted === true || trialMs * (tried.length + 1) > budgetMs
    if (ended) complete = false
    return !ended
  }
  async function attempt(variant: KernelVariant): Promise<void> {
    const trial = await measure(variant, fastest()[0]?.ms ?? Number.POSITIVE_INFINITY)
    tried.push({ variant, trial })
    if ('wrong' in trial) {
      wrong.add(variant.name)
      for (const [key, known] of times) if (known.variant.name === variant.name) times.delete(key)
    }
    if (!('ms' in trial)) return
    const key = keyOf(variant)
    times.set(key, { variant, ms: Math.min(trial.ms, times.get(key)?.ms ?? Number.POSITIVE_INFINITY) })
  }

  for (const variant of variants) {
    if (!mayGoOn()) break
    await attempt(variant)
  }
  const leaders = fastest()
    .filter(({ ms }, _, [first]) => ms <= first!.ms * WORTH_TUNING)
    .slice(0, TUNED)
  for (const { variant } of leaders) {
    for (const [name, { values }] of Object.entries(variant.tuning ?? {})) {
      const own = fastest().find((known) => known.variant.name === variant.name)
      if (!own) break
      for (const value of values) {
        const next = withTuning(own.variant, { [name]: value })
        if (times.has(keyOf(next)) || wrong.has(variant.name)) continue
        if (!mayGoOn()) break
        await attempt(next)
      }
    }
  }
  for (const { variant } of fastest().slice(0, REMATCHED)) {
    if (times.size < 2 || !mayGoOn()) break
    await attempt(variant)
  }
  return { best: fastest()[0] ?? null, tried, complete }
}

/** A variant and its tuning. */
export const keyOf = ({ name, tuning = {} }: KernelVariant): string =>
  JSON.stringify([
    name,
    Object.entries(tuning)
      .map(([number, { value }]) => [number, value])
      .sort(),
  ])
