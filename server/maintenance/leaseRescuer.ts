import { TAB_SILENCE_MS } from '../../protocol/limits.ts'
import type { Core } from '../core.ts'
import { loseLease } from '../jobs/loseLease.ts'
import { forgetTab, RESUME_GRACE_MS } from '../placement/tabRegistry.ts'

/** How often lost tabs and overdue leases are looked for, ms. */
export const RESCUE_EVERY_MS = 500

/** Takes back what silent, cut-off or overdue tabs hold. One pass; `startRescuer` repeats it. */
export function rescueLeases(core: Core): void {
  const now = core.clock.now()
  for (const tab of [...core.tabs.values()]) {
    const cutOff = tab.cutAt !== null && now - tab.cutAt >= RESUME_GRACE_MS
    if (cutOff || now - tab.lastSeenAt >= TAB_SILENCE_MS) {
      // A tab that slept with its socket open would else wait for leases for ever.
      tab.link?.close('silent', `Nothing came from this tab for ${now - tab.lastSeenAt} ms.`)
      forgetTab(core, tab)
      continue
    }
    const overdue = [...tab.leased.values()].filter((task) => task.lease && now >= task.lease.deadline)
    if (overdue.length === 0) continue
    tab.link?.message({ type: 'cancel', leases: overdue.map(({ id, generation }) => [id, generation]) })
    for (const task of overdue.reverse()) loseLease(core, tab, task, 'vanished', 'the lease ran out')
  }
}

/** Runs the rescuer until the returned function is called. */
export function startRescuer(core: Core): () => void {
  let cancel = core.clock.after(RESCUE_EVERY_MS, function again() {
    rescueLeases(core)
    cancel = core.clock.after(RESCUE_EVERY_MS, again)
  })
  return () => cancel()
}
