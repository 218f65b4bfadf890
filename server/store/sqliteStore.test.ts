import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, describe, expect, it } from 'vitest'
import { jobEndRow, jobRow, storeContract } from './contractSuite.ts'
import { checkSqliteVersion, SqliteStore } from './sqliteStore.ts'
import { emptyBatch, transferKinds } from './store.ts'

const folder = mkdtempSync(join(tmpdir(), 'opentab-store-'))
let files = 0
const newFile = (): string => join(folder, `${++files}.sqlite`)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

storeContract('SqliteStore', () => new SqliteStore(newFile()))

const transfer = (subject: number) => ({
  kind: transferKinds.work,
  subject,
  debit: 1,
  credit: 2,
  microCredits: 3,
  at: 4,
})

describe('SqliteStore', () => {
  it('finds what was committed when its file is opened again', () => {
    const file = newFile()
    const store = new SqliteStore(file)
    store.commit({
      ...emptyBatch(),
      jobs: [jobRow(1), jobRow(2)],
      transfers: [transfer(1)],
      meta: [['boot', '3']],
    })
    store.commit({ ...emptyBatch(), jobEnds: [jobEndRow(1)], checkpoint: { size: 0, text: 't' } })
    const before = store.load()
    store.close()
    const again = new SqliteStore(file)
    expect(again.load()).toEqual(before)
    expect([again.meta('boot'), again.job(1)?.state, again.workOf(0)]).toEqual(['3', 'done', 3])
    again.close()
  })

  it('has it on disk when commit returns: another connection sees it, and a copy of the files opens', () => {
    const file = newFile()
    const store = new SqliteStore(file)
    store.commit({ ...emptyBatch(), jobs: [jobRow(1)] })
    const other = new DatabaseSync(file, { readOnly: true })
    expect(other.prepare('SELECT count(*) AS n FROM jobs').get()).toEqual({ n: 1 })
    expect(other.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' })
    other.close()
    store.close()
  })

  it('keeps its place in the log over reopening after a new log was opened', () => {
    const file = newFile()
    const store = new SqliteStore(file)
    const block = { count: 2, entries: new Uint8Array(6), leafHashes: new Uint8Array(64), at: 0 }
    store.commit({ ...emptyBatch(), logBlocks: [{ firstIndex: 0, ...block }] })
    store.openNewLog('note')
    store.commit({ ...emptyBatch(), logBlocks: [{ firstIndex: 0, ...block }] })
    store.close()
    const again = new SqliteStore(file)
    expect([again.logSize(), again.logBlockAt(1)?.firstIndex, again.meta('log_first_entry')]).toEqual([
      2,
      0,
      'note',
    ])
    again.close()
  })

  it('backs up while it is written to: the copy is whole, each commit all or nothing', async () => {
    const store = new SqliteStore(newFile(), { synchronous: 'NORMAL' })
    const fill = (from: number, to: number): void => {
      const seqs = Array.from({ length: to - from }, (_, i) => from + i)
      store.commit({
        ...emptyBatch(),
        jobs: seqs.map((seq) => jobRow(seq, { body: new Uint8Array(20_000) })),
        transfers: seqs.map(transfer),
      })
    }
    fill(1, 500)
    const target = newFile()
    let ended = false
    const backup = store.backup(target)
    const end = (): void => {
      ended = true
    }
    backup.then(end, end)
    for (let seq = 500; !ended && seq < 5000; seq++) {
      fill(seq, seq + 1)
      await new Promise((resolve) => setImmediate(resolve))
    }
    await backup
    const copy = new SqliteStore(target)
    const { openJobs, lastJobSeq } = copy.load()
    expect(openJobs.length).toBeGreaterThanOrEqual(499)
    expect(openJobs.length).toBe(lastJobSeq)
    expect(copy.totals().microCredits).toBe(3 * lastJobSeq)
    copy.close()
    store.close()
  })

  it('counts once what a version before the totals wrote', () => {
    const file = newFile()
    const store = new SqliteStore(file)
    const verified = [1, 2].map((task) => ({ task, generation: 1, entry: task - 1, outputs: null }))
    store.commit({ ...emptyBatch(), verified, transfers: [transfer(1), transfer(2)] })
    store.close()
    const db = new DatabaseSync(file)
    db.exec('DROP TABLE totals; PRAGMA user_version = 1')
    db.close()
    const after = new SqliteStore(file)
    expect(after.totals()).toEqual({ tasks: 2, microCredits: 6 })
    after.commit({ ...emptyBatch(), transfers: [transfer(3)] })
    expect(after.totals()).toEqual({ tasks: 2, microCredits: 9 })
    after.close()
  })

  it('refuses data that a newer version wrote, and leaves it alone', () => {
    const file = newFile()
    new SqliteStore(file).close()
    const db = new DatabaseSync(file)
    db.exec('PRAGMA user_version = 99')
    db.close()
    expect(() => new SqliteStore(file)).toThrow('written by a newer Opentab (schema 99')
    const after = new DatabaseSync(file)
    expect(after.prepare('PRAGMA user_version').get()).toEqual({ user_version: 99 })
    after.close()
  })

  it('refuses an SQLite older than 3.51.3', () => {
    for (const old of ['3.51.2', '3.51', '3.50.9', '3.9.99', '2.99.99'])
      expect(() => checkSqliteVersion(old)).toThrow(`This Node carries SQLite ${old}; 3.51.3 or newer`)
    for (const current of ['3.51.3', '3.51.10', '3.52.0', '4.0.0'])
      expect(() => checkSqliteVersion(current)).not.toThrow()
  })

  it('writes with full synchronisation unless a benchmark asks for less', () => {
    const file = newFile()
    const store = new SqliteStore(file)
    // The setting belongs to the connection, so it is read through the store's own.
    expect(store.synchronous).toBe('FULL')
    store.close()
    const quick = new SqliteStore(file, { synchronous: 'NORMAL' })
    expect(quick.synchronous).toBe('NORMAL')
    quick.close()
  })
})
