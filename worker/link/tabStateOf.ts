import type { DownReason } from './connection.ts'
import type { Pause } from './governor.ts'
import type { TabState } from './tabApi.ts'

/** Where a session stands on its way from Start to Stop. */
export type Phase = 'device' | 'connecting' | 'running' | 'finishing' | 'stopped'

/** What the state follows from. */
export interface TabFacts {
  phase: Phase
  error: Extract<TabState, { name: 'stopped' }>['error']
  pause: Pause | null
  down: { reason: DownReason; retryAt: number } | null
  leases: number
  loading: { model: string; bytes: number; ofBytes: number } | null
  idleSince: number
}

/** The one state to show: what a person should know first wins. */
export function tabStateOf({ phase, error, pause, down, leases, loading, idleSince }: TabFacts): TabState {
  if (phase === 'stopped') return { name: 'stopped', error }
  if (phase === 'finishing') return { name: 'finishing' }
  if (phase === 'device') return { name: 'starting', step: 'device' }
  if (phase === 'running' && pause) return { name: 'paused', reason: pause.reason, until: pause.until }
  if (down) return { name: 'disconnected', reason: down.reason, retryAt: down.retryAt }
  if (phase === 'connecting') return { name: 'starting', step: 'connecting' }
  if (leases > 0) return { name: 'working' }
  if (loading) return { name: 'loading', ...loading }
  return { name: 'idle', since: idleSince }
}
