import { committedOutputs } from '../../protocol/generation.ts'
import type { TaskResult } from '../../protocol/task.ts'
import type { Core } from '../core.ts'
import { letGo, measure, type Tab } from '../placement/tab.ts'
import { judgeResult } from './judgeResult.ts'
import { endLease } from './loseLease.ts'

/**
 * Takes the results of one frame. Only a result whose task is leased to this very tab with this very generation
 * counts; every other one (late, duplicate, forged) changes nothing.
 */
export function acceptResults(core: Core, tab: Tab, results: readonly TaskResult[]): void {
  const now = core.clock.now()
  const startedAt = Math.max(tab.lastResultAt, oldestGrant(tab) ?? now)
  const share = (now - startedAt) / results.length
  let short = 0
  for (const result of results) {
    const task = tab.leased.get(result.task)
    if (task?.state !== 'leased' || task.lease?.tabId !== tab.id || task.generation !== result.generation) {
      core.counters.resultsIgnored++
      continue
    }
    task.state = 'returned'
    const { grantedAt } = task.lease
    endLease(core, task)
    const answering = tab.answering
    letGo(tab, task)
    if (task.spec.kind === 'generate') {
      // Answers take turns: each had about its share of the time since it began.
      const outputs = committedOutputs(result.outputs)
      judgeResult(core, tab, task, outputs, result.outputs, (now - grantedAt) / answering)
    } else {
      short++
      measure(tab, task.requirement, task.operations, share)
      judgeResult(core, tab, task, result.outputs, result.outputs)
    }
  }
  if (short > 0) tab.lastResultAt = now
  core.wake()
}

/** When the oldest lease in hand was granted, answers left out: they go on beside the other work. */
function oldestGrant(tab: Tab): number | undefined {
  for (const { spec, lease } of tab.leased.values()) if (spec.kind !== 'generate') return lease?.grantedAt
  return undefined
}
