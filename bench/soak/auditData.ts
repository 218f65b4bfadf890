import { hash } from 'node:crypto'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { MAX_TASKS_PER_JOB } from '../../protocol/limits.ts'
import type { Receipt } from '../../protocol/receipt.ts'
import { parseReceiptId, receiptIdOf, taskName } from '../../server/jobs/jobRecords.ts'
import { openKeys } from '../../server/ledger/log/keys.ts'
import { LogWriter } from '../../server/ledger/log/logWriter.ts'
import { DATABASE } from '../../server/ops/backup.ts'
import { SqliteStore } from '../../server/store/sqliteStore.ts'
import { transferKinds } from '../../server/store/store.ts'

/** What was found in a data folder whose books are in order. */
export interface Audit {
  jobs: Record<string, number>
  verified: number
  rejected: number
  entries: number
  /** Micro-credits of contributors, by address. */
  credits: Map<string, number>
}

/** A checkpoint that somebody saw: size and root as they stood in its text. */
export interface SeenCheckpoint {
  size: number
  /** base64 */
  root: string
}

function insist(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(what)
}

/**
 * Checks the books of a relay that has ended, from its files alone: every verified task paid once and logged once,
 * balances and totals as the rows make them, the sum zero, refunds what jobs cost, the log a tree that goes on from every
 * checkpoint that was seen. @throws Error naming what is not in order
 */
export async function auditData(dataFolder: string, seen: readonly SeenCheckpoint[] = []): Promise<Audit> {
  const file = join(dataFolder, DATABASE)
  const store = new SqliteStore(file)
  const db = new DatabaseSync(file, { readOnly: true })
  try {
    const audit = readBooks(db)
    auditBalances(store)
    auditTotals(store, db)
    await auditLog(dataFolder, store, db, seen)
    return audit
  } finally {
    db.close()
    store.close()
  }
}

const one = (db: DatabaseSync, sql: string): number =>
  Number(Object.values(db.prepare(sql).get() ?? {})[0] ?? 0)

function readBooks(db: DatabaseSync): Audit {
  const { work, refund } = transferKinds
  const verified = one(db, 'SELECT count(*) FROM tasks')
  insist(
    one(db, `SELECT count(*) FROM transfers WHERE kind = ${work}`) === verified &&
      one(db, `SELECT count(DISTINCT subject) FROM transfers WHERE kind = ${work}`) === verified &&
      one(db, `SELECT count(*) FROM tasks JOIN transfers ON kind = ${work} AND subject = task`) === verified,
    `${verified} tasks are verified and not each of them is paid once`,
  )
  const jobs: Record<string, number> = {}
  for (const { state, n } of db.prepare('SELECT state, count(*) AS n FROM jobs GROUP BY state').all() as {
    state: string
    n: number
  }[])
    jobs[state] = n
  const rows = db.prepare(`
    SELECT jobs.seq, jobs.state, jobs.tasks, count(tasks.task) AS verified, coalesce(sum(paid.micro_credits), 0) AS cost,
      (SELECT coalesce(sum(micro_credits), 0) FROM transfers WHERE kind = ${refund} AND subject = jobs.seq) AS refunded
    FROM jobs
    LEFT JOIN tasks ON tasks.task >= jobs.seq * ${MAX_TASKS_PER_JOB}
      AND tasks.task < coalesce((SELECT min(seq) FROM jobs AS next WHERE next.seq > jobs.seq), 1e12) * ${MAX_TASKS_PER_JOB}
    LEFT JOIN transfers AS paid ON paid.kind = ${work} AND paid.subject = tasks.task
      AND paid.debit IS NOT (SELECT id FROM accounts WHERE name = 'operator')
    GROUP BY jobs.seq`)
  for (const job of rows.all() as {
    seq: number
    state: string
    tasks: number
    verified: number
    cost: number
    refunded: number
  }[]) {
    const { seq, state, cost, refunded } = job
    if (state === 'open') continue
    insist(job.tasks === job.verified, `job ${seq} ended with ${job.tasks} tasks and has ${job.verified}`)
    const due = state === 'done' ? 0 : cost
    insist(refunded === due, `job ${seq} is ${state}, cost ${cost} and was refunded ${refunded}`)
  }
  const credits = new Map<string, number>()
  const accounts = db.prepare(
    "SELECT name, balance FROM accounts WHERE name LIKE 'pending:%' OR name LIKE 'settled:%'",
  )
  for (const { name, balance } of accounts.all() as { name: string; balance: number }[]) {
    const address = name.slice(name.indexOf(':') + 1)
    insist(balance >= 0, `${name} is ${balance}`)
    credits.set(address, (credits.get(address) ?? 0) + balance)
  }
  return {
    jobs,
    verified,
    rejected: one(db, 'SELECT count(*) FROM rejections'),
    entries: one(db, 'SELECT coalesce(sum(count), 0) FROM log_blocks'),
    credits,
  }
}

