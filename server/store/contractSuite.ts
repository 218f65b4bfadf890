import { describe, expect, it } from 'vitest'
import { MAX_TASKS_PER_JOB } from '../../protocol/limits.ts'
import {
  type Batch,
  emptyBatch,
  type JobEnd,
  type JobRow,
  type LogBlock,
  type Store,
  transferKinds,
} from './store.ts'

const bytes = (...values: number[]): Uint8Array<ArrayBuffer> => Uint8Array.from(values)
const plain = (value: Uint8Array | null | undefined): number[] | null => (value ? [...value] : null)

export const jobRow = (seq: number, changes: Partial<JobRow> = {}): JobRow => ({
  seq,
  secret: `secret-${seq}`,
  requester: 'local',
  kind: 'batch',
  mode: 'background',
  body: bytes(1, 2, 3),
  createdAt: 1_700_000_000_000 + seq,
  ...changes,
})
export const jobEndRow = (seq: number, changes: Partial<JobEnd> = {}): JobEnd => ({
  seq,
  state: 'done',
  answer: '{"a":1}',
  error: null,
  endedAt: 1_700_000_100_000,
  tasks: 1,
  ...changes,
})
const block = (firstIndex: number, count: number, fill = 7): LogBlock => ({
  firstIndex,
  count,
  entries: new Uint8Array(count * 3).fill(fill),
  leafHashes: new Uint8Array(count * 32).fill(fill),
  at: 1_700_000_050_000,
})
const taskOf = (seq: number, index: number): number => seq * MAX_TASKS_PER_JOB + index
const work = (subject: number, microCredits: number, credit = 2) => ({
  kind: transferKinds.work,
  subject,
  debit: 1,
  credit,
  microCredits,
  at: 5,
})

/**
 * What every store must do, as tests.
 * @param open makes an empty store
 */
/** A store whose commits are done when the call returns; the threaded one writes with the same code. */
type DirectStore = Omit<Store, 'commit'> & { commit(batch: Batch): void }

