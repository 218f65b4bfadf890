import { OpentabError } from '../../protocol/errors.ts'
import { modelBytes, type ServedModel, shardsOf } from '../../protocol/manifest.ts'
import type { Lease, TaskSpec } from '../../protocol/task.ts'
import type { ComputeApi } from '../compute/computeApi.ts'
import { failureOf } from './leaseQueue.ts'
import type { ModelCatalogue } from './modelCatalogue.ts'
import type { ShardStore } from './shardStore.ts'
import type { CurrentTask, StoredModel } from './tabApi.ts'
import type { Clock } from './tabEnvironment.ts'

/** First pause after a download that failed, ms; doubled up to the longest. */
export const FIRST_RETRY_MS = 1_000
export const LONGEST_RETRY_MS = 60_000

export interface ModelLoaderOptions {
  clock: Pick<Clock, 'now' | 'after'>
  store: ShardStore
  catalogue: ModelCatalogue
  /** The list of models that can run has changed. */
  readyChanged(hashes: string[]): void
  /** Something to show has changed. */
  changed(): void
}

interface Failure {
  error: { code: string; message: string }
  /** Epoch ms of the next try; null: not again in this session, unless the relay's list or the room changes. */
  retryAt: number | null
  tries: number
}

/** Errors that another try can mend. */
const passing = new Set(['source_unreachable', 'not_found', 'internal'])

/** Settles with the promise, or rejects when the signal fires: a killed worker never answers. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(new OpentabError('cancelled', 'The model is not wanted any more.'))
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

/** Makes the models that the relay wants ready to run, one after the other, in the relay's order. */
export class ModelLoader {
  readonly #options: ModelLoaderOptions
  #compute: ComputeApi | null = null
  #wanted: ServedModel[] = []
  readonly #ready = new Set<string>()
  readonly #failures = new Map<string, Failure>()
  readonly #deleted = new Set<string>()
  #stored: Map<string, number> = new Map()
  #loading: { model: ServedModel; bytes: number; abort: AbortController } | null = null
  #callOffRetry: () => void = () => {}

  constructor(options: ModelLoaderOptions) {
    this.#options = options
  }

