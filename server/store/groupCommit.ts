import { type Batch, emptyBatch, type Store } from './store.ts'

/** When a hook is called, in this order. */
const phases = ['entries', 'checkpoint', 'balances'] as const
export type CommitPhase = (typeof phases)[number]

/**
 * Gathers the changes of one event-loop turn and commits them together; while a commit is under way, what comes is
 * gathered for the next one. What has to wait for the disk (answers,
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
  #underWay = false
  #flushAgain = false
  readonly #beforeCommit: Record<CommitPhase, ((batch: Batch) => void)[]> = {
    entries: [],
    checkpoint: [],
    balances: [],
  }
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

  /**
   * Called with each batch just before it is written, phase by phase: the log's entries, then the checkpoint over
   * them, then the balances that all this changed. What a hook pushes belongs to the same batch.
   */
  beforeCommit(phase: CommitPhase, fill: (batch: Batch) => void): void {
    this.#beforeCommit[phase].push(fill)
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

  /** Commits now, or right after the commit that is under way. Normally called once an event-loop turn, by itself. */
  flush(): void {
    this.#scheduled = false
    if (this.#failed || this.#closed) return
    if (this.#underWay) {
      this.#flushAgain = true
      return
    }
    let committing: Promise<void> | null = null
    const startedAt = performance.now()
    let afterwards: (() => void)[] = []
    try {
      // A hook that pushes rows must not ask for one more commit.
      this.#scheduled = true
      for (const phase of phases) for (const fill of this.#beforeCommit[phase]) fill(this.#batch)
      this.#scheduled = false
      const batch = this.#batch
      afterwards = this.#afterwards
      this.#batch = emptyBatch()
      this.#afterwards = []
      if (!isEmpty(batch)) {
        committing = this.#store.commit(batch) ?? null
        this.stats.commits++
      }
    } catch (error) {
      this.#fail(error)
      return
    }
    if (committing === null) {
      this.stats.commitMs += performance.now() - startedAt
      for (const call of afterwards) call()
      return
    }
    this.#underWay = true
    committing.then(
      () => {
        this.#underWay = false
        this.stats.commitMs += performance.now() - startedAt
        for (const call of afterwards) call()
        if (!this.#flushAgain) return
        this.#flushAgain = false
        this.request()
      },
      (error: unknown) => this.#fail(error),
    )
  }

  #fail(error: unknown): void {
    this.#failed = error
    this.#onFailure(error)
  }
}

const isEmpty = (batch: Batch): boolean =>
  Object.values(batch).every((rows) => rows === null || (Array.isArray(rows) && rows.length === 0))