function auditBalances(store: SqliteStore): void {
  const recomputed = store.recomputeBalances()
  let sum = 0
  for (const { id, name, balance } of store.load().accounts) {
    const made = recomputed.get(id) ?? 0
    insist(made === balance, `${name} holds ${balance} and its transfers make ${made}`)
    sum += balance
  }
  insist(sum === 0, `the balances sum to ${sum}`)
}

function auditTotals(store: SqliteStore, db: DatabaseSync): void {
  const { tasks, microCredits } = store.totals()
  const counted = one(db, 'SELECT count(*) FROM tasks')
  const paid = one(
    db,
    `SELECT coalesce(sum(micro_credits), 0) FROM transfers WHERE kind = ${transferKinds.work}`,
  )
  insist(
    tasks === counted && microCredits === paid,
    `the totals are ${tasks} and ${microCredits}; the rows make ${counted} and ${paid}`,
  )
}

async function auditLog(
  dataFolder: string,
  store: SqliteStore,
  db: DatabaseSync,
  seen: readonly SeenCheckpoint[],
): Promise<void> {
  const size = store.logSize()
  const verdicts = one(db, 'SELECT (SELECT count(*) FROM tasks) + (SELECT count(*) FROM rejections)')
  insist(size === verdicts, `the log has ${size} entries and there are ${verdicts} verdicts`)
  const newest = new Map<string, string>()
  const counts = new Map<string, { completed: number; rejected: number }>()
  for (let index = 0; index < size; ) {
    const block = store.logBlockAt(index)
    insist(block?.firstIndex === index, `the log has no block at ${index}`)
    const entries = Buffer.from(block.entries)
    for (let i = 0, at = 0; i < block.count; i++, index++) {
      const entry = entries.subarray(at + 2, at + 2 + entries.readUInt16BE(at))
      at += 2 + entry.length
      const leaf = hash('sha256', Buffer.concat([Buffer.of(0), entry]), 'hex')
      insist(
        leaf === Buffer.from(block.leafHashes).toString('hex', i * 32, i * 32 + 32),
        `entry ${index} is not what its leaf hash says`,
      )
      const receipt = JSON.parse(entry.toString('utf8')) as Receipt
      const parsed = parseReceiptId(receipt.id)
      insist(parsed !== undefined && receipt.task === taskName(parsed.task), `entry ${index} is of no task`)
      insist(
        store.entryOf(parsed.task, parsed.generation) === index,
        `receipt ${receipt.id} is not entered under its own index`,
      )
      insist(
        receipt.previous === (newest.get(receipt.account) ?? null),
        `receipt ${receipt.id} names the wrong one before it`,
      )
      newest.set(receipt.account, receiptIdOf(parsed.task, parsed.generation))
      const count = counts.get(receipt.account) ?? { completed: 0, rejected: 0 }
      count[receipt.verdict === 'rejected' ? 'rejected' : 'completed']++
      counts.set(receipt.account, count)
    }
  }
  for (const payee of store.load().payees) {
    const { completed, rejected } = counts.get(payee.address) ?? { completed: 0, rejected: 0 }
    insist(
      payee.completed === completed &&
        payee.rejected === rejected &&
        payee.latest === (newest.get(payee.address) ?? null),
      `${payee.address} has ${payee.completed} + ${payee.rejected} results, the log ${completed} + ${rejected}`,
    )
  }
  // Opening holds the stored checkpoint against the tree.
  const { log: signer } = await openKeys(dataFolder)
  const { tree } = LogWriter.open(store, signer, store.load().checkpoint)
  for (const checkpoint of seen) {
    insist(
      checkpoint.size <= size,
      `a checkpoint over ${checkpoint.size} entries was shown and the log has ${size}`,
    )
    const root = tree.rootAt(checkpoint.size).toString('base64')
    insist(
      root === checkpoint.root,
      `the checkpoint over ${checkpoint.size} entries had the root ${checkpoint.root}, the log has ${root}`,
    )
  }
}
