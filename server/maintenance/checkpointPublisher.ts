import type { Core } from '../core.ts'

/**
 * Signs a checkpoint at most once a second while the log grows, and settles what it covers. The checkpoint is stored
 * in one transaction with the entries that it covers first, and shown once that is on disk.
 */
export class CheckpointPublisher {
  readonly #core: Core
  readonly #onSettled: (addresses: readonly string[]) => void
  #cancel: (() => void) | null = null
  #due = false

  constructor(core: Core, onSettled: (addresses: readonly string[]) => void) {
    this.#core = core
    this.#onSettled = onSettled
    core.commit.beforeCommit('checkpoint', (batch) => {
      if (this.#due) this.#sign()
      else if (batch.logBlocks.length > 0) this.#plan()
    })
    if (core.ledger.hasUnsettled || core.receipts.writer.publishDelayMs(core.clock.now()) !== null)
      this.#plan()
  }

  #plan(): void {
    if (this.#cancel) return
    const delayMs = this.#core.receipts.writer.publishDelayMs(this.#core.clock.now()) ?? 0
    this.#cancel = this.#core.clock.after(delayMs, () => {
      this.#cancel = null
      this.publish()
    })
  }

  /** Publishes with the next commit, which it asks for. */
  publish(): void {
    this.#due = true
    this.#core.commit.request()
  }

  #sign(): void {
    const { commit, receipts, ledger, clock, store } = this.#core
    this.#due = false
    const checkpoint = receipts.writer.sign(clock.now())
    commit.batch.checkpoint = { ...checkpoint }
    // Counted over all logs: after a restore the tree is small again, and a size may have settled before.
    const addresses = ledger.settle(Number(store.meta('log_base') ?? 0) + checkpoint.size)
    commit.after(() => {
      receipts.writer.show(checkpoint)
      this.#onSettled(addresses)
    })
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = null
  }
}
