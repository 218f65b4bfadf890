import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { packBatch, unpackBatch } from './batchParcel.ts'
import { jobRow } from './contractSuite.ts'
import { type Batch, emptyBatch, transferKinds } from './store.ts'
import { ThreadedStore } from './threadedStore.ts'

const folder = mkdtempSync(join(tmpdir(), 'opentab-threaded-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const batch = (): Batch => ({
  ...emptyBatch(),
  jobs: [jobRow(1)],
  verified: [
    { task: 8192, generation: 0xffffffff, entry: 0, outputs: new Uint8Array([1, 2, 3]) },
    { task: 8193, generation: 1, entry: 1, outputs: null },
    { task: 8194, generation: 2, entry: 2, outputs: new Uint8Array(0) },
    { task: 8195, generation: 3, entry: 3, outputs: new Uint8Array([4]) },
  ],
  transfers: [
    {
      kind: transferKinds.work,
      subject: 8192,
      debit: 1,
      credit: 2,
      microCredits: 2 ** 40,
      at: 1_700_000_000_000,
    },
  ],
  logBlocks: [
    { firstIndex: 0, count: 4, entries: new Uint8Array(12), leafHashes: new Uint8Array(128), at: 5 },
  ],
  meta: [['boot', '1']],
})

describe('a batch on its way to the commit thread', () => {
  it('comes out as it went in', () => {
    expect(unpackBatch(structuredClone(packBatch(batch())))).toEqual(batch())
    expect(unpackBatch(packBatch(emptyBatch()))).toEqual(emptyBatch())
  })
})

describe('the threaded store', () => {
  it('sees on its own connection what the thread committed', async () => {
    const store = new ThreadedStore(join(folder, 'a.sqlite'))
    await store.commit(batch())
    expect(store.meta('boot')).toBe('1')
    expect(store.verifiedOf(1).map((row) => row.outputs?.byteLength ?? null)).toEqual([3, null, 0, 1])
    expect(store.logSize()).toBe(4)
    store.close()
    await store.closed()
  })

  it('rejects a batch that the rules refuse, keeps nothing of it, and goes on', async () => {
    const store = new ThreadedStore(join(folder, 'b.sqlite'))
    await store.commit(batch())
    await expect(store.commit({ ...batch(), jobs: [jobRow(2)] })).rejects.toThrow(/UNIQUE/)
    expect(store.job(2)).toBeUndefined()
    await store.commit({ ...emptyBatch(), jobs: [jobRow(2)] })
    expect(store.job(2)?.state).toBe('open')
    store.close()
    await store.closed()
  })
})