  /** Hashes of the models that can run now. */
  get ready(): string[] {
    return [...this.#ready]
  }

  isReady(hash: string): boolean {
    return this.#ready.has(hash)
  }

  /** The model that is being fetched or opened; null when none is. */
  get loading(): { model: string; bytes: number; ofBytes: number } | null {
    if (!this.#loading) return null
    const { model, bytes } = this.#loading
    return { model: model.manifest.id, bytes, ofBytes: modelBytes(model.manifest) }
  }

  /** Names of a task's model (or kernel) and graph, for people; the graph only where there are several. */
  subjectOf(spec: TaskSpec): { subject: string; graph: string | null } {
    if (spec.kind === 'kernel') return { subject: spec.kernel, graph: null }
    const manifest = this.#wanted.find(({ hash }) => hash === spec.model)?.manifest
    if (!manifest) return { subject: this.#options.catalogue.get(spec.model)?.id ?? spec.model, graph: null }
    const graph =
      spec.kind === 'infer' && manifest.graphs.length > 1 ? manifest.graphs[spec.graph]?.name : undefined
    return { subject: manifest.id, graph: graph ?? null }
  }

  /** A lease that runs, for the page. */
  taskOf(running: { lease: Lease; startedAt: number } | null): CurrentTask | null {
    if (!running) return null
    const { lease, startedAt } = running
    return { kind: lease.spec.kind, ...this.subjectOf(lease.spec), startedAt }
  }

  /** Every model with bytes here or wanted here, for the page. */
  models(): StoredModel[] {
    return this.#options.catalogue.list().map(({ hash, id, bytes, shards }) => {
      let storedBytes = 0
      for (const { sha256 } of shards) storedBytes += this.#stored.get(sha256) ?? 0
      const loading = this.#loading?.model.hash === hash ? this.#loading.bytes : 0
      return {
        hash,
        id,
        bytes,
        storedBytes: Math.max(storedBytes, loading),
        ready: this.#ready.has(hash),
        error: this.#failures.get(hash)?.error ?? null,
      }
    })
  }

  /** Bytes stored, those of no known model included. */
  get usedBytes(): number {
    let bytes = 0
    for (const size of this.#stored.values()) bytes += size
    return bytes
  }

  /** The compute worker is there (or gone: null). A new one has no sessions. */
  setCompute(compute: ComputeApi | null): void {
    this.#compute = compute
    this.#loading?.abort.abort()
    if (this.#ready.size > 0) {
      this.#ready.clear()
      this.#options.readyChanged([])
    }
    this.#work()
  }

  /** The relay's whole list of wanted models, in order. */
  want(models: readonly ServedModel[]): void {
    this.#wanted = [...models]
    this.#failures.clear()
    this.#deleted.clear()
    const hashes = new Set(models.map(({ hash }) => hash))
    if (this.#loading && !hashes.has(this.#loading.model.hash)) this.#loading.abort.abort()
    const unwanted = this.ready.filter((hash) => !hashes.has(hash))
    for (const hash of unwanted) this.#unload(hash)
    if (unwanted.length > 0) this.#options.readyChanged(this.ready)
    void this.#refresh().then(() => this.#work())
  }

  /** Finds out what is stored from earlier sessions. */
  async open(): Promise<void> {
    await this.#options.catalogue.load()
    await this.#refresh()
  }

  setStorageLimit(bytes: number): void {
    const shrink = async () => {
      // What cannot be removed now is found too large again at the next download.
      await this.#options.store.setLimit(bytes, this.#keep()).catch(() => {})
      for (const [hash, { error }] of this.#failures) {
        if (error.code === 'storage_full') this.#failures.delete(hash)
      }
      await this.#refresh()
      this.#work()
    }
    void shrink()
  }

  /** Deletes a model's bytes; it is fetched again when the relay next sends its list. */
  async delete(hash: string): Promise<void> {
    this.#deleted.add(hash)
    if (this.#loading?.model.hash === hash) this.#loading.abort.abort()
    const known = this.#options.catalogue.get(hash)
    if (this.#ready.has(hash)) {
      this.#unload(hash)
      this.#options.readyChanged(this.ready)
    }
    const others = new Set<string>()
    for (const model of this.#options.catalogue.list()) {
      if (model.hash !== hash) for (const { sha256 } of model.shards) others.add(sha256)
    }
    for (const { sha256 } of known?.shards ?? []) {
      if (!others.has(sha256)) await this.#options.store.delete(sha256)
    }
    await this.#refresh()
  }

  /** Ends: nothing more is fetched. */
  stop(): void {
    this.#wanted = []
    this.#compute = null
    this.#callOffRetry()
    this.#loading?.abort.abort()
  }

  /** Looks again at what is stored. A browser that will not tell costs the list, not the session. */
  async #refresh(): Promise<void> {
    this.#stored = await this.#options.store.list().catch(() => this.#stored)
    await this.#options.catalogue.remember(this.#wanted, this.#stored).catch(() => {})
    this.#options.changed()
  }

  #unload(hash: string): void {
    this.#ready.delete(hash)
    // A worker that cannot unload is about to be rebuilt anyway.
    this.#compute?.unloadModel(hash).catch(() => {})
  }

  #keep(): Set<string> {
    return new Set(this.#wanted.flatMap(({ manifest }) => shardsOf(manifest).map(({ sha256 }) => sha256)))
  }

  #next(now: number): ServedModel | undefined {
    return this.#wanted.find(({ hash }) => {
      if (this.#ready.has(hash) || this.#deleted.has(hash)) return false
      const failure = this.#failures.get(hash)
      return !failure || (failure.retryAt !== null && failure.retryAt <= now)
    })
  }

  #work(): void {
    const { clock } = this.#options
    if (this.#loading || !this.#compute) return
    const model = this.#next(clock.now())
    if (model) {
      void this.#load(model, this.#compute)
      return
    }
    const retries = [...this.#failures.values()].flatMap(({ retryAt }) => retryAt ?? [])
    this.#callOffRetry()
    if (retries.length === 0) return
    this.#callOffRetry = clock.after(Math.max(Math.min(...retries) - clock.now(), 0), () => this.#work())
  }

  async #load(model: ServedModel, compute: ComputeApi): Promise<void> {
    const { store, changed, readyChanged, clock } = this.#options
    const abort = new AbortController()
    const loading = { model, bytes: 0, abort }
    this.#loading = loading
    changed()
    try {
      const shards = new Map<string, ArrayBuffer>()
      let before = 0
      for (const shard of shardsOf(model.manifest)) {
        const bytes = await store.get(shard, {
          keep: this.#keep(),
          signal: abort.signal,
          progress: (have) => {
            loading.bytes = before + have
            changed()
          },
        })
        abort.signal.throwIfAborted()
        before += shard.bytes
        shards.set(shard.sha256, bytes.buffer)
      }
      await unlessAborted(compute.loadModel(model, shards), abort.signal)
      this.#ready.add(model.hash)
      this.#failures.delete(model.hash)
    } catch (error) {
      if (!abort.signal.aborted) this.#failed(model.hash, failureOf(error), clock.now())
    } finally {
      this.#loading = null
      this.#stored = await store.list().catch(() => this.#stored)
      if (this.#ready.has(model.hash)) readyChanged(this.ready)
      changed()
      this.#work()
    }
  }

  #failed(hash: string, error: { code: string; message: string }, now: number): void {
    const tries = (this.#failures.get(hash)?.tries ?? 0) + 1
    const waitMs = Math.min(FIRST_RETRY_MS * 2 ** (tries - 1), LONGEST_RETRY_MS)
    this.#failures.set(hash, { error, tries, retryAt: passing.has(error.code) ? now + waitMs : null })
  }
}
