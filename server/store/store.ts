/**
 * What the relay remembers. The core keeps its working state in memory and hands each group of changes to the store
 * as one `Batch`; what `commit` took is durable when it returns. No SQL and no sockets show here.
 */

export type JobMode = 'sync' | 'background'
export type StoredJobState = 'open' | 'done' | 'failed' | 'cancelled'

export interface JobRow {
  /** Rising number of the job. Its task ids run from `seq * MAX_TASKS_PER_JOB` up to those of the next job. */
  seq: number
  /** Random part of the public id. */
  secret: string
  /** Ledger account that pays. */
  requester: string
  kind: string
  mode: JobMode
  /** Serialised request body; empty for sync jobs, whose requester is gone when the relay is. */
  body: Uint8Array
  createdAt: number
}

export interface JobEnd {
  seq: number
  state: Exclude<StoredJobState, 'open'>
  /** JSON of the answer's body, for jobs whose answer is not just their tasks' outputs. */
  answer: string | null
  /** JSON of `{code, message}` when it failed. */
  error: string | null
  endedAt: number
  tasks: number
}

export type StoredJob = JobRow & ({ state: 'open' } | JobEnd)

/** A verdict that ended a task well. */
export interface VerifiedTask {
  task: number
  generation: number
  /** Index of its receipt in the log. */
  entry: number
  /** Outputs as a results frame (protocol/frames.ts) of background jobs; null where nobody will ask for them again. */
  outputs: Uint8Array | null
}

export interface RejectedResult {
  task: number
  generation: number
  entry: number
}

/** Attempts of a task that were counted. */
export interface AttemptsRow {
  task: number
  failed: number
  vanished: number
}

/** Kinds of transfers. With `subject` and `credit` they make the posting's unique business id. */
export const transferKinds = { work: 1, settle: 2, refund: 3, opening: 4 } as const

/** Double entry in one row: `microCredits` leave the account `debit` and arrive at `credit`. */
export interface Transfer {
  kind: (typeof transferKinds)[keyof typeof transferKinds]
  /** What it is for: a task id (work), the entries of all logs that are covered (settle), a job's seq (refund). */
  subject: number
  /** Ids of rows in `accounts`. */
  debit: number
  credit: number
  microCredits: number
  at: number
}

export interface AccountRow {
  id: number
  /** `local`, `operator`, `key:ID`, `pending:0x..`, `settled:0x..`. */
  name: string
  /** Micro-credits; the sum over all accounts is zero. */
  balance: number
}

/** A contributor's address. */
export interface PayeeRow {
  /** EIP-55. */
  address: string
  completed: number
  rejected: number
  receipts: number
  /** Id of the newest receipt. */
  latest: string | null
  /** Right results since the first one or since the last rejection: what the sampling policy goes by. */
  verifiedSinceReset: number
  banned: boolean
}

export interface ApiKeyRow {
  id: string
  name: string
  /** SHA-256 of the key, hex; the key itself is shown once and not kept. */
  sha256: string
  /** Most micro-credits it may spend in all; null: no limit. */
  limitMicroCredits: number | null
  createdAt: number
  revokedAt: number | null
}

/** A run of log entries appended by one commit. */
export interface LogBlock {
  firstIndex: number
  count: number
  /** Each entry behind a big-endian u16 length. */
  entries: Uint8Array
  /** `count` x 32 bytes. */
  leafHashes: Uint8Array
  /** When it was committed, epoch ms: people are shown it, nothing depends on it. */
  at: number
}

/** A full tile: 256 hashes of 32 bytes. */
export interface LogTile {
  level: number
  n: number
  bytes: Uint8Array
}

/** Everything that one event-loop turn changed. */
export interface Batch {
  jobs: JobRow[]
  jobEnds: JobEnd[]
  verified: VerifiedTask[]
  rejected: RejectedResult[]
  attempts: AttemptsRow[]
  transfers: Transfer[]
  accounts: AccountRow[]
  payees: PayeeRow[]
  apiKeys: ApiKeyRow[]
  logBlocks: LogBlock[]
  logTiles: LogTile[]
  /** Newest published checkpoint. */
  checkpoint: { size: number; text: string } | null
  /** EIP-712 forms of receipts, as JSON, by receipt id. */
  signatures: [receipt: string, json: string][]
  /** Null takes the key away. */
  meta: [key: string, value: string | null][]
}

export const emptyBatch = (): Batch => ({
  jobs: [],
  jobEnds: [],
  verified: [],
  rejected: [],
  attempts: [],
  transfers: [],
  accounts: [],
  payees: [],
  apiKeys: [],
  logBlocks: [],
  logTiles: [],
  checkpoint: null,
  signatures: [],
  meta: [],
})

/** What the core reads at its start. */
export interface Snapshot {
  openJobs: JobRow[]
  /** Highest `seq` of any job, 0 when there is none. */
  lastJobSeq: number
  attempts: AttemptsRow[]
  accounts: AccountRow[]
  payees: PayeeRow[]
  apiKeys: ApiKeyRow[]
  checkpoint: { size: number; text: string } | null
  logSize: number
}

/** Of all jobs together, those before a restore included. */
export interface Totals {
  /** Verified tasks. */
  tasks: number
  /** What they were paid. */
  microCredits: number
}

export interface Store {
  load(): Snapshot
  /**
   * All or nothing, durable when it returns or its promise resolves. One at a time.
   * @throws (or rejects) when a transfer's business id is there already, a job or task is entered twice, or the disk refuses;
   * nothing of the batch is kept then
   */
  commit(batch: Batch): void | Promise<void>
  job(seq: number): StoredJob | undefined
  /** Verified tasks of a job in the order of their index. */
  verifiedOf(seq: number): VerifiedTask[]
  /**
   * Micro-credits that a job's verified tasks cost its requester so far: what `operator` paid is not among them.
   * @param without ids of tasks that are left out
   */
  workOf(seq: number, without?: readonly number[]): number
  /** Index of a receipt in the log; undefined also for receipts of a log before a restore. */
  entryOf(task: number, generation: number): number | undefined
  /** The block that holds the entry at `index`. */
  logBlockAt(index: number): LogBlock | undefined
  logTile(level: number, n: number): Uint8Array | undefined
  logSize(): number
  meta(key: string): string | undefined
  /** The kept EIP-712 form of a receipt, JSON. */
  signature(receipt: string): string | undefined
  /** Transfers of an account's id, newest first, for audits and tests. */
  transfersOf(account: number, limit: number): Transfer[]
  /** Sums over all transfers by account id, recomputed from the rows: what the balances must equal. */
  recomputeBalances(): Map<number, number>
  /** Costs the same however much was done. */
  totals(): Totals
  /** Removes inputs and outputs of jobs that ended before `before` (epoch ms); gives how many jobs it touched. */
  forget(before: number): number
  /**
   * Ends the log and starts an empty one: what was logged stays in the file, and is not part of the new tree. The meta
   * key `log_base` says how many entries the logs before have.
   * @param firstEntry kept under the meta key `log_first_entry` for the relay to append first
   */
  openNewLog(firstEntry: string | null): void
  /** A consistent copy of everything into a new file or folder, while running. */
  backup(target: string): Promise<void>
  close(): void
}
