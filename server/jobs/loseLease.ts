import { OpentabError } from '../../protocol/errors.ts'
import type { Core } from '../core.ts'
import { letGo, type Tab } from '../placement/tab.ts'
import { countInputs } from './addTask.ts'
import { deathOf } from './deathOf.ts'
import { isPinned, type Task } from './jobRecords.ts'
import { reserve } from './reserve.ts'
import { StepLost } from './stepLost.ts'
import { takeFromTab } from './takeFromTab.ts'

/** Why a lease ended without a result. */
export type Loss =
  /** Handed back untouched, drained, or the relay's own doing: not counted. An answer of which tokens came counts as vanished. */
  | 'free'
  /** The tab vanished or the deadline passed. */
  | 'vanished'
  /** An error was reported or the device was lost. */
  | 'failed'

/**
 * Takes a task from a tab and gives it back to the queue, or lets it die when its attempts are used up. One that no
 * other tab can do is over: its answer goes on with another one.
 * @param code of the error that the tab reported
 */
export function loseLease(
  core: Core,
  tab: Tab,
  task: Task,
  loss: Loss,
  why: string,
  code: string | null = null,
): void {
  if (task.state !== 'leased' || task.lease?.tabId !== tab.id) return
  letGo(tab, task)
  endLease(core, task)
  core.counters.leasesLost++
  if (isPinned(task)) return dropStep(core, task, new StepLost(loss, why, code))
  // Of an answer that was begun nothing is untouched: a tab could begin it for ever.
  const isBegun = task.part?.hasStreamed?.() === true && !core.draining
  if (loss === 'free' && !isBegun) return requeue(core, task)
  if (loss !== 'vanished') {
    task.failedTabs ??= new Set()
    task.failedTabs.add(tab.id)
  }
  spendAttempt(core, task, loss === 'failed' ? 'failed' : 'vanished', why)
}

/** The tab has the task no longer; the time that it had it was not spent waiting. */
export function endLease(core: Core, task: Task): void {
  if (task.lease) task.queuedAt += core.clock.now() - task.lease.grantedAt
  task.lease = null
}

/** Counts an attempt; the task waits again or is dead. */
export function spendAttempt(core: Core, task: Task, loss: 'vanished' | 'failed', why: string): void {
  task[loss]++
  task.lastFailure = why
  core.commit.batch.attempts.push({ task: task.id, failed: task.failed, vanished: task.vanished })
  const death = deathOf(task)
  if (!death) return requeue(core, task)
  if (task.job.ended) return giveUp(core, task)
  task.state = 'dead'
  core.commit.after(() => task.reject(death))
}

/** Nobody does it any more, and nobody hears of it. */
export function giveUp(core: Core, task: Task): void {
  task.state = 'dead'
  task.job.tasks.delete(task.index)
  reserve(core, task.job, -task.reservedMicroCredits)
}

/** Ends a task that only one tab could do: nothing of it stays, and its answer hears of it. */
export function dropStep(core: Core, task: Task, lost: StepLost): void {
  takeFromTab(core, task)
  task.state = 'dead'
  task.job.tasks.delete(task.index)
  reserve(core, task.job, -task.reservedMicroCredits)
  countInputs(core, task.job, task.spec, -1)
  task.reject(lost)
}

/** A result whose check could not be made, however often it was tried: the relay's fault, no attempt. */
export function dieUnchecked(core: Core, task: Task): void {
  if (task.job.ended) giveUp(core, task)
  task.state = 'dead'
  const error = new OpentabError(
    'check_unavailable',
    `A result of the task could not be checked in ${task.uncheckedTries} tries.`,
  )
  core.commit.after(() => task.reject(error))
}

/** Back to the front of its queue. */
export function requeue(core: Core, task: Task): void {
  // Its job was cancelled while it waited for a verdict.
  if (task.job.ended) return giveUp(core, task)
  task.state = 'queued'
  if (task.part) task.spec = task.part.specAgain()
  core.queue.add(task, true)
  core.wake()
}
