import type { StageRange } from '../../protocol/language.ts'
import type { DeviceReport, FailedLoad, FromRelay, VerdictItem } from '../../protocol/messages.ts'
import type { Lease as WireLease } from '../../protocol/task.ts'
import { pinTo, type Requirement, type Task, wholeRequirement } from '../jobs/jobRecords.ts'

/** The way to a tab. The core hands it messages and never sees a socket. */
export interface TabLink {
  leases(leases: readonly WireLease[]): void
  message(message: FromRelay): void
  /** Bytes handed over and not sent yet. */
  bufferedBytes(): number
  /** Closes it, telling the tab why. */
  close(reason: 'replaced' | 'accountBanned' | 'silent', message: string): void
}

/** A connected tab (or one that was cut off a moment ago and may come back). */
export interface Tab {
  /** Public id. */
  id: string
  /** Secret for `hello.resume`. */
  resume: string
  /** EIP-55. */
  address: string
  device: DeviceReport
  deviceClass: string
  kernels: Set<string>
  /** Manifest hashes whose sessions are ready, language models apart. */
  ready: Set<string>
  /** Runs of language models' stages that are ready, by manifest hash. */
  ranges: Map<string, StageRange[]>
  /** `wholeRequirement` of each run in `ranges` that begins with the first stage. */
  wholes: Set<Requirement>
  /** Runs of language models' stages that it was asked to hold, by manifest hash. */
  assigned: Map<string, StageRange>
  /** Manifest hashes of all models that it was last asked to hold; null before it was asked for any. */
  asked: Set<string> | null
  /** Why models that it was asked to hold could not be loaded there, by manifest hash. */
  failed: Map<string, LoadFailure>
  /** Those whose reason is in the log. */
  reported: Set<string>
  slots: number
  storageBytes: number
  /** Memory that it gives to language models, bytes; 0 where it runs none. */
  memoryBytes: number
  state: 'ready' | 'paused' | 'finishing' | 'leaving'
  link: TabLink | null
  /** When the socket was cut, epoch ms; null while it stands. */
  cutAt: number | null
  lastSeenAt: number
  /** Tasks leased to it, in the order of the leases. Changed by `hold` and `letGo` only. */
  leased: Map<number, Task>
  /** How many of them are answers of language models, which go on beside the others. */
  answering: number
  /** Estimated time of the leased work, ms; answers left out. */
  leasedMs: number
  speeds: Map<Requirement, Speed>
  verdicts: VerdictItem[]
  /** Tasks verified here since it connected. */
  completed: number
  /** When its newest result came, epoch ms: work in hand since then is what the next result took. */
  lastResultAt: number
}

/** Why a model could not be loaded, as the tab says it. */
export interface LoadFailure {
  code: string
  reason: string
}

/** Measured by the relay's own clock, per requirement. */
export interface Speed {
  /**
   * Canonical operations per millisecond, moving average. A task's fixed time is part of it: small tasks look slow, which
   * is what placement needs to know.
   */
  operationsPerMs: number
}

/** Weight of the newest sample in the moving average. */
const NEW_SAMPLE = 0.3

/** Enters how long a task (or an equal share of a batch) took on this tab. */
export function measure(tab: Tab, requirement: Requirement, operations: number, ms: number): void {
  const took = Math.max(ms, 0.001)
  const known = tab.speeds.get(requirement)
  if (!known) {
    tab.speeds.set(requirement, { operationsPerMs: operations / took })
    return
  }
  known.operationsPerMs += NEW_SAMPLE * (operations / took - known.operationsPerMs)
}

/** Expected time of a task on this tab, ms; undefined before anything of its kind was measured here. */
export function expectedMs(tab: Tab, task: Task): number | undefined {
  const speed = tab.speeds.get(task.requirement)
  return speed && task.operations / speed.operationsPerMs
}

export function canRun(tab: Tab, requirement: Requirement): boolean {
  if (requirement.startsWith('kernel:')) return tab.kernels.has(requirement.slice(7))
  if (requirement.startsWith('model:')) return tab.ready.has(requirement.slice(6))
  if (requirement.startsWith('whole:')) return tab.wholes.has(requirement)
  return requirement === pinTo(tab.id)
}

/** Whether the run of stages, or one around it, is ready. */
export const holdsRun = (tab: Tab, modelHash: string, { first, last }: StageRange): boolean =>
  tab.ranges.get(modelHash)?.some((range) => range.first <= first && last <= range.last) ?? false

/** What a tab says that it can run of language models: [manifest hash, first stage, last stage]. */
export function rangesOf(
  runs: readonly (readonly [string, number, number])[],
): Pick<Tab, 'ranges' | 'wholes'> {
  const ranges = new Map<string, StageRange[]>()
  const wholes = new Set<Requirement>()
  for (const [hash, first, last] of runs) {
    const known = ranges.get(hash)
    if (known) known.push({ first, last })
    else ranges.set(hash, [{ first, last }])
    if (first === 0) wholes.add(wholeRequirement(hash, last + 1))
  }
  return { ranges, wholes }
}

/** What a tab says that it could not load. */
export const failedOf = (failed: readonly FailedLoad[] = []): Tab['failed'] =>
  new Map(failed.map(([hash, code, reason]) => [hash, { code, reason }]))

/** Whether the tab is known to run just these models and runs of stages, and to have failed on these: then it says nothing new. */
export const canRunJust = (
  tab: Tab,
  models: readonly string[],
  runs: readonly (readonly [string, number, number])[],
  failed: readonly FailedLoad[],
): boolean => {
  if (failed.length !== tab.failed.size || !failed.every(([hash]) => tab.failed.has(hash))) return false
  const wanted = new Set(models)
  if (wanted.size !== tab.ready.size || ![...wanted].every((hash) => tab.ready.has(hash))) return false
  const flat = (ranges: Tab['ranges']): string =>
    String([...ranges].flatMap(([hash, held]) => held.map(({ first, last }) => [hash, first, last])))
  return flat(tab.ranges) === flat(rangesOf(runs).ranges)
}

/** A task is leased to the tab. */
export function hold(tab: Tab, task: Task): void {
  tab.leased.set(task.id, task)
  if (task.spec.kind === 'generate') tab.answering++
}

/** The tab has a task no longer. */
export function letGo(tab: Tab, task: Task): void {
  if (tab.leased.delete(task.id) && task.spec.kind === 'generate') tab.answering--
}
