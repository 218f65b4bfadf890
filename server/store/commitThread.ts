import { parentPort, workerData } from 'node:worker_threads'
import { type BatchParcel, unpackBatch } from './batchParcel.ts'
import { SqliteStore } from './sqliteStore.ts'

/** What the thread is told: commit this, or end. */
export type CommitRequest = { parcel: BatchParcel } | { close: true }
/** What it answers: done, or why not (nothing of the batch is kept then). */
export type CommitAnswer = { error: { message: string } | null }

const { file, synchronous } = workerData as { file: string; synchronous: 'FULL' | 'NORMAL' }
const store = new SqliteStore(file, { synchronous })

parentPort!.on('message', (request: CommitRequest) => {
  if ('close' in request) {
    store.close()
    parentPort!.close()
    return
  }
  let error: CommitAnswer['error'] = null
  try {
    store.commit(unpackBatch(request.parcel))
  } catch (thrown) {
    error = { message: thrown instanceof Error ? thrown.message : String(thrown) }
  }
  parentPort!.postMessage({ error } satisfies CommitAnswer)
})
