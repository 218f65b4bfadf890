import { Worker } from 'node:worker_threads'
import { memoryOf, packBatch } from './batchParcel.ts'
import type { CommitAnswer, CommitRequest } from './commitThread.ts'
import { SqliteStore } from './sqliteStore.ts'
import type { Batch } from './store.ts'

/**
 * The SQLite store whose commits are made by a thread of its own, so that the event loop never waits for the disk.
 * Reads stay here, on a second connection: they see what is committed.
 */
export class ThreadedStore extends SqliteStore {
  readonly #worker: Worker
  #waiting: { resolve: () => void; reject: (error: Error) => void } | null = null
  #closed: Promise<unknown>

  constructor(file: string, { synchronous = 'FULL' }: { synchronous?: 'FULL' | 'NORMAL' } = {}) {
    super(file, { synchronous })
    this.#worker = new Worker(new URL('./commitThread.ts', import.meta.url), {
      workerData: { file, synchronous },
    })
    this.#worker.on('message', ({ error }: CommitAnswer) => this.#settle(error && new Error(error.message)))
    this.#worker.on('error', (error) =>
      this.#settle(error instanceof Error ? error : new Error(String(error))),
    )
    this.#closed = new Promise((resolve) => this.#worker.once('exit', resolve))
    void this.#closed.then(() => this.#settle(new Error('the commit thread ended')))
  }

  #settle(error: Error | null): void {
    const waiting = this.#waiting
    this.#waiting = null
    if (error) waiting?.reject(error)
    else waiting?.resolve()
  }

  /** One at a time: the next call comes after this one's promise. @throws as `Store.commit` */
  override commit(batch: Batch): Promise<void> {
    if (this.#waiting) throw new Error('a commit is under way')
    const parcel = packBatch(batch)
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
      this.#worker.postMessage({ parcel } satisfies CommitRequest, memoryOf(parcel))
    })
  }

  override close(): void {
    this.#worker.postMessage({ close: true } satisfies CommitRequest)
    super.close()
  }

  /** Resolves when the thread has closed its connection. */
  closed(): Promise<unknown> {
    return this.#closed
  }
}
