import type { Core } from '../core.ts'

/** Signs and shows a checkpoint after commits that changed the log, at most once a second, and settles what it covers. */
export class CheckpointPublisher {
  readonly #core: Core
  readonly #onSettled: (addresses: readonly string[]) => void
  #cancel: (() => void) | null = null

  constructor(core: Core, onSettled: (addresses: readonly string[]) => void) {
    this.#core = core
    this.#onSettled = onSettled
    core.commit.beforeCommit((batch) => {
      if (batch.logBlocks.length > 0) core.commit.after(() => this.#plan())
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

  /** Publishes now. Only what is committed may be covered, so it runs between turns. */
  publish(): void {
    const { commit, receipts, ledger, clock, store } = this.#core
    if (commit.failed) return
    if (receipts.size !== receipts.writer.size) {
      commit.after(() => this.#plan())
      return
    }
    const checkpoint = receipts.writer.publish(clock.now())
    // Counted over all logs: after a restore the tree is small again, and a size may have settled before.
    const addresses = ledger.settle(Number(store.meta('log_base') ?? 0) + checkpoint.size)
    commit.batch.checkpoint = { ...checkpoint }
    commit.after(() => this.#onSettled(addresses))
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = null
  }
}
