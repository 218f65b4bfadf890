import { CLOCK, TIMES } from '../../protocol/kernel/customTask.ts'
import type { DeviceReport } from '../../protocol/messages.ts'
import { elementsOf, type Tensor } from '../../protocol/tensor.ts'
import { areSame, type Comparison, compareOutputs, type Tolerance } from './compareOutputs.ts'

/** What came of one tab. */
export interface KernelRun {
  address: string
  deviceClass: string
  device: DeviceReport
  /** With the times and how they were taken as the last ones; null where the kernel did not run. */
  outputs: readonly Tensor[] | null
  /** Why it did not run. */
  failure: string | null
}

/** One line of `result.matrix`: a device class. */
export interface KernelRow {
  deviceClass: string
  /**
   * `agrees` with the reference, or with most of the others; `differs`; `unverified` where there was nothing to compare
   * with, or where the reference leaves an output out and those that it names agree; `failed` where the kernel did not run
   * on any tab of the class.
   */
  verdict: 'agrees' | 'differs' | 'unverified' | 'failed'
  /** Largest distance from what is right, units in the last place (of integers the difference); null: cannot be compared. */
  maxUlp: number | null
  /** Median of what was measured and its median absolute deviation, ms of a run; null where nothing was. */
  medianMs: number | null
  madMs: number | null
  /**
   * How: by the GPU's timestamps, or by wall time from submit to end, where no tab of the class has timestamps; null where
   * nothing was measured.
   */
  timing: 'timestamps' | 'wall' | null
  /** Measurements, each the mean of as many runs as make one, and tabs that ran it. */
  timedRuns: number
  tabs: number
  adapter: Pick<DeviceReport, 'vendor' | 'architecture' | 'description' | 'browserMajor' | 'features'> & {
    software: boolean
  }
  /** The first element that differs. */
  mismatch: Comparison['first']
  /** Why it failed, or what was not compared. */
  message: string | null
}

export interface KernelFindings {
  matrix: KernelRow[]
  /** The outputs that count: those that most agree with; null where none ran. */
  outputs: readonly Tensor[] | null
  /** Outputs that the reference leaves out; empty without a reference. */
  notCompared: string[]
  /** For each run whether another account found the same. */
  credited: boolean[]
}

