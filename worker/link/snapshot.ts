import type { TabSnapshot } from './tabApi.ts'
import type { Clock } from './tabEnvironment.ts'

/** Shortest time between two snapshots, ms. */
export const SNAPSHOT_MS = 100

/** What the page shows before the first Start. */
export const offSnapshot: TabSnapshot = {
  state: { name: 'off' },
  tab: null,
  relay: null,
  device: null,
  credits: null,
  session: { microCredits: '0', completed: 0, rejected: 0, startedAt: null },
  current: null,
  tasks: [],
  throughput: [],
  models: [],
  storage: { usedBytes: 0, allowedBytes: 0 },
}

export interface SnapshotFeedOptions {
  clock: Pick<Clock, 'now' | 'after'>
  take(): TabSnapshot
  /** Shows it; settles when the page has it. */
  push(snapshot: TabSnapshot): Promise<void>
}

/** Sends a snapshot after a change, at most ten times a second and never two at once. */
export class SnapshotFeed {
  readonly #options: SnapshotFeedOptions
  #waiting = false
  #pushing = false
  #changed = false
  #pushedAt = Number.NEGATIVE_INFINITY

  constructor(options: SnapshotFeedOptions) {
    this.#options = options
  }

  /** Something to show has changed. */
  changed(): void {
    this.#changed = true
    if (this.#waiting || this.#pushing) return
    const { clock } = this.#options
    this.#waiting = true
    clock.after(Math.max(this.#pushedAt + SNAPSHOT_MS - clock.now(), 0), () => {
      this.#waiting = false
      void this.#push()
    })
  }

  async #push(): Promise<void> {
    const { clock, take, push } = this.#options
    this.#changed = false
    this.#pushing = true
    this.#pushedAt = clock.now()
    try {
      await push(take())
    } finally {
      this.#pushing = false
      if (this.#changed) this.changed()
    }
  }
}
