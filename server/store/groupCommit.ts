import { type Batch, emptyBatch, type Store } from './store.ts'

/**
 * Gathers the changes of one event-loop turn and commits them together. What has to wait for the disk (answers,
 * verdicts to tabs) is called after the commit. When a commit fails, memory is ahead of the disk: nothing is
 * acknowledged any more and `onFailure` is told, once; the relay then stops and starts again from the disk.
 */
export class GroupCommit {
  readonly #store: Store
  readonly #onFailure: (error: unknown) => void
  readonly #schedule: (flush: () => void) => void
  #batch: Batch = emptyBatch()
  #afterwards: (() => void)[] = []
  #scheduled = false
  #failed: unknown
  #closed = false
  readonly #beforeCommit: ((batch: Batch) => void)[] = []
  /** Commits made, and the time they took, ms: for metrics. */
  readonly stats = { commits: 0, commitMs: 0 }

  constructor(
    store: Store,
    onFailure: (error: unknown) => void,
    schedule: (flush: () => void) => void = (flush) => setImmediate(flush),
  ) {
    this.#store = store
    this.#onFailure = onFailure
    this.#schedule = schedule
  }

  /** The batch of this turn, to push rows to. */
  get batch(): Batch {
    this.request()
    return this.#batch
  }

  /** Called with each batch just before it is written, e.g. to add the rows of balances that changed. */
  beforeCommit(fill: (batch: Batch) => void): void {
    this.#beforeCommit.push(fill)
  }

  /** Calls back when everything pushed so far is on disk. Never called when the commit fails. */
  after(call: () => void): void {
    this.#afterwards.push(call)
    this.request()
  }

  /** Resolves when everything pushed so far is on disk. */
  durable(): Promise<void> {
    if (this.#failed) return Promise.reject(this.#failed)
    return new Promise((resolve) => this.after(resolve))
  }

  get failed(): boolean {
    return this.#failed !== undefined
  }

  /** Asks for a commit at the end of this turn, for rows that a `beforeCommit` hook adds. */
  request(): void {
    if (this.#scheduled || this.#failed || this.#closed) return
    this.#scheduled = true
    this.#schedule(() => this.flush())
  }

  /** Takes no more: what is pushed from now on is dropped and its calls are never made. For the relay's end. */
  close(): void {
    this.#closed = true
  }

  /** Commits now. Normally called once an event-loop turn, by itself. */
  flush(): void {
    this.#scheduled = false
    if (this.#failed || this.#closed) return
    const batch = this.#batch
    const afterwards = this.#afterwards
    this.#batch = emptyBatch()
    this.#afterwards = []
    try {
      for (const fill of this.#beforeCommit) fill(batch)
      const startedAt = performance.now()
      if (!isEmpty(batch)) {
        this.#store.commit(batch)
        this.stats.commits++
        this.stats.commitMs += performance.now() - startedAt
      }
    } catch (error) {
      this.#failed = error
      this.#onFailure(error)
      return
    }
    for (const call of afterwards) call()
  }
}

const isEmpty = (batch: Batch): boolean =>
  Object.values(batch).every((rows) => rows === null || (Array.isArray(rows) && rows.length === 0))
