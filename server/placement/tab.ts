import type { DeviceReport, FromRelay, VerdictItem } from '../../protocol/messages.ts'
import type { Lease as WireLease } from '../../protocol/task.ts'
import type { Requirement, Task } from '../jobs/jobRecords.ts'

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
  /** Manifest hashes whose sessions are ready. */
  ready: Set<string>
  slots: number
  storageBytes: number
  state: 'ready' | 'paused' | 'finishing' | 'leaving'
  link: TabLink | null
  /** When the socket was cut, epoch ms; null while it stands. */
  cutAt: number | null
  lastSeenAt: number
  /** Tasks leased to it, in the order of the leases. */
  leased: Map<number, Task>
  /** Estimated time of the leased work, ms. */
  leasedMs: number
  speeds: Map<Requirement, Speed>
  verdicts: VerdictItem[]
  /** Tasks verified here since it connected. */
  completed: number
  /** When its newest result came, epoch ms: work in hand since then is what the next result took. */
  lastResultAt: number
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
  return requirement.startsWith('kernel:')
    ? tab.kernels.has(requirement.slice(7))
    : tab.ready.has(requirement.slice(6))
}
