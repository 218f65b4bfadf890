import { CLOCK, TIMES } from '../../protocol/kernel/customTask.ts'
import { medianOf } from '../../protocol/medianOf.ts'
import type { DeviceReport } from '../../protocol/messages.ts'
import { elementsOf, type Tensor } from '../../protocol/tensor.ts'
import type { OutputComparer } from '../verify/outputComparer.ts'
import { areSame, type Comparison } from './compareOutputs.ts'

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

/** Another account found the same; else the reference says so, of every output; else nobody, and the run is not credited. */
export type Confirmation = 'replica' | 'reference' | 'unverified'

/** One line of `result.matrix`: a device class. */
export interface KernelRow {
  deviceClass: string
  /**
   * `agrees` with the reference, or with most of the other accounts; `differs`; `unverified` where only one account ran it, or where the reference leaves an output out and those that it names agree; `failed` where the kernel did not run
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
  /**
   * The outputs that count: those that agree with the reference, or that most accounts agree with, of those with standing where
   * there are such; null where none do, or as many accounts say something else, or some do and nobody has standing.
   */
  outputs: readonly Tensor[] | null
  /** Outputs that the reference leaves out; empty without a reference. */
  notCompared: string[]
  /** Who says of each run that it is right, as its receipt tells; not by a tolerance that takes anything. */
  confirmed: Confirmation[]
}

/** What the findings are made of. */
export interface FindingsOptions {
  /** What is right, by the outputs' names; null where that is what most accounts agree on. */
  reference: readonly Tensor[] | null
  comparerOf: (sets: readonly (readonly Tensor[])[]) => OutputComparer
  /** Whether other work of an account was found right: addresses cost nothing, so these speak before the others. */
  hasStanding: (address: string) => boolean
  signal?: AbortSignal
}

/** Outputs that are the same to the bit, and who found them. */
interface Finding {
  outputs: readonly Tensor[]
  accounts: ReadonlySet<string>
}

/**
 * Compares what the tabs found, with each other or with a reference, each pair once. Every account has one vote, however
 * many tabs it has.
 */
export async function findingsOf(
  runs: readonly KernelRun[],
  { reference, comparerOf, hasStanding, signal }: FindingsOptions,
): Promise<KernelFindings> {
  const { findings, which } = different(runs)
  const sets = findings.map(({ outputs }) => outputs)
  const compare = comparerOf(reference ? [...sets, reference] : sets)
  const notCompared = (sets[0] ?? []).flatMap(({ name }) =>
    reference === null || reference.some((right) => right.name === name) ? [] : [name],
  )
  const { base, isSplit, compared, confirmation } = reference
    ? await besideReference(findings, notCompared.length === 0, (i, j) => compare(i, j, signal), hasStanding)
    : await besideEachOther(findings, (i, j) => compare(i, j, signal), hasStanding)
  const accounts = new Set(findings.flatMap(({ accounts: of }) => [...of]))
  const alone = reference === null && accounts.size < 2 && !isSplit
  const comparisons = which.map((finding) => compared[finding] ?? null)
  const matrix = [...Map.groupBy(runs.keys(), (i) => runs[i]!.deviceClass)].map(([deviceClass, of]) =>
    rowOf(deviceClass, of, runs, comparisons, { isSplit, alone, notCompared }),
  )
  return {
    matrix,
    outputs: base === null ? null : sets[base]!,
    notCompared,
    confirmed: runs.map(({ address }, i) =>
      which[i]! < 0 ? 'unverified' : confirmation(which[i]!, address),
    ),
  }
}

/** The different outputs, and of each run which of them it has; -1 where it did not run. */
function different(runs: readonly KernelRun[]): { findings: Finding[]; which: number[] } {
  const findings: (Finding & { accounts: Set<string> })[] = []
  const which = runs.map(({ address, outputs: sent }) => {
    if (sent === null) return -1
    const outputs = sent.filter(({ name }) => name !== TIMES && name !== CLOCK)
    const known = findings.findIndex((other) => areSame(outputs, other.outputs))
    if (known < 0) return findings.push({ outputs, accounts: new Set([address]) }) - 1
    findings[known]!.accounts.add(address)
    return known
  })
  return { findings, which }
}

/** What came of comparing the findings. */
interface Judgement {
  /** The finding that counts; null where none does. */
  base: number | null
  /** As many accounts say this as say that, or nobody has standing of those who say different things: nobody is right. */
  isSplit: boolean
  /** Each finding beside what is right. */
  compared: Comparison[]
  /** Who confirms a run of this account that has this finding. */
  confirmation: (finding: number, address: string) => Confirmation
}

type Compare = (i: number, j: number) => Promise<Comparison> | Comparison

const SAME: Comparison = { agrees: true, isCreditable: true, maxUlp: 0, first: null }

/**
 * With a reference that is what counts, however many agree on something else. Where it leaves an output out, other accounts
 * must have found the same there.
 */
