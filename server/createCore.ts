import { ANSWERS_JOB_SPAN } from '../protocol/limits.ts'
import type { Clock } from './clock.ts'
import type { Core } from './core.ts'
import type { JobKind } from './jobs/jobKinds.ts'
import { Answers, type AnswersOptions, defaultAnswersOptions } from './language/answers.ts'
import { ApiKeys } from './ledger/apiKeys.ts'
import { Ledger } from './ledger/ledger.ts'
import type { LogSigner } from './ledger/log/logSigner.ts'
import { LogWriter } from './ledger/log/logWriter.ts'
import { ReceiptLog } from './ledger/receiptLog.ts'
import { ClassTuning } from './placement/classTuning.ts'
import { grantLeases } from './placement/grantLeases.ts'
import { TaskQueue } from './placement/taskQueue.ts'
import { GroupCommit } from './store/groupCommit.ts'
import type { Snapshot, Store } from './store/store.ts'
import type { Checker } from './verify/checker.ts'
import { hasStanding, initialSamplingState } from './verify/samplingPolicy.ts'

export interface CoreOptions {
  store: Store
  clock: Clock
  checker: Checker
  kinds: ReadonlyMap<string, JobKind>
  signer: LogSigner
  /** 64 hex digits from which receipts' salts are derived. */
  saltSecret: string
  drawCheck: Core['drawCheck']
  /** A commit failed: memory is ahead of the disk, the relay must stop. */
  onCommitFailure: (error: unknown) => void
  report: Core['report']
  changed?: () => void
  /** How answers of language models are made, where it is not as usual. */
  answers?: Partial<AnswersOptions>
  /** When the turn's commit is made; setImmediate unless a test says otherwise. */
  schedule?: (flush: () => void) => void
}

/** Accounts of keys: `key:ID`. */
const KEY_PREFIX = 'key:'

/** The core over a store, with the state that the store remembers. No sockets, no HTTP, no timers. */
export function createCore(options: CoreOptions): { core: Core; keys: ApiKeys; snapshot: Snapshot } {
  const { store, clock } = options
  const snapshot = store.load()
  const schedule = options.schedule ?? ((flush) => void setImmediate(flush))
  const commit = new GroupCommit(store, options.onCommitFailure, schedule)
  const ledger = new Ledger(commit, () => clock.now(), snapshot)
  const keys = new ApiKeys(commit, () => clock.now(), snapshot.apiKeys)
  const writer = LogWriter.open(store, options.signer, snapshot.checkpoint)
  const receipts = new ReceiptLog(writer, options.signer.origin, options.saltSecret, commit, () =>
    clock.now(),
  )
  const boot = Number(store.meta('boot') ?? 0) + 1
  commit.batch.meta.push(['boot', String(boot)])

  let waking = false
  const core: Core = {
    clock,
    store,
    commit,
    ledger,
    receipts,
    checker: options.checker,
    queue: new TaskQueue(),
    jobs: new Map(),
    tabs: new Map(),
    tuning: new ClassTuning((address) => hasStanding(ledger.knownPayee(address) ?? initialSamplingState)),
    holdersLost: 0,
    tabsStirred: false,
    get answers() {
      return answers
    },
    kinds: options.kinds,
    drawCheck: options.drawCheck,
    spendable(requester) {
      if (!requester.startsWith(KEY_PREFIX)) return Number.POSITIVE_INFINITY
      const limit = keys.limitOf(requester.slice(KEY_PREFIX.length))
      return limit + ledger.balance(requester) - (core.reserved.get(requester) ?? 0)
    },
    reserved: new Map(),
    // The last job may have the tasks of several numbers.
    lastJobSeq: snapshot.lastJobSeq + (snapshot.lastJobSeq === 0 ? 0 : ANSWERS_JOB_SPAN - 1),
    checkingBytes: 0,
    checkingAnswers: 0,
    openInputBytes: 0,
    boot,
    generationCount: 0,
    draining: false,
    counters: {
      tasksVerified: 0,
      microCredits: 0,
      resultsRejected: 0,
      resultsIgnored: 0,
      leasesGranted: 0,
      leasesLost: 0,
      checks: {},
    },
    wake() {
      if (waking) return
      waking = true
      // After the messages of this turn, before its commit: leases need not wait for the disk.
      schedule(() => {
        waking = false
        if (core.tabsStirred) {
          core.tabsStirred = false
          answers.tabsChanged()
        }
        grantLeases(core)
      })
    },
    changed: options.changed ?? (() => {}),
    report: options.report,
  }
  const answers = new Answers(core, { ...defaultAnswersOptions, ...options.answers })
  const first = store.meta('log_first_entry')
  if (first !== undefined && writer.size === 0) receipts.appendNote(first)
  return { core, keys, snapshot }
}
