import {
  CHECKING_HIGH_WATER_BYTES,
  LEASE_MS,
  MAX_FRAME_BYTES,
  SOCKET_HIGH_WATER_BYTES,
} from '../../protocol/limits.ts'
import type { Lease, TaskSpec } from '../../protocol/task.ts'
import type { Core } from '../core.ts'
import { answersHeldBack } from '../jobs/checkBacklog.ts'
import type { Requirement, Task } from '../jobs/jobRecords.ts'
import { isPlaceFor } from './answerPlace.ts'
import { nextGeneration } from './nextGeneration.ts'
import { canRun, expectedMs, hold, type Tab } from './tab.ts'

/** Work leased ahead to one tab, ms: enough to hide a round trip, little enough to share the rest with others. */
const LEASE_AHEAD_MS = 250
/** Leases a tab gets at least: one that runs, one whose inputs are prepared meanwhile. */
const LEAST_LEASES = 2
/** Leases in one turn go round by this many, so that several idle tabs share a burst. */
const ROUND_MS = 20

const inputBytes = (spec: TaskSpec): number =>
  spec.inputs.reduce((sum, tensor) => sum + tensor.bytes.byteLength, 0)

/** Whether there is another connected tab that could take the task; then one that failed on it need not. */
function anotherCan(core: Core, task: Task, tab: Tab): boolean {
  for (const other of core.tabs.values()) {
    if (other === tab || other.link === null || other.state !== 'ready') continue
    if (task.failedTabs?.has(other.id) || task.refusedAddresses?.has(other.address)) continue
    if (canRun(other, task.requirement)) return true
  }
  return false
}

function mayHave(core: Core, tab: Tab, task: Task): boolean {
  if (task.refusedAddresses === null && task.failedTabs === null) return true
  if (task.refusedAddresses?.has(tab.address)) return false
  return !(task.failedTabs?.has(tab.id) && anotherCan(core, task, tab))
}

function hasRoom(tab: Tab): boolean {
  if (tab.link === null || tab.state !== 'ready' || tab.leased.size >= tab.slots) return false
  if (tab.link.bufferedBytes() > SOCKET_HIGH_WATER_BYTES) return false
  return tab.leased.size - tab.answering < LEAST_LEASES || tab.leasedMs < LEASE_AHEAD_MS
}

/** Expected time that a task keeps others waiting, ms: none for an answer, which goes on beside them. */
const aheadMs = (tab: Tab, task: Task): number =>
  task.spec.kind === 'generate' ? 0 : (expectedMs(tab, task) ?? LEASE_AHEAD_MS / LEAST_LEASES)

/**
 * Grants leases until the queue is empty or every tab has enough. Tabs take turns of about ROUND_MS of expected work
 * (one task where nothing was measured yet), the tab with the least work in hand first; each tab's leases of this
 * call go out in as few frames as the frame limit allows.
 */
export function grantLeases(core: Core): void {
  if (core.queue.length === 0 || core.draining || core.checkingBytes > CHECKING_HIGH_WATER_BYTES) return
  const granted = new Map<Tab, Lease[]>()
  let takers = [...core.tabs.values()].filter(hasRoom)
  for (const tab of takers) tab.leasedMs = remainingMs(tab)
  while (takers.length > 0 && core.queue.length > 0) {
    takers.sort((a, b) => a.leased.size - b.leased.size || a.leasedMs - b.leasedMs)
    const next: Tab[] = []
    for (const tab of takers) {
      if (takeTurn(core, tab, granted) && hasRoom(tab)) next.push(tab)
    }
    takers = next
  }
  for (const [tab, leases] of granted) send(tab, leases)
  // An answer in hand changes which tab is the place for the next one: also one that was passed over just now.
  const answers = [...granted.values()].some((leases) => leases.some(({ spec }) => spec.kind === 'generate'))
  if (answers && core.queue.length > 0) core.wake()
}

/** Whether the task would begin an answer; one that was begun elsewhere goes on, as do the steps of stages. */
const beginsAnswer = (task: Task): boolean => task.spec.kind === 'generate' && task.generation === 0

function remainingMs(tab: Tab): number {
  let ms = 0
  for (const task of tab.leased.values()) ms += aheadMs(tab, task)
  return ms
}

/** One turn of a tab; false when there is nothing for it. */
function takeTurn(core: Core, tab: Tab, granted: Map<Tab, Lease[]>): boolean {
  const now = core.clock.now()
  const heldBack = answersHeldBack(core)
  const able = (requirement: Requirement): boolean => canRun(tab, requirement)
  const pleases = (task: Task): boolean =>
    !(heldBack && beginsAnswer(task)) &&
    mayHave(core, tab, task) &&
    (task.spec.kind !== 'generate' ||
      isPlaceFor(core, task, tab, (other) => hasRoom(other) && mayHave(core, other, task)))
  let turnMs = 0
  while (turnMs < ROUND_MS && hasRoom(tab)) {
    const task = core.queue.take(able, pleases)
    if (!task) return turnMs > 0
    const ms = aheadMs(tab, task)
    // One answer a turn: they are spread first.
    turnMs += task.part === null ? ms : ROUND_MS
    tab.leasedMs += ms
    if (tab.leased.size === 0) tab.lastResultAt = now
    task.state = 'leased'
    task.generation = nextGeneration(core)
    task.lease = { tabId: tab.id, grantedAt: now, deadline: now + LEASE_MS }
    hold(tab, task)
    core.counters.leasesGranted++
    const lease: Lease = { task: task.id, generation: task.generation, leaseMs: LEASE_MS, spec: task.spec }
    const leases = granted.get(tab)
    if (leases) leases.push(lease)
    else granted.set(tab, [lease])
  }
  return true
}

function send(tab: Tab, leases: Lease[]): void {
  let frame: Lease[] = []
  let bytes = 0
  for (const lease of leases) {
    const size = inputBytes(lease.spec)
    if (frame.length > 0 && bytes + size > MAX_FRAME_BYTES / 4) {
      tab.link?.leases(frame)
      frame = []
      bytes = 0
    }
    frame.push(lease)
    bytes += size
  }
  if (frame.length > 0) tab.link?.leases(frame)
}
