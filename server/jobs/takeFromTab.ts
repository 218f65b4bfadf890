import type { Core } from '../core.ts'
import { letGo } from '../placement/tab.ts'
import type { Task } from './jobRecords.ts'

/** Nobody is to do the task any more: it leaves its queue, and a tab that has it is told. */
export function takeFromTab(core: Core, task: Task): void {
  if (task.state === 'queued') core.queue.dropped(task)
  if (!task.lease) return
  const tab = core.tabs.get(task.lease.tabId)
  if (tab) letGo(tab, task)
  tab?.link?.message({ type: 'cancel', leases: [[task.id, task.generation]] })
  task.lease = null
}
