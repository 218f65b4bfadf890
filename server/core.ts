import type { Clock } from './clock.ts'
import type { JobKind } from './jobs/jobKinds.ts'
import type { Job } from './jobs/jobRecords.ts'
import type { AnswerDesk } from './language/answerDesk.ts'
import type { Ledger } from './ledger/ledger.ts'
import type { ReceiptLog } from './ledger/receiptLog.ts'
import type { ClassTuning } from './placement/classTuning.ts'
import type { Tab } from './placement/tab.ts'
import type { TaskQueue } from './placement/taskQueue.ts'
import type { GroupCommit } from './store/groupCommit.ts'
import type { Store } from './store/store.ts'
import type { Checker } from './verify/checker.ts'

/** What the core counts, for /metrics and /v1/network. */
export interface Counters {
  tasksVerified: number
  microCredits: number
  resultsRejected: number
  resultsIgnored: number
  leasesGranted: number
  leasesLost: number
  checks: Record<string, number>
}

/** The relay's working state, which the functions of `jobs/`, `placement/` and `maintenance/` share. */
export interface Core {
  clock: Clock
  store: Store
  commit: GroupCommit
  ledger: Ledger
  receipts: ReceiptLog
  checker: Checker
  queue: TaskQueue
  jobs: Map<number, Job>
  tabs: Map<string, Tab>
  /** What tabs measured of kernels, by device class. */
  tuning: ClassTuning
  /** How often a tab went, or could not load what it was asked to hold, since the start: its models may be missing. */
  holdersLost: number
  /** Tabs came, went, or can run other things since `wake` was last heard: its answers have to hear of it. */
  tabsStirred: boolean
  /** Makes the answers of language models. */
  answers: AnswerDesk
  kinds: ReadonlyMap<string, JobKind>
  /** Whether a later result of an address is drawn for a check (its first ones all are). */
  drawCheck: (verifiedSinceReset: number) => boolean
  /** Micro-credits a requester may still spend, what is asked for and not done yet taken off; Infinity without a limit. */
  spendable: (requester: string) => number
  /** What the tasks of each requester that are asked for and not done yet will cost, micro-credits; none where nothing is. */
  reserved: Map<string, number>
  lastJobSeq: number
  /** Bytes of results whose checks are under way or are tried again soon. Changed by `enterBacklog` and `leaveBacklog` only. */
  checkingBytes: number
  /** Results of language models' answers and steps whose checks are under way. */
  checkingAnswers: number
  /** Bytes of inputs that open jobs hold in memory. */
  openInputBytes: number
  /** Upper bits of every generation: rises with each start, so that leases of an earlier start are never current. */
  boot: number
  /** Lower bits of the newest generation: how many leases this start number has served. */
  generationCount: number
  draining: boolean
  counters: Counters
  /** Asks for leases to be granted at the end of this turn. */
  wake: () => void
  /** Something on /v1/network changed. */
  changed: () => void
  /** An error of the relay's own that is nobody's fault; goes to the log. */
  report: (error: unknown, what: string) => void
}