export function storeContract(name: string, open: () => DirectStore): void {
  const opened = (...batches: Partial<Batch>[]): DirectStore => {
    const store = open()
    for (const batch of batches) store.commit({ ...emptyBatch(), ...batch })
    return store
  }
  const commit = (store: DirectStore, batch: Partial<Batch>): void =>
    store.commit({ ...emptyBatch(), ...batch })

  describe(`${name}: the store contract`, () => {
    it('is empty at first', () => {
      const store = open()
      expect(store.load()).toEqual({
        openJobs: [],
        lastJobSeq: 0,
        attempts: [],
        accounts: [],
        payees: [],
        apiKeys: [],
        checkpoint: null,
        logSize: 0,
      })
      expect(store.job(1)).toBeUndefined()
      expect(store.verifiedOf(1)).toEqual([])
      expect(store.workOf(1)).toBe(0)
      expect(store.entryOf(1, 1)).toBeUndefined()
      expect(store.logBlockAt(0)).toBeUndefined()
      expect(store.logTile(0, 0)).toBeUndefined()
      expect(store.meta('a')).toBeUndefined()
      expect(store.signature('r')).toBeUndefined()
      expect(store.recomputeBalances().size).toBe(0)
      expect(store.totals()).toEqual({ tasks: 0, microCredits: 0 })
      expect(store.forget(1e15)).toBe(0)
      store.close()
    })

    it('takes an empty batch', () => {
      const store = opened({})
      expect(store.load().lastJobSeq).toBe(0)
      store.close()
    })

    it('gives open jobs back in their order, whole; ended ones only by number', () => {
      const store = opened(
        { jobs: [jobRow(1), jobRow(2, { mode: 'sync', body: bytes() }), jobRow(3)] },
        { jobEnds: [jobEndRow(1)] },
      )
      const { openJobs, lastJobSeq } = store.load()
      expect(openJobs.map(({ seq, mode, body }) => [seq, mode, plain(body)])).toEqual([
        [2, 'sync', []],
        [3, 'background', [1, 2, 3]],
      ])
      expect(lastJobSeq).toBe(3)
      expect(store.job(1)).toMatchObject({
        ...jobEndRow(1),
        requester: 'local',
        kind: 'batch',
        createdAt: 1_700_000_000_001,
      })
      expect(store.job(3)).toMatchObject({ state: 'open', secret: 'secret-3' })
      store.close()
    })

    it('takes a job and its end in one batch', () => {
      const store = opened({
        jobs: [jobRow(1)],
        jobEnds: [jobEndRow(1, { state: 'failed', answer: null, error: '{}' })],
      })
      expect(store.job(1)).toMatchObject({ state: 'failed', answer: null, error: '{}' })
      expect(store.load().openJobs).toEqual([])
      store.close()
    })

    const doubles: [string, Partial<Batch>][] = [
      ['a job number', { jobs: [jobRow(1)] }],
      ['a verified task', { verified: [{ task: taskOf(1, 0), generation: 9, entry: 5, outputs: null }] }],
      ['a rejection', { rejected: [{ task: taskOf(1, 1), generation: 3, entry: 5 }] }],
      ['a transfer’s business id', { transfers: [work(taskOf(1, 0), 99)] }],
      ['a log block’s first index', { logBlocks: [block(0, 2)] }],
      ['the end of a job that never was', { jobEnds: [jobEndRow(77)] }],
    ]
    it.each(doubles)('refuses %s a second time, and keeps nothing of the whole batch', (_, double) => {
      const store = opened({
        jobs: [jobRow(1)],
        verified: [{ task: taskOf(1, 0), generation: 2, entry: 0, outputs: null }],
        rejected: [{ task: taskOf(1, 1), generation: 3, entry: 1 }],
        transfers: [work(taskOf(1, 0), 7)],
        accounts: [
          { id: 1, name: 'local', balance: -7 },
          { id: 2, name: 'pending:a', balance: 7 },
        ],
        logBlocks: [block(0, 2)],
      })
      const whole: Partial<Batch> = {
        jobs: [jobRow(2)],
        verified: [{ task: taskOf(2, 0), generation: 4, entry: 2, outputs: null }],
        rejected: [{ task: taskOf(2, 1), generation: 4, entry: 3 }],
        attempts: [{ task: taskOf(2, 2), failed: 1, vanished: 0 }],
        transfers: [work(taskOf(2, 0), 7)],
        accounts: [{ id: 1, name: 'local', balance: -14 }],
        logBlocks: [block(2, 2)],
        checkpoint: { size: 4, text: 'four' },
        signatures: [['r', '{}']],
        meta: [['m', '1']],
      }
      const both = Object.fromEntries(
        Object.entries({ ...whole, ...double }).map(([key, rows]) => {
          const [first, second] = [whole[key as 'jobs'], double[key as 'jobs']]
          return [key, first && second ? [...first, ...second] : rows]
        }),
      )
      expect(() => commit(store, both)).toThrow()
      expect(store.job(2)).toBeUndefined()
      expect(store.verifiedOf(2)).toEqual([])
      expect(store.entryOf(taskOf(2, 1), 4)).toBeUndefined()
      expect(store.workOf(2)).toBe(0)
      expect(store.logSize()).toBe(2)
      expect(store.meta('m')).toBeUndefined()
      expect(store.signature('r')).toBeUndefined()
      const { attempts, accounts, checkpoint } = store.load()
      expect([attempts, checkpoint]).toEqual([[], null])
      expect(accounts.find(({ id }) => id === 1)?.balance).toBe(-7)
      // What failed can be tried again, mended.
      commit(store, whole)
      expect(store.workOf(2)).toBe(7)
      store.close()
    })

    it.each([
      ['jobs', { jobs: [jobRow(5), jobRow(5)] }],
      ['transfers', { transfers: [work(1, 1), work(1, 1)] }],
      ['tasks', { verified: [0, 1].map((entry) => ({ task: 1, generation: 1, entry, outputs: null })) }],
    ] as [string, Partial<Batch>][])('refuses the same number twice inside one batch: %s', (_, batch) => {
      const store = open()
      expect(() => commit(store, batch)).toThrow()
      expect(store.load().lastJobSeq).toBe(0)
      expect(store.totals()).toEqual({ tasks: 0, microCredits: 0 })
      store.close()
    })

    it('one subject may have transfers of several kinds and to several accounts', () => {
      const store = opened({
        transfers: [work(1, 5), work(1, 5, 3), { ...work(1, 5), kind: transferKinds.refund }],
      })
      expect(store.transfersOf(1, 10)).toHaveLength(3)
      store.close()
    })

    it('keeps verified tasks by job in the order of their index, with outputs to the byte', () => {
      const store = opened({
        jobs: [2, 3, 4].map((seq) => jobRow(seq)),
        verified: [
          { task: taskOf(3, 2), generation: 8, entry: 1, outputs: bytes(9, 8) },
          { task: taskOf(3, 0), generation: 7, entry: 0, outputs: null },
          { task: taskOf(2, MAX_TASKS_PER_JOB - 1), generation: 1, entry: 2, outputs: null },
          { task: taskOf(4, 0), generation: 1, entry: 3, outputs: bytes() },
        ],
      })
      expect(store.verifiedOf(3).map((row) => ({ ...row, outputs: plain(row.outputs) }))).toEqual([
        { task: taskOf(3, 0), generation: 7, entry: 0, outputs: null },
        { task: taskOf(3, 2), generation: 8, entry: 1, outputs: [9, 8] },
      ])
      expect(store.totals().tasks).toBe(4)
      store.close()
    })

    it('takes a great many rows at once', () => {
      const count = 331
      const store = opened({
        verified: Array.from({ length: count }, (_, i) => ({
          task: taskOf(1, i),
          generation: i,
          entry: i,
          outputs: i % 2 ? bytes(i & 255) : null,
        })),
        transfers: Array.from({ length: count }, (_, i) => work(taskOf(1, i), i)),
      })
      expect(store.verifiedOf(1).map((row) => [row.generation, row.entry, plain(row.outputs)])).toEqual(
        Array.from({ length: count }, (_, i) => [i, i, i % 2 ? [i & 255] : null]),
      )
      expect(store.workOf(1)).toBe((count * (count - 1)) / 2)
      store.close()
    })

    it('gives a job all tasks up to the next job, also those beyond 8192', () => {
      const many = MAX_TASKS_PER_JOB * 3
      const store = opened({
        jobs: [jobRow(1), jobRow(5)],
        verified: [0, many, MAX_TASKS_PER_JOB * 4 - 1, MAX_TASKS_PER_JOB * 4].map((index, entry) => ({
          task: taskOf(1, index),
          generation: 1,
          entry,
          outputs: bytes(entry),
        })),
        attempts: [
          { task: taskOf(1, many + 1), failed: 1, vanished: 0 },
          { task: taskOf(5, 1), failed: 1, vanished: 0 },
        ],
        transfers: [work(taskOf(1, 0), 5), work(taskOf(1, many), 6), work(taskOf(5, 0), 70)],
      })
      expect(store.verifiedOf(1).map(({ task }) => task - taskOf(1, 0))).toEqual([
        0,
        many,
        MAX_TASKS_PER_JOB * 4 - 1,
      ])
      expect([store.workOf(1), store.workOf(5)]).toEqual([11, 70])
      commit(store, { jobEnds: [jobEndRow(1)] })
      expect(store.load().attempts.map(({ task }) => task)).toEqual([taskOf(5, 1)])
      expect(store.forget(1e15)).toBe(1)
      expect(store.verifiedOf(1).map(({ outputs }) => outputs)).toEqual([null, null, null])
      expect(plain(store.verifiedOf(5)[0]!.outputs)).toEqual([3])
      store.close()
    })

    it('leaves out of a job’s work what the operator paid', () => {
      const store = opened({
        jobs: [jobRow(1)],
        accounts: [
          { id: 1, name: 'local', balance: -5 },
          { id: 9, name: 'operator', balance: -6 },
        ],
        transfers: [work(taskOf(1, 0), 5), { ...work(taskOf(1, 1), 6), debit: 9 }],
      })
      expect(store.workOf(1)).toBe(5)
      expect(store.totals().microCredits).toBe(11)
      store.close()
    })

    it('adds up the work of one job, refunds and settlements left out', () => {
      const store = opened({
        jobs: [jobRow(1), jobRow(2)],
        transfers: [
          work(taskOf(1, 0), 5),
          work(taskOf(1, 8191), 6),
          work(taskOf(2, 0), 100),
          { ...work(taskOf(1, 0), 50), kind: transferKinds.settle },
          { ...work(1, 50), kind: transferKinds.refund },
        ],
      })
      expect(store.workOf(1)).toBe(11)
      expect([store.workOf(1, [taskOf(1, 0), taskOf(2, 0)]), store.workOf(1, [])]).toEqual([6, 11])
      expect(store.totals().microCredits).toBe(111)
      store.close()
    })

    it('counts all verified tasks and work over many commits, what failed left out', () => {
      const store = open()
      let tasks = 0
      let microCredits = 0
      for (let seq = 1; seq <= 40; seq++) {
        const count = seq % 4
        commit(store, {
          verified: Array.from({ length: count }, (_, i) => ({
            task: taskOf(seq, i),
            generation: 1,
            entry: tasks + i,
            outputs: null,
          })),
          transfers: [
            ...Array.from({ length: count }, (_, i) => work(taskOf(seq, i), seq)),
            { ...work(seq, 1000), kind: transferKinds.refund },
          ],
        })
        tasks += count
        microCredits += count * seq
        expect(store.totals()).toEqual({ tasks, microCredits })
      }
      expect(() => commit(store, { transfers: [work(taskOf(41, 0), 7), work(taskOf(1, 0), 7)] })).toThrow()
      expect(store.totals()).toEqual({ tasks, microCredits })
      store.openNewLog(null)
      expect(store.totals()).toEqual({ tasks, microCredits })
      store.close()
    })

    it('recomputes balances from the transfers: what leaves one account arrives at another', () => {
      const store = opened({ transfers: [work(1, 5), work(2, 6, 3), { ...work(9, 4), debit: 2, credit: 4 }] })
      expect([...store.recomputeBalances()].sort(([a], [b]) => a - b)).toEqual([
        [1, -11],
        [2, 1],
        [3, 6],
        [4, 4],
      ])
      store.close()
    })

    it('gives an account’s transfers newest first, as many as asked', () => {
      const store = opened({
        transfers: [1, 2, 3].map((subject) => ({ ...work(subject, 1), at: subject * 10 })),
      })
      expect(store.transfersOf(2, 2).map(({ subject }) => subject)).toEqual([3, 2])
      expect(store.transfersOf(5, 2)).toEqual([])
      store.close()
    })

    it('finds the entry of verified and of rejected results by task and generation', () => {
      const store = opened({
        verified: [{ task: 10, generation: 2, entry: 5, outputs: null }],
        rejected: [{ task: 10, generation: 1, entry: 4 }],
      })
      expect([
        store.entryOf(10, 1),
        store.entryOf(10, 2),
        store.entryOf(10, 3),
        store.entryOf(11, 1),
      ]).toEqual([4, 5, undefined, undefined])
      store.close()
    })

    it('replaces attempts, and drops them with the task’s or the job’s end', () => {
      const store = opened(
        {
          jobs: [jobRow(1), jobRow(2)],
          attempts: [0, 1].map((i) => ({ task: taskOf(1, i), failed: 1, vanished: 0 })),
        },
        {
          attempts: [
            { task: taskOf(1, 0), failed: 1, vanished: 4 },
            { task: taskOf(2, 0), failed: 2, vanished: 0 },
          ],
        },
      )
      expect(store.load().attempts.sort((a, b) => a.task - b.task)).toEqual([
        { task: taskOf(1, 0), failed: 1, vanished: 4 },
        { task: taskOf(1, 1), failed: 1, vanished: 0 },
        { task: taskOf(2, 0), failed: 2, vanished: 0 },
      ])
      commit(store, { verified: [{ task: taskOf(1, 0), generation: 1, entry: 0, outputs: null }] })
      commit(store, { jobEnds: [jobEndRow(2, { state: 'failed' })] })
      // Attempts of tasks that ended may stay until their job ends; none of a job that ended may.
      expect(store.load().attempts.some(({ task }) => task === taskOf(2, 0))).toBe(false)
      commit(store, { jobEnds: [jobEndRow(1)] })
      expect(store.load().attempts).toEqual([])
      store.close()
    })

    it('keeps the newest accounts, payees and keys', () => {
      const payee = {
        address: '0xa',
        completed: 1,
        rejected: 0,
        receipts: 1,
        latest: 'r1',
        verifiedSinceReset: 1,
        banned: false,
      }
      const key = { id: 'k', name: 'n', sha256: 'ff', limitMicroCredits: null, createdAt: 1, revokedAt: null }
      const store = opened(
        { accounts: [{ id: 1, name: 'local', balance: 0 }], payees: [payee], apiKeys: [key] },
        {
          accounts: [
            { id: 1, name: 'local', balance: -5 },
            { id: 2, name: 'operator', balance: 2 ** 52 },
          ],
          payees: [{ ...payee, banned: true, latest: null }],
          apiKeys: [{ ...key, limitMicroCredits: 2 ** 50, revokedAt: 9 }],
        },
      )
      const { accounts, payees, apiKeys } = store.load()
      expect(accounts).toEqual([
        { id: 1, name: 'local', balance: -5 },
        { id: 2, name: 'operator', balance: 2 ** 52 },
      ])
      expect(payees).toEqual([{ ...payee, banned: true, latest: null }])
      expect(apiKeys).toEqual([{ ...key, limitMicroCredits: 2 ** 50, revokedAt: 9 }])
      store.close()
    })

    it('gives the log’s blocks by any index in them, and its tiles', () => {
      const store = opened(
        { logBlocks: [block(0, 3, 1)] },
        {
          logBlocks: [block(3, 1, 2)],
          logTiles: [{ level: 0, n: 4, bytes: bytes(5) }],
          checkpoint: { size: 3, text: 't' },
        },
      )
      expect(store.logSize()).toBe(4)
      expect([0, 2, 3].map((index) => store.logBlockAt(index)?.firstIndex)).toEqual([0, 0, 3])
      expect(store.logBlockAt(4)).toBeUndefined()
      const found = store.logBlockAt(3)!
      expect([found.count, plain(found.entries), found.leafHashes.byteLength]).toEqual([1, [2, 2, 2], 32])
      expect(plain(store.logTile(0, 4))).toEqual([5])
      expect([store.logTile(1, 4), store.logTile(0, 5)]).toEqual([undefined, undefined])
      expect(store.load()).toMatchObject({ logSize: 4, checkpoint: { size: 3, text: 't' } })
      store.close()
    })

    it('keeps the newest signature and meta value, and no meta value of which null is the newest', () => {
      const store = opened(
        {
          signatures: [['r', '{"v":1}']],
          meta: [
            ['m', '1'],
            ['n', '1'],
          ],
        },
        {
          signatures: [['r', '{"v":2}']],
          meta: [
            ['m', '2'],
            ['n', null],
          ],
        },
      )
      expect([store.signature('r'), store.meta('m'), store.meta('n')]).toEqual(['{"v":2}', '2', undefined])
      store.close()
    })

    it('forgets inputs and outputs of jobs that ended before, and nothing else', () => {
      const store = opened({
        jobs: [1, 2, 3].map((seq) => jobRow(seq)),
        jobEnds: [jobEndRow(1, { endedAt: 100 }), jobEndRow(2, { endedAt: 200 })],
        verified: [1, 2, 3].map((seq) => ({
          task: taskOf(seq, 0),
          generation: 1,
          entry: seq,
          outputs: bytes(1),
        })),
        transfers: [work(taskOf(1, 0), 5)],
      })
      expect(store.forget(100)).toBe(0)
      expect(store.forget(200)).toBe(1)
      expect(store.forget(200)).toBe(0)
      expect(plain(store.job(1)!.body)).toEqual([])
      expect(store.job(1)).toMatchObject({ state: 'done', answer: null, tasks: 1 })
      expect(store.verifiedOf(1)).toMatchObject([{ generation: 1, entry: 1, outputs: null }])
      for (const seq of [2, 3]) {
        expect(plain(store.job(seq)!.body)).toEqual([1, 2, 3])
        expect(plain(store.verifiedOf(seq)[0]!.outputs)).toEqual([1])
      }
      expect([store.workOf(1), store.entryOf(taskOf(1, 0), 1)]).toEqual([5, 1])
      store.close()
    })

    it('opens a new log: empty, from index 0, the old receipts without an entry', () => {
      const store = opened({
        jobs: [jobRow(1)],
        verified: [{ task: 10, generation: 1, entry: 0, outputs: null }],
        rejected: [{ task: 11, generation: 1, entry: 1 }],
        logBlocks: [block(0, 2)],
        logTiles: [{ level: 0, n: 0, bytes: bytes(1) }],
        checkpoint: { size: 2, text: 'old' },
        signatures: [['r', '{}']],
      })
      store.openNewLog('first')
      expect([store.logSize(), store.meta('log_first_entry'), store.meta('log_base')]).toEqual([
        0,
        'first',
        '2',
      ])
      expect([store.logBlockAt(0), store.logTile(0, 0), store.load().checkpoint]).toEqual([
        undefined,
        undefined,
        null,
      ])
      expect([store.entryOf(10, 1), store.entryOf(11, 1)]).toEqual([undefined, undefined])
      commit(store, {
        verified: [{ task: 12, generation: 1, entry: 1, outputs: null }],
        logBlocks: [block(0, 3, 4)],
        logTiles: [{ level: 0, n: 0, bytes: bytes(2) }],
      })
      expect([store.logSize(), store.entryOf(12, 1), plain(store.logTile(0, 0))]).toEqual([3, 1, [2]])
      expect(store.logBlockAt(2)).toMatchObject({ firstIndex: 0, count: 3 })
      store.openNewLog(null)
      expect([store.logSize(), store.meta('log_base'), store.entryOf(12, 1)]).toEqual([0, '5', undefined])
      store.close()
    })
  })
}
