import type { TabSnapshot } from './tabApi.ts'
import type { Clock } from './tabEnvironment.ts'

/** Shortest time between two snapshots, ms. */
export const SNAPSHOT_MS = 100
/**
 * And while nothing but figures changes, ms: nobody reads faster, and each costs a layout and a paint, ten a second a
 * fifth of a core where the browser draws in software.
 */
export const FIGURES_MS = 500

export interface SnapshotFeedOptions {
  clock: Pick<Clock, 'now' | 'after'>
  take(): TabSnapshot
  /** Shows it; settles when the page has it. */
  push(snapshot: TabSnapshot): Promise<void>
}

/** Sends a snapshot after a change: at most ten a second, two a second of mere figures, and never two at once. */
export class SnapshotFeed {
  readonly #options: SnapshotFeedOptions
  /** Time from the last snapshot to the next one, ms; Infinity while there is nothing new to show. */
  #intervalMs = Number.POSITIVE_INFINITY
  #pushing = false
  #pushedAt = Number.NEGATIVE_INFINITY
  #callOff: () => void = () => {}

  constructor(options: SnapshotFeedOptions) {
    this.#options = options
  }

  /** Something to show has changed. */
  changed(): void {
    this.#within(SNAPSHOT_MS)
  }

  /** Something has changed that may be shown a little later. */
  figuresChanged(): void {
    this.#within(FIGURES_MS)
  }

  #within(intervalMs: number): void {
    if (intervalMs >= this.#intervalMs) return
    this.#intervalMs = intervalMs
    if (!this.#pushing) this.#wait()
  }

  #wait(): void {
    const { clock } = this.#options
    this.#callOff()
    this.#callOff = clock.after(
      Math.max(this.#pushedAt + this.#intervalMs - clock.now(), 0),
      () => void this.#push(),
    )
  }

  async #push(): Promise<void> {
    const { clock, take, push } = this.#options
    this.#intervalMs = Number.POSITIVE_INFINITY
    this.#pushing = true
    this.#pushedAt = clock.now()
    try {
      await push(take())
    } finally {
      this.#pushing = false
      if (this.#intervalMs < Number.POSITIVE_INFINITY) this.#wait()
    }
  }
}
