import { backup, DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { OpentabError } from '../../protocol/errors.ts'
import { MAX_TASKS_PER_JOB } from '../../protocol/limits.ts'
import { migrate } from './sqliteSchema.ts'
import {
  type AccountRow,
  type ApiKeyRow,
  type AttemptsRow,
  type Batch,
  type JobEnd,
  type JobRow,
  type LogBlock,
  type PayeeRow,
  type Snapshot,
  type Store,
  type StoredJob,
  type Totals,
  type Transfer,
  transferKinds,
  type VerifiedTask,
} from './store.ts'

/** Oldest SQLite that is known not to lose committed WAL frames (3.51.3 fixes a WAL-reset race). */
const OLDEST_SQLITE = [3, 51, 3] as const

/** Rows of one multi-row INSERT. */
const ROWS_A_STATEMENT = 32

/** A backup's pages of one step: more than any database has. */
const ALL_PAGES = 2 ** 31 - 1

const isOldEnough = (version: string): boolean => {
  const parts = version.split('.').map(Number)
  for (let i = 0; i < OLDEST_SQLITE.length; i++) {
    const part = parts[i] ?? 0
    if (part !== OLDEST_SQLITE[i]) return part > OLDEST_SQLITE[i]!
  }
  return true
}

/** @throws OpentabError `sqlite_too_old` */
export function checkSqliteVersion(version: string): void {
  if (isOldEnough(version)) return
  throw new OpentabError(
    'sqlite_too_old',
    `This Node carries SQLite ${version}; ${OLDEST_SQLITE.join('.')} or newer is needed to keep every commit.`,
  )
}

/** What a batch adds to the totals. */
function addedBy({ verified, transfers }: Batch): Totals {
  let microCredits = 0
  for (const transfer of transfers) {
    if (transfer.kind === transferKinds.work) microCredits += transfer.microCredits
  }
  return { tasks: verified.length, microCredits }
}

/** The embedded store: SQLite in WAL mode, synchronous FULL: a commit is on disk when it returns. */
export class SqliteStore implements Store {
  readonly #file: string
  readonly #db: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()
  /** Entries of logs before a restore: the index of today's first entry. */
  #logBase: number

  /** @param synchronous NORMAL only for the benchmark that measures what FULL costs. */
  constructor(file: string, { synchronous = 'FULL' }: { synchronous?: 'FULL' | 'NORMAL' } = {}) {
    this.#file = file
    this.#db = new DatabaseSync(file)
    const version = this.#db.prepare('SELECT sqlite_version() AS version').get() as { version: string }
    checkSqliteVersion(version.version)
    this.#db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${synchronous}; PRAGMA foreign_keys = ON;
      PRAGMA busy_timeout = 5000; PRAGMA cache_size = -32000; PRAGMA wal_autocheckpoint = 16000;`)
    migrate(this.#db)
    this.#logBase = Number(this.meta('log_base') ?? 0)
  }

  /** What SQLite does with a commit before it returns: FULL waits for the disk. */
  get synchronous(): 'FULL' | 'NORMAL' {
    return this.#first<{ synchronous: number }>('PRAGMA synchronous')!.synchronous === 2 ? 'FULL' : 'NORMAL'
  }

  #sql(text: string): StatementSync {
    let statement = this.#statements.get(text)
    if (!statement) {
      statement = this.#db.prepare(text)
      this.#statements.set(text, statement)
    }
    return statement
  }

  /** Rows of a query; their type is what the SELECT's column names say. */
  #all<T>(text: string, ...values: SQLInputValue[]): T[] {
    return this.#sql(text).all(...values) as T[]
  }

  #first<T>(text: string, ...values: SQLInputValue[]): T | undefined {
    return this.#sql(text).get(...values) as T | undefined
  }

  load(): Snapshot {
    return {
      openJobs: this.#all<JobRow>(
        `SELECT seq, secret, requester, kind, mode, body, created_at AS createdAt FROM jobs WHERE state = 'open' ORDER BY seq`,
      ),
      lastJobSeq: this.#first<{ seq: number }>('SELECT coalesce(max(seq), 0) AS seq FROM jobs')!.seq,
      attempts: this.#all<AttemptsRow>('SELECT task, failed, vanished FROM attempts'),
      accounts: this.#all<AccountRow>('SELECT id, name, balance FROM accounts ORDER BY id'),
      payees: this.#all<Omit<PayeeRow, 'banned'> & { banned: number }>(
        `SELECT address, completed, rejected, receipts, latest, verified_since_reset AS verifiedSinceReset, banned FROM payees`,
      ).map((row) => ({ ...row, banned: row.banned === 1 })),
      apiKeys: this.#all<ApiKeyRow>(
        `SELECT id, name, sha256, limit_micro_credits AS limitMicroCredits, created_at AS createdAt, revoked_at AS revokedAt FROM api_keys`,
      ),
      checkpoint: this.#first<{ size: number; text: string }>('SELECT size, text FROM checkpoint') ?? null,
      logSize: this.logSize(),
    }
  }

  commit(batch: Batch): void {
    this.#transaction(() => this.#write(batch))
  }

  #transaction(work: () => void): void {
    this.#db.exec('BEGIN IMMEDIATE')
    try {
      work()
      this.#db.exec('COMMIT')
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK')
      throw error
    }
  }

  #write(batch: Batch): void {
    if (batch.jobs.length > 0) {
      const insert = this.#sql(
        `INSERT INTO jobs (seq, secret, requester, kind, mode, body, created_at, state) VALUES (?, ?, ?, ?, ?, ?, ?, 'open')`,
      )
      for (const j of batch.jobs)
        insert.run(j.seq, j.secret, j.requester, j.kind, j.mode, j.body, j.createdAt)
    }
    this.#insertMany('tasks (task, generation, entry, outputs)', batch.verified, (t) => [
      t.task,
      t.generation,
      this.#logBase + t.entry,
      t.outputs,
    ])
    this.#insertMany('transfers (kind, subject, credit, debit, micro_credits, at)', batch.transfers, (t) => [
      t.kind,
      t.subject,
      t.credit,
      t.debit,
      t.microCredits,
      t.at,
    ])
    const { tasks, microCredits } = addedBy(batch)
    if (tasks > 0 || microCredits > 0) {
      this.#sql('UPDATE totals SET tasks = tasks + ?, micro_credits = micro_credits + ?').run(
        tasks,
        microCredits,
      )
    }
    for (const r of batch.rejected) {
      this.#sql('INSERT INTO rejections (task, generation, entry) VALUES (?, ?, ?)').run(
        r.task,
        r.generation,
        this.#logBase + r.entry,
      )
    }
    for (const a of batch.attempts) {
      this.#sql('INSERT OR REPLACE INTO attempts (task, failed, vanished) VALUES (?, ?, ?)').run(
        a.task,
        a.failed,
        a.vanished,
      )
    }
    for (const a of batch.accounts) {
      this.#sql(
        'INSERT INTO accounts (id, name, balance) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET balance = excluded.balance',
      ).run(a.id, a.name, a.balance)
    }
    for (const p of batch.payees) {
      this.#sql(
        `INSERT OR REPLACE INTO payees (address, completed, rejected, receipts, latest, verified_since_reset, banned) VALUES (?, ?, ?, ?, ?, ?, ?)`,
      ).run(p.address, p.completed, p.rejected, p.receipts, p.latest, p.verifiedSinceReset, p.banned ? 1 : 0)
    }
    for (const k of batch.apiKeys) {
      this.#sql(
        `INSERT OR REPLACE INTO api_keys (id, name, sha256, limit_micro_credits, created_at, revoked_at) VALUES (?, ?, ?, ?, ?, ?)`,
      ).run(k.id, k.name, k.sha256, k.limitMicroCredits, k.createdAt, k.revokedAt)
    }
    for (const b of batch.logBlocks) {
      this.#sql(
        'INSERT INTO log_blocks (first_index, count, entries, leaf_hashes, at) VALUES (?, ?, ?, ?, ?)',
      ).run(this.#logBase + b.firstIndex, b.count, b.entries, b.leafHashes, b.at)
    }
    for (const t of batch.logTiles) {
      this.#sql('INSERT INTO log_tiles (level, n, bytes) VALUES (?, ?, ?)').run(t.level, t.n, t.bytes)
    }
    if (batch.checkpoint) {
      this.#sql('INSERT OR REPLACE INTO checkpoint (one, size, text) VALUES (1, ?, ?)').run(
        batch.checkpoint.size,
        batch.checkpoint.text,
      )
    }
    for (const [receipt, json] of batch.signatures) {
      this.#sql('INSERT OR REPLACE INTO signatures (receipt, json) VALUES (?, ?)').run(receipt, json)
    }
    for (const [key, value] of batch.meta) {
      if (value === null) this.#sql('DELETE FROM meta WHERE key = ?').run(key)
      else this.#sql('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)').run(key, value)
    }
    if (batch.jobEnds.length > 0) this.#endJobs(batch.jobEnds)
  }

  /** Inserts rows, many to a statement: a call costs as much as writing the row does. */
  #insertMany<T>(columns: string, rows: readonly T[], valuesOf: (row: T) => SQLInputValue[]): void {
    const one = `(${columns.replace(/^.*\(/, '').replace(/[^,)]+/g, '?')}`
    let at = 0
    for (const size of [ROWS_A_STATEMENT, 1]) {
      if (rows.length - at < size) continue
      const insert = this.#sql(`INSERT INTO ${columns} VALUES ${Array(size).fill(one).join(', ')}`)
      for (; rows.length - at >= size; at += size) {
        const values: SQLInputValue[] = []
        for (let i = at; i < at + size; i++) values.push(...valuesOf(rows[i]!))
        insert.run(...values)
      }
    }
  }

  #endJobs(ends: readonly JobEnd[]): void {
    const end = this.#sql(
      'UPDATE jobs SET state = ?, answer = ?, error = ?, ended_at = ?, tasks = ? WHERE seq = ?',
    )
    const dropAttempts = this.#sql('DELETE FROM attempts WHERE task >= ? AND task < ?')
    for (const e of ends) {
      const { changes } = end.run(e.state, e.answer, e.error, e.endedAt, e.tasks, e.seq)
      if (changes !== 1) throw new Error(`job ${e.seq} ends and was never entered`)
      dropAttempts.run(...this.#tasksOf(e.seq))
    }
  }

  /** First task id of a job, and one past the last it may have: the first of the next job. */
  #tasksOf(seq: number): [number, number] {
    const next = this.#first<{ seq: number | null }>(
      'SELECT min(seq) AS seq FROM jobs WHERE seq > ?',
      seq,
    )?.seq
    return [seq * MAX_TASKS_PER_JOB, next == null ? Number.MAX_SAFE_INTEGER : next * MAX_TASKS_PER_JOB]
  }

  job(seq: number): StoredJob | undefined {
    return this.#first<StoredJob>(
      `SELECT seq, secret, requester, kind, mode, body, created_at AS createdAt, state, answer, error, ended_at AS endedAt, tasks
       FROM jobs WHERE seq = ?`,
      seq,
    )
  }

  verifiedOf(seq: number): VerifiedTask[] {
    return this.#all<VerifiedTask>(
      'SELECT task, generation, entry, outputs FROM tasks WHERE task >= ? AND task < ? ORDER BY task',
      ...this.#tasksOf(seq),
    )
  }

  workOf(seq: number, without: readonly number[] = []): number {
    return this.#first<{ n: number }>(
      `SELECT coalesce(sum(micro_credits), 0) AS n FROM transfers WHERE kind = 1 AND subject >= ? AND subject < ?
       AND debit IS NOT (SELECT id FROM accounts WHERE name = 'operator')
       AND subject NOT IN (SELECT value FROM json_each(?))`,
      ...this.#tasksOf(seq),
      JSON.stringify(without),
    )!.n
  }

  entryOf(task: number, generation: number): number | undefined {
    const from = (table: 'tasks' | 'rejections') =>
      this.#first<{ entry: number }>(
        `SELECT entry FROM ${table} WHERE task = ? AND generation = ?`,
        task,
        generation,
      )
    const entry = (from('tasks') ?? from('rejections'))?.entry
    return entry !== undefined && entry >= this.#logBase ? entry - this.#logBase : undefined
  }

  logBlockAt(index: number): LogBlock | undefined {
    const block = this.#first<LogBlock>(
      `SELECT first_index AS firstIndex, count, entries, leaf_hashes AS leafHashes, at FROM log_blocks
       WHERE first_index <= ? ORDER BY first_index DESC LIMIT 1`,
      this.#logBase + index,
    )
    if (!block || this.#logBase + index >= block.firstIndex + block.count) return undefined
    return { ...block, firstIndex: block.firstIndex - this.#logBase }
  }

  logTile(level: number, n: number): Uint8Array | undefined {
    return this.#first<{ bytes: Uint8Array }>(
      'SELECT bytes FROM log_tiles WHERE level = ? AND n = ?',
      level,
      n,
    )?.bytes
  }

  logSize(): number {
    const last = this.#first<{ size: number }>(
      'SELECT first_index + count AS size FROM log_blocks ORDER BY first_index DESC LIMIT 1',
    )
    return (last?.size ?? 0) - this.#logBase
  }

  openNewLog(firstEntry: string | null): void {
    const base = this.#logBase + this.logSize()
    this.#transaction(() => {
      this.#db.exec('DELETE FROM log_tiles; DELETE FROM checkpoint; DELETE FROM signatures')
      const set = this.#sql('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)')
      set.run('log_base', String(base))
      if (firstEntry !== null) set.run('log_first_entry', firstEntry)
    })
    this.#logBase = base
  }

  meta(key: string): string | undefined {
    return this.#first<{ value: string }>('SELECT value FROM meta WHERE key = ?', key)?.value
  }

  signature(receipt: string): string | undefined {
    return this.#first<{ json: string }>('SELECT json FROM signatures WHERE receipt = ?', receipt)?.json
  }

  transfersOf(account: number, limit: number): Transfer[] {
    return this.#all<Transfer>(
      `SELECT kind, subject, debit, credit, micro_credits AS microCredits, at FROM transfers
       WHERE debit = ? OR credit = ? ORDER BY at DESC LIMIT ?`,
      account,
      account,
      limit,
    )
  }

  recomputeBalances(): Map<number, number> {
    const rows = this.#all<{ account: number; amount: number }>(
      `SELECT account, sum(amount) AS amount FROM (
         SELECT debit AS account, -micro_credits AS amount FROM transfers
         UNION ALL SELECT credit, micro_credits FROM transfers) GROUP BY account`,
    )
    return new Map(rows.map((row) => [row.account, row.amount]))
  }

  totals(): Totals {
    return this.#first<Totals>('SELECT tasks, micro_credits AS microCredits FROM totals')!
  }

  forget(before: number): number {
    const old = this.#all<{ seq: number }>(
      `SELECT seq FROM jobs WHERE state <> 'open' AND ended_at < ? AND (length(body) > 0 OR answer IS NOT NULL) LIMIT 500`,
      before,
    )
    if (old.length === 0) return 0
    this.#transaction(() => {
      for (const { seq } of old) {
        this.#sql(`UPDATE jobs SET body = x'', answer = NULL WHERE seq = ?`).run(seq)
        this.#sql('UPDATE tasks SET outputs = NULL WHERE task >= ? AND task < ?').run(...this.#tasksOf(seq))
      }
    })
    return old.length
  }

  /** Copies from a connection of its own, in one step off the event loop: a step beside a commit of the same one fails. */
  async backup(target: string): Promise<void> {
    const reader = new DatabaseSync(this.#file, { readOnly: true })
    try {
      await backup(reader, target, { rate: ALL_PAGES })
    } finally {
      reader.close()
    }
  }

  close(): void {
    this.#db.close()
  }
}
