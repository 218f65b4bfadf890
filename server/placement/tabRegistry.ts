import { randomBytes } from 'node:crypto'
import { OpentabError } from '../../protocol/errors.ts'
import { LEASE_MS, TASK_TIME_LIMIT_MS } from '../../protocol/limits.ts'
import type { FromTab, Hello } from '../../protocol/messages.ts'
import type { Core } from '../core.ts'
import { isPinned, type Task } from '../jobs/jobRecords.ts'
import { loseLease } from '../jobs/loseLease.ts'
import { deviceClassOf } from './deviceClass.ts'
import { canRunJust, failedOf, rangesOf, type Tab, type TabLink } from './tab.ts'

/** How long a tab that was cut off keeps its leases: a network blip, not a closed lid. */
export const RESUME_GRACE_MS = 2_000

/** Greets a tab: a new one, or one that was cut off a moment ago and still holds its leases. */
export function greetTab(
  core: Core,
  hello: Hello,
  address: string,
  link: TabLink,
): { tab: Tab; resumed: boolean } {
  const now = core.clock.now()
  const before = hello.resume ? findByResume(core, hello.resume, address) : undefined
  const fresh = {
    device: hello.device,
    deviceClass: deviceClassOf(hello.device),
    kernels: new Set(hello.kernels),
    ready: new Set(hello.ready),
    ...rangesOf(hello.ranges ?? []),
    failed: failedOf(hello.failed),
    slots: hello.slots,
    storageBytes: hello.storageBytes,
    memoryBytes: hello.memoryBytes ?? 0,
    state: 'ready' as const,
    link,
    cutAt: null,
    lastSeenAt: now,
  }
  let tab: Tab
  if (before) {
    tab = Object.assign(before, fresh)
  } else {
    tab = {
      id: `tab_${randomBytes(6).toString('hex')}`,
      resume: randomBytes(18).toString('base64url'),
      address,
      assigned: new Map(),
      asked: null,
      reported: new Set(),
      leased: new Map(),
      answering: 0,
      leasedMs: 0,
      speeds: new Map(),
      verdicts: [],
      completed: 0,
      lastResultAt: now,
      ...fresh,
    }
    core.tabs.set(tab.id, tab)
  }
  if (tab.failed.size > 0) core.holdersLost++
  tabChanged(core)
  return { tab, resumed: before !== undefined }
}

function findByResume(core: Core, resume: string, address: string): Tab | undefined {
  for (const tab of core.tabs.values()) if (tab.resume === resume && tab.address === address) return tab
  return undefined
}

/** What a greeted tab said. */
export function hearTab(core: Core, tab: Tab, message: Exclude<FromTab, Hello>): void {
  const now = core.clock.now()
  tab.lastSeenAt = now
  switch (message.type) {
    case 'state':
      if (tab.state === message.state) return
      tab.state = message.state
      break
    case 'ready':
      if (canRunJust(tab, message.models, message.ranges ?? [], message.failed ?? [])) return
      if (message.failed?.some(([hash]) => !tab.failed.has(hash))) core.holdersLost++
      tab.ready = new Set(message.models)
      Object.assign(tab, rangesOf(message.ranges ?? []), { failed: failedOf(message.failed) })
      break
    case 'tuned':
      for (const { kernel, variant, reason } of core.tuning.hear(tab, message)) {
        const sentence = `${kernel}, variant ${variant}, is wrong on ${tab.deviceClass}: ${reason}`
        core.report(new OpentabError('kernel_failed', sentence), 'a tab’s tuner')
      }
      return
    case 'heartbeat':
      for (const [id, generation] of message.leases) extend(tab.leased.get(id), generation, now)
      // A socket that was too full for leases may have been read meanwhile.
      core.wake()
      return
    case 'tokens': {
      const task = tab.leased.get(message.task)
      if (extend(task, message.generation, now))
        task?.part?.tokens(tab, message.from, message.ids, message.logprobs)
      return
    }
    case 'failed': {
      const task = tab.leased.get(message.task)
      if (task?.generation !== message.generation) return
      // The tab had no more room for that sequence, or was loaded anew: no fault of the step.
      const loss = isPinned(task) && message.code === 'cache_missing' ? 'free' : 'failed'
      loseLease(core, tab, task, loss, `${message.code}: ${message.message}`, message.code)
      break
    }
    case 'handback': {
      let lost = 0
      for (const [id, generation] of message.leases) {
        const task = tab.leased.get(id)
        if (task?.generation !== generation) continue
        lost++
        // A tab that says it is ready and never is would get it again for ever, where no other can run it.
        const isUnready = message.reason === 'not-ready' && !core.draining
        const isCounted = message.reason === 'device-lost' || (isUnready && task.failedTabs?.has(tab.id))
        // Else it would come back to the tab that has the least work in hand.
        if (isUnready) {
          task.failedTabs ??= new Set()
          task.failedTabs.add(tab.id)
        }
        loseLease(core, tab, task, isCounted ? 'failed' : 'free', `handed back: ${message.reason}`)
      }
      if (lost === 0) return
      break
    }
    case 'leaving':
      if (tab.state === 'leaving') return
      tab.state = 'leaving'
      freeLeases(core, tab)
      break
    default:
      message satisfies never
  }
  tabChanged(core)
}

/** Gives a lease its full time again, within the limit of its task. @returns whether it is the current one */
function extend(task: Task | undefined, generation: number, now: number): boolean {
  if (!task?.lease || task.generation !== generation) return false
  task.lease.deadline = Math.min(now + LEASE_MS, task.lease.grantedAt + TASK_TIME_LIMIT_MS)
  return true
}

/** A tab came, went, or can run other things than before: answers hear of it once, at the end of the turn. */
function tabChanged(core: Core): void {
  core.changed()
  core.tabsStirred = true
  core.wake()
}

function freeLeases(core: Core, tab: Tab): void {
  for (const task of [...tab.leased.values()].reverse())
    loseLease(core, tab, task, 'free', 'the tab is leaving')
}

/** The socket is gone. A tab that said goodbye is forgotten at once, another one a moment later. */
export function cutTab(core: Core, tab: Tab, link: TabLink): void {
  if (tab.link !== link) return
  tab.link = null
  tab.cutAt = core.clock.now()
  if (tab.state === 'leaving') forgetTab(core, tab)
  else tabChanged(core)
}

/** The tab is gone for good; what it held was lost with it. */
export function forgetTab(core: Core, tab: Tab): void {
  for (const task of [...tab.leased.values()].reverse())
    loseLease(core, tab, task, 'vanished', 'the tab vanished')
  core.tabs.delete(tab.id)
  core.holdersLost++
  tabChanged(core)
}
