import type { ErrorCode } from '../../protocol/errors.ts'
import type { DeviceReport } from '../../protocol/messages.ts'
import type { Verdict } from '../../protocol/receipt.ts'
import type { TaskKind } from '../../protocol/task.ts'

/** What the contributor chose. */
export interface TabSettings {
  /** The payee, EIP-55 or all lower case. */
  address: string
  /** Duty cycle, percent from 10 to 100. */
  intensity: number
  /** Work on battery too. */
  onBattery: boolean
  /** Most bytes of models to store. */
  storageBytes: number
  /** Bytes of memory for language models: weights and conversations. 0 runs none. Takes effect with the next Start. */
  memoryBytes: number
  /** Let programs of requesters run, within bounds. Switched off at once; switched on with the next Start. */
  customKernels: boolean
}

/** Why a tab that was started does no work right now. */
export type PauseReason = 'you' | 'battery' | 'device-lost'

/** The tab's state; the page makes a sentence of it. Times are epoch milliseconds. */
export type TabState =
  | { name: 'off' }
  | { name: 'starting'; step: 'device' | 'connecting' }
  | { name: 'loading'; model: string; bytes: number; ofBytes: number }
  /** Connected, nothing to do since `since`. */
  | { name: 'idle'; since: number }
  | { name: 'working' }
  | { name: 'paused'; reason: PauseReason; until: number | null }
  /** Finish was pressed: the task in hand ends, no more are taken. */
  | { name: 'finishing' }
  | { name: 'disconnected'; reason: 'offline' | 'relay-restarting' | 'lost'; retryAt: number }
  /** Ended for good; the error says why (null after Stop or Finish). */
  | { name: 'stopped'; error: { code: ErrorCode; message: string; fix: string } | null }

export interface CurrentTask {
  kind: TaskKind
  /** Model id or kernel name. */
  subject: string
  /** Graph of the model, where it has several. */
  graph: string | null
  startedAt: number
}

/** One row of the task log. */
export interface TaskLogEntry {
  task: number
  at: number
  kind: TaskKind
  subject: string
  graph: string | null
  /** Compute time, ms. */
  computeMs: number
  /** Null until the relay has judged it. */
  verdict: Verdict | 'failed' | 'handed-back' | null
  /** Integer micro-credits as decimal string. */
  microCredits: string
  receipt: string | null
  /** Why it was rejected or failed. */
  reason: string | null
}

/** Work done in one interval of the chart. */
export interface ThroughputSample {
  /** End of the interval, epoch ms; intervals are 5 s. */
  at: number
  /** Verified operations / second, in 10^9. */
  gflops: number
  tasks: number
}

export interface StoredModel {
  hash: string
  id: string
  bytes: number
  storedBytes: number
  /** Its sessions are ready. */
  ready: boolean
  /** Why it is not ready, where a load failed. */
  error?: { code: string; message: string } | null
}

/** Everything the page shows, sent whole at each change (at most ten times a second). */
export interface TabSnapshot {
  state: TabState
  /** The tab's id at the relay. */
  tab: string | null
  relay: { name: string; version: string } | null
  device: {
    report: DeviceReport
    kernels: string[]
    limits: Record<string, number>
    deviceClass: string
  } | null
  credits: { pending: string; escrow: string; settled: string } | null
  /** Micro-credits verified in this session, and tasks by outcome. */
  session: { microCredits: string; completed: number; rejected: number; startedAt: number | null }
  current: CurrentTask | null
  /** Newest first, at most 200. */
  tasks: TaskLogEntry[]
  /** Oldest first, at most 180 (15 minutes). */
  throughput: ThroughputSample[]
  models: StoredModel[]
  storage: { usedBytes: number; allowedBytes: number }
}

/** The tab, as the page sees it (over comlink). Made by `createTab` in worker/tab.ts; nothing is loaded before `start`. */
export interface TabApi {
  /** Calls back with each new snapshot, the first one at once. */
  subscribe(listener: (snapshot: TabSnapshot) => void): Promise<void>
  start(settings: TabSettings): Promise<void>
  pause(): Promise<void>
  resume(): Promise<void>
  /** Takes no more tasks, ends those in hand, then stops. */
  finish(): Promise<void>
  /** Stops at once; leases are handed back within a second. */
  stop(): Promise<void>
  change(settings: Partial<Omit<TabSettings, 'address'>>): Promise<void>
  /** Deletes a stored model's bytes; it is fetched again if the relay wants it and there is room. */
  deleteModel(hash: string): Promise<void>
}
