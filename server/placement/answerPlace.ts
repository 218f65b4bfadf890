import { ANSWERS_AT_ONCE } from '../../protocol/limits.ts'
import type { Core } from '../core.ts'
import type { Task } from '../jobs/jobRecords.ts'
import { canRun, type Tab } from './tab.ts'

/**
 * How many answers more than the least busy tab the preferred one may have in hand: skipping the prompt is worth a
 * slower pace, but not any.
 */
const PREFERRED_AHEAD = 2

/** Whether the tab may begin one more answer beside those in hand. */
export const hasAnswerRoom = (tab: Tab): boolean => tab.answering < ANSWERS_AT_ONCE

/**
 * Whether an answer goes to this tab rather than to another one that could begin it now: the tab that holds a cache of
 * the prompt's beginning goes first while it is not overloaded, then the one with the fewest answers in hand, then the
 * quickest.
 * @param mayBegin whether a tab has room for a lease and may have this task
 */
export function isPlaceFor(core: Core, task: Task, tab: Tab, mayBegin: (other: Tab) => boolean): boolean {
  if (!hasAnswerRoom(tab)) return false
  const speed = (other: Tab): number => other.speeds.get(task.requirement)?.operationsPerMs ?? 0
  const others: Tab[] = []
  for (const other of core.tabs.values()) {
    if (other !== tab && canRun(other, task.requirement) && hasAnswerRoom(other) && mayBegin(other))
      others.push(other)
  }
  const least = others.reduce((min, { answering }) => Math.min(min, answering), tab.answering)
  const isPreferred = ({ id, answering }: Tab): boolean =>
    id === task.part?.preferredTab && answering < least + PREFERRED_AHEAD
  if (isPreferred(tab)) return true
  return !others.some(
    (other) =>
      isPreferred(other) ||
      other.answering < tab.answering ||
      (other.answering === tab.answering && speed(other) > speed(tab)),
  )
}