const median = (sorted: readonly number[]): number | null => {
  if (sorted.length === 0) return null
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/**
 * Compares what the tabs found, with each other and with a reference where there is one. Tabs that found the same to the
 * bit are compared once.
 */
export async function findingsOf(
  runs: readonly KernelRun[],
  tolerance: Tolerance,
  reference: readonly Tensor[] | null,
): Promise<KernelFindings> {
  const values = runs.map(
    ({ outputs }) => outputs?.filter(({ name }) => name !== TIMES && name !== CLOCK) ?? null,
  )
  /** Different outputs, and of each run which of them it has; -1 where it did not run. */
  const different: (readonly Tensor[])[] = []
  const which = values.map((mine) => {
    if (mine === null) return -1
    const known = different.findIndex((other) => areSame(mine, other))
    return known >= 0 ? known : different.push(mine) - 1
  })
  const close: boolean[][] = []
  for (const [i, mine] of different.entries()) {
    close.push([])
    for (const [j, other] of different.entries())
      close[i]!.push(
        i === j || (await compareOutputs(mine, other, tolerance, { untilDifferent: true })).agrees,
      )
  }
  const agreeing = which.map((mine, i) =>
    which.flatMap((other, j) => (i !== j && close[mine]?.[other] ? [j] : [])),
  )
  const credited = runs.map((run, i) => agreeing[i]!.some((j) => runs[j]!.address !== run.address))
  const ran = values.flatMap((outputs, i) => (outputs === null ? [] : [i]))
  const best = ran.toSorted((a, b) => agreeing[b]!.length - agreeing[a]!.length)[0]
  const base = reference ?? (best === undefined ? null : values[best]!)
  // Where as many say this as say that, nobody is right.
  const isSplit =
    reference === null &&
    best !== undefined &&
    ran.some(
      (i) => i !== best && !agreeing[best]!.includes(i) && agreeing[i]!.length === agreeing[best]!.length,
    )
  const alone = reference === null && ran.length < 2
  const comparisons: Comparison[] = []
  if (base !== null)
    for (const mine of different) comparisons.push(await compareOutputs(mine, base, tolerance))
  const compared: (Comparison | null)[] = which.map((mine) => comparisons[mine] ?? null)
  if (isSplit) {
    const other = ran.find((j) => j !== best && !agreeing[best]!.includes(j))!
    compared[best] = await compareOutputs(values[best]!, values[other]!, tolerance)
  }
  const notCompared =
    reference === null
      ? []
      : (values[best ?? -1] ?? []).flatMap(({ name }) =>
          reference.some((right) => right.name === name) ? [] : [name],
        )
  const matrix = [...Map.groupBy(runs.keys(), (i) => runs[i]!.deviceClass)].map(([deviceClass, of]) =>
    rowOf(deviceClass, of, runs, compared, { isSplit, alone, notCompared }),
  )
  return { matrix, outputs: best === undefined ? null : values[best]!, notCompared, credited }
}

function rowOf(
  deviceClass: string,
  of: readonly number[],
  runs: readonly KernelRun[],
  compared: readonly (Comparison | null)[],
  { isSplit, alone, notCompared }: { isSplit: boolean; alone: boolean; notCompared: readonly string[] },
): KernelRow {
  const comparisons = of.flatMap((i) => compared[i] ?? [])
  const { times, timing } = timesOf(of.flatMap((i) => runs[i]!.outputs ?? []))
  const medianMs = median(times)
  const deviations = times.map((ms) => Math.abs(ms - medianMs!)).sort((a, b) => a - b)
  const { vendor, architecture, description, browserMajor, features, fallbackAdapter } = runs[of[0]!]!.device
  const differs = comparisons.some(({ agrees }) => !agrees)
  const maxUlp = Math.max(0, ...comparisons.map((comparison) => comparison.maxUlp))
  const ran = comparisons.length > 0
  const left =
    notCompared.length > 0 ? `The reference does not name ${notCompared.join(', ')}: not compared.` : null
  const verdict = !ran ? 'failed' : differs || isSplit ? 'differs' : alone || left ? 'unverified' : 'agrees'
  const failure = of.map((i) => runs[i]!.failure).find((why) => why !== null) ?? null
  return {
    deviceClass,
    verdict,
    maxUlp: ran && !alone && Number.isFinite(maxUlp) ? maxUlp : null,
    medianMs,
    madMs: median(deviations),
    timing,
    timedRuns: times.length,
    tabs: of.length,
    adapter: { vendor, architecture, description, browserMajor, features, software: fallbackAdapter },
    mismatch: comparisons.find(({ first }) => first !== null)?.first ?? null,
    message: failure ?? (verdict === 'unverified' ? left : null),
  }
}

/** The times that count of what tabs of a class sent, ascending: what a tab says is not always a time. */
function timesOf(outputs: readonly Tensor[]): { times: number[]; timing: KernelRow['timing'] } {
  const byTimestamps: number[] = []
  const byWall: number[] = []
  const clocks = outputs.filter(({ name }) => name === CLOCK)
  for (const [i, tensor] of outputs.filter(({ name }) => name === TIMES).entries()) {
    const times = clocks[i]?.bytes[0] === 1 ? byTimestamps : byWall
    for (const ms of elementsOf(tensor) as Float64Array) if (ms >= 0 && Number.isFinite(ms)) times.push(ms)
  }
  const times = (byTimestamps.length > 0 ? byTimestamps : byWall).sort((a, b) => a - b)
  const timing = byTimestamps.length > 0 ? 'timestamps' : byWall.length > 0 ? 'wall' : null
  return { times, timing }
}