async function besideReference(
  findings: readonly Finding[],
  isWhole: boolean,
  compare: Compare,
  hasStanding: (address: string) => boolean,
): Promise<Judgement> {
  const compared: Comparison[] = []
  for (const i of findings.keys()) compared.push(await compare(i, findings.length))
  const agreeing = [...findings.keys()].filter((i) => compared[i]!.agrees)
  const others = await besideEachOther(
    agreeing.map((i) => findings[i]!),
    (i, j) => compare(agreeing[i]!, agreeing[j]!),
    hasStanding,
  )
  return {
    base: agreeing[isWhole ? 0 : (others.base ?? -1)] ?? null,
    isSplit: false,
    compared,
    confirmation: (finding, address) => {
      if (!compared[finding]!.isCreditable) return 'unverified'
      const byOthers = others.confirmation(agreeing.indexOf(finding), address)
      return byOthers === 'unverified' && isWhole ? 'reference' : byOthers
    },
  }
}

/**
 * What accounts with standing say counts before what most say. Where nobody has standing, something counts and is credited only
 * while nobody says anything else: whoever makes up three accounts must not outvote two honest ones.
 */
async function besideEachOther(
  findings: readonly Finding[],
  compare: Compare,
  hasStanding: (address: string) => boolean,
): Promise<Judgement> {
  const pairs = new Map<string, Comparison>()
  for (const i of findings.keys())
    for (let j = i + 1; j < findings.length; j++) pairs.set(`${i},${j}`, await compare(i, j))
  const pair = (i: number, j: number): Comparison =>
    i === j ? SAME : (pairs.get(`${i},${j}`) ?? turned(pairs.get(`${j},${i}`)!))
  const accountsWith = (i: number, counts: (comparison: Comparison) => boolean): Set<string> =>
    new Set(findings.flatMap(({ accounts }, j) => (counts(pair(i, j)) ? [...accounts] : [])))
  const votes = [...findings.keys()].map((i) =>
    votesOf(
      accountsWith(i, ({ agrees }) => agrees),
      hasStanding,
    ),
  )
  const base = votes.length === 0 ? null : votes.indexOf(votes.reduce((a, b) => (louder(b, a) > 0 ? b : a)))
  if (base === null) return { base, isSplit: false, compared: [], confirmation: () => 'unverified' }
  const disagreeing = [...findings.keys()].filter((i) => !pair(i, base).agrees)
  const isEqual = (i: number): boolean => louder(votes[i]!, votes[base]!) === 0
  const against =
    disagreeing.find(isEqual) ?? (votes[base]!.backed === 0 ? disagreeing[0] : undefined) ?? null
  const compared = [...findings.keys()].map((i) => pair(i, against !== null && i === base ? against : base))
  const creditable = [...findings.keys()].map((i) => accountsWith(i, ({ isCreditable }) => isCreditable))
  const isContested = disagreeing.length > 0
  return {
    base: against === null ? base : null,
    isSplit: against !== null,
    compared,
    confirmation: (finding, address) => {
      const accounts = [...creditable[finding]!]
      if (isContested && !accounts.some(hasStanding)) return 'unverified'
      return accounts.some((account) => account !== address) ? 'replica' : 'unverified'
    },
  }
}

/** How many accounts say something, and how many of them have standing. */
interface Votes {
  backed: number
  all: number
}

const votesOf = (accounts: ReadonlySet<string>, hasStanding: (address: string) => boolean): Votes => ({
  backed: [...accounts].filter(hasStanding).length,
  all: accounts.size,
})

/** Above 0 where `a` is louder than `b`: by accounts with standing, then by all. */
const louder = (a: Votes, b: Votes): number => a.backed - b.backed || a.all - b.all

/** The same comparison with both sides in each other's place. */
const turned = ({ first, ...rest }: Comparison): Comparison => ({
  ...rest,
  first: first && { ...first, value: first.reference, reference: first.value },
})

function rowOf(
  deviceClass: string,
  of: readonly number[],
  runs: readonly KernelRun[],
  compared: readonly (Comparison | null)[],
  { isSplit, alone, notCompared }: { isSplit: boolean; alone: boolean; notCompared: readonly string[] },
): KernelRow {
  const comparisons = of.flatMap((i) => compared[i] ?? [])
  const { times, timing } = timesOf(of.flatMap((i) => runs[i]!.outputs ?? []))
  const isTimed = times.length > 0
  const medianMs = isTimed ? medianOf(times) : null
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
    madMs: isTimed ? medianOf(times.map((ms) => Math.abs(ms - medianMs!))) : null,
    timing,
    timedRuns: times.length,
    tabs: of.length,
    adapter: { vendor, architecture, description, browserMajor, features, software: fallbackAdapter },
    mismatch: comparisons.find(({ first }) => first !== null)?.first ?? null,
    message: failure ?? (verdict === 'unverified' ? left : null),
  }
}

/** The times that count of what tabs of a class sent: what a tab says is not always a time. */
function timesOf(outputs: readonly Tensor[]): { times: number[]; timing: KernelRow['timing'] } {
  const byTimestamps: number[] = []
  const byWall: number[] = []
  const clocks = outputs.filter(({ name }) => name === CLOCK)
  for (const [i, tensor] of outputs.filter(({ name }) => name === TIMES).entries()) {
    const times = clocks[i]?.bytes[0] === 1 ? byTimestamps : byWall
    for (const ms of elementsOf(tensor) as Float64Array) if (ms >= 0 && Number.isFinite(ms)) times.push(ms)
  }
  const times = byTimestamps.length > 0 ? byTimestamps : byWall
  const timing = byTimestamps.length > 0 ? 'timestamps' : byWall.length > 0 ? 'wall' : null
  return { times, timing }
}
