import type { ModelRegistry } from '../../models/modelRegistry.ts'
import { modelBytes } from '../../protocol/manifest.ts'
import type { NetworkDocument } from '../../protocol/network.ts'
import type { Core } from '../core.ts'
import { modelHolders } from '../placement/languageHolders.ts'
import type { Totals } from '../store/store.ts'

/** Shortest time between two events of the stream, ms. */
const EVENT_EVERY_MS = 500
const DAY_MS = 86_400_000

/** Makes the network document and tells listeners when it changed. */
export class NetworkFeed {
  readonly #core: Core
  readonly #registry: ModelRegistry
  readonly #relay: { name: string; version: string }
  readonly #listeners = new Set<(document: NetworkDocument) => void>()
  readonly #before: Totals
  #pending = false
  /** Days since 1970, UTC. */
  #day: number
  /** Null on the day of a restart: how many of the tasks before it were of that day is not known. */
  #tasksAtDayStart: number | null
  /** Tasks at the newest change. */
  #tasksSeen: number

  constructor(core: Core, registry: ModelRegistry, relay: { name: string; version: string }) {
    this.#core = core
    this.#registry = registry
    this.#relay = relay
    this.#before = core.store.totals()
    this.#day = Math.floor(core.clock.now() / DAY_MS)
    this.#tasksSeen = core.counters.tasksVerified
    this.#tasksAtDayStart = this.#before.tasks === 0 ? this.#tasksSeen : null
  }

  document(): NetworkDocument {
    const { tabs, queue, counters } = this.#core
    this.#turnDay()
    const names = new Map(this.#registry.list().map((model) => [model.hash, model.manifest.id]))
    const connected = [...tabs.values()].filter((tab) => tab.link !== null)
    return {
      tabs: connected.map((tab) => ({
        id: tab.id,
        address: tab.address,
        deviceClass: tab.deviceClass,
        backend: tab.device.onnxBackend,
        state:
          tab.state === 'ready'
            ? tab.leased.size > 0
              ? 'working'
              : 'idle'
            : tab.state === 'paused'
              ? 'paused'
              : 'leaving',
        models: [...tab.ready, ...tab.ranges.keys()].flatMap((hash) => names.get(hash) ?? []),
        tasks: tab.completed,
      })),
      queue: {
        queued: queue.length,
        leased: [...tabs.values()].reduce((sum, tab) => sum + tab.leased.size, 0),
        kinds: Object.fromEntries(queue.kinds),
      },
      totals: {
        tasks: this.#before.tasks + counters.tasksVerified,
        microCredits: String(this.#before.microCredits + counters.microCredits),
        ...(this.#tasksAtDayStart !== null && {
          tasksToday: counters.tasksVerified - this.#tasksAtDayStart,
        }),
      },
      models: this.#registry.list().map((model) => ({
        id: model.manifest.id,
        bytes: modelBytes(model.manifest),
        ...modelHolders(this.#core, model),
      })),
      verdicts: { ...counters.checks },
      relay: this.#relay,
    }
  }

  /** A new day begins with the tasks that were there at the last change of the day before. */
  #turnDay(): void {
    const day = Math.floor(this.#core.clock.now() / DAY_MS)
    if (day !== this.#day) this.#tasksAtDayStart = this.#tasksSeen
    this.#day = day
    this.#tasksSeen = this.#core.counters.tasksVerified
  }

  /** Something changed; listeners hear of it at most twice a second. */
  touch(): void {
    this.#turnDay()
    if (this.#pending || this.#listeners.size === 0) return
    this.#pending = true
    this.#core.clock.after(EVENT_EVERY_MS, () => {
      this.#pending = false
      if (this.#listeners.size === 0) return
      const document = this.document()
      for (const listener of this.#listeners) listener(document)
    })
  }

  subscribe(listener: (document: NetworkDocument) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}
