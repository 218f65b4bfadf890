import { type ErrorCode, OpentabError } from '../../protocol/errors.ts'
import type { StageRange } from '../../protocol/language.ts'
import { modelBytes, type ServedModel, type Shard, shardsOf, wholeRange } from '../../protocol/manifest.ts'
import type { FailedLoad } from '../../protocol/messages.ts'
import type { CustomTask, KernelTask, Lease, TaskSpec } from '../../protocol/task.ts'
import type { ComputeApi } from '../compute/computeApi.ts'
import { failureOf } from './failureOf.ts'
import { LoadFailures } from './loadFailures.ts'
import type { ModelCatalogue } from './modelCatalogue.ts'
import type { ShardStore } from './shardStore.ts'
import type { CurrentTask, StoredModel } from './tabApi.ts'
import type { Clock } from './tabEnvironment.ts'

export interface ModelLoaderOptions {
  clock: Pick<Clock, 'now' | 'after'>
  store: ShardStore
  catalogue: ModelCatalogue
  /** The list of models that can run, their runs of stages, or those that could not be loaded have changed. */
  readyChanged(): void
  /** The device was lost under a load; the caller then calls `setCompute`. */
  deviceLost(message: string): void
  /** Whether this device reads packed graphs of language models. */
  packed(): boolean
  /** Something to show has changed. */
  changed(): void
}

/** A model that the relay wants here; of a language model the run of stages, null for other models. */
interface Wanted {
  model: ServedModel
  range: StageRange | null
}

const sameRange = (a: StageRange | null | undefined, b: StageRange | null): boolean =>
  a?.first === b?.first && a?.last === b?.last

/** Settles with the promise, or rejects when the signal fires: a killed worker never answers. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(new OpentabError('cancelled', 'The model is not wanted any more.'))
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

/** The run of stages to hold: the one the relay names, else the whole model; null where it is no language model. */
function rangeOf(
  { hash, manifest }: ServedModel,
  ranges: readonly (readonly [string, number, number])[],
): StageRange | null {
  if (!manifest.language) return null
  const named = ranges.find(([model]) => model === hash)
  return named ? { first: named[1], last: named[2] } : wholeRange(manifest.language)
}

/** Makes the models that the relay wants ready to run, one after the other, in the relay's order. */
export class ModelLoader {
  readonly #options: ModelLoaderOptions
  #compute: ComputeApi | null = null
  #wanted: Wanted[] = []
  /** Models whose sessions are there, with their run of stages. */
  readonly #ready = new Map<string, StageRange | null>()
  readonly #failures = new LoadFailures()
  readonly #deleted = new Set<string>()
  #stored: Map<string, number> = new Map()
  #loading: (Wanted & { bytes: number; handedOver: boolean; abort: AbortController }) | null = null
  #callOffRetry: () => void = () => {}

  constructor(options: ModelLoaderOptions) {
    this.#options = options
  }

  /** Hashes of the models that can run now, language models apart. */
  get ready(): string[] {
    return [...this.#ready].filter(([, range]) => range === null).map(([hash]) => hash)
  }

  /** Runs of language models' stages that can run now: [manifest hash, first, last]. */
  get ranges(): [string, number, number][] {
    return [...this.#ready].flatMap(([hash, range]) =>
      range === null ? [] : [[hash, range.first, range.last] as [string, number, number]],
    )
  }

  /** Models that could not be loaded here. */
  get failed(): FailedLoad[] {
    return this.#failures.told
  }

  /** Whether the task's model is here, and of a language model the stages that the task needs. */
  canRun(spec: Exclude<TaskSpec, KernelTask | CustomTask>): boolean {
    const range = this.#ready.get(spec.model)
    if (range === undefined) return false
    if (spec.kind === 'infer') return range === null
    if (range === null) return false
    if (spec.kind === 'stage') return range.first <= spec.first && spec.last <= range.last
    const model = this.#wanted.find(({ model }) => model.hash === spec.model)?.model
    return !!model?.manifest.language && sameRange(range, wholeRange(model.manifest.language))
  }

  /** The model that is being fetched or opened; null when none is. */
  get loading(): { model: string; bytes: number; ofBytes: number } | null {
    if (!this.#loading) return null
    const { model, range, bytes } = this.#loading
    return { model: model.manifest.id, bytes, ofBytes: this.#bytesOf(model, range) }
  }

  /** Names of a task's model (or kernel) and graph, for people; the graph only where there are several. */
  subjectOf(spec: TaskSpec): { subject: string; graph: string | null } {
    if (spec.kind === 'kernel') return { subject: spec.kernel, graph: null }
    if (spec.kind === 'custom') return { subject: spec.subject.slice(0, 12), graph: null }
    const manifest = this.#wanted.find(({ model }) => model.hash === spec.model)?.model.manifest
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
        error: this.#failures.errorOf(hash),
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
      this.#options.readyChanged()
    }
    this.#work()
  }

  /** The relay's whole list of wanted models, in order; `ranges` names the run of stages of language models. */
  want(models: readonly ServedModel[], ranges: readonly (readonly [string, number, number])[] = []): void {
    this.#wanted = models.map((model) => ({ model, range: rangeOf(model, ranges) }))
    this.#failures.listCame(new Set(models.map(({ hash }) => hash)))
    this.#deleted.clear()
    const isWanted = (hash: string, range: StageRange | null): boolean =>
      this.#wanted.some((wanted) => wanted.model.hash === hash && sameRange(wanted.range, range))
    if (this.#loading && !isWanted(this.#loading.model.hash, this.#loading.range)) this.#callOffLoad()
    const unwanted = [...this.#ready].filter(([hash, range]) => !isWanted(hash, range))
    for (const [hash] of unwanted) this.#unload(hash)
    if (unwanted.length > 0) this.#options.readyChanged()
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
      this.#failures.forgetWantOfRoom()
      await this.#refresh()
      this.#work()
    }
    void shrink()
  }

  /** Deletes a model's bytes; it is fetched again when the relay next sends its list. */
  async delete(hash: string): Promise<void> {
    this.#deleted.add(hash)
    this.#failures.forget(hash)
    if (this.#loading?.model.hash === hash) this.#callOffLoad()
    const known = this.#options.catalogue.get(hash)
    if (this.#ready.has(hash)) {
      this.#unload(hash)
      this.#options.readyChanged()
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
    await this.#options.catalogue.remember(this.#wanted, this.#options.packed(), this.#stored).catch(() => {})
    this.#options.changed()
  }

  /** Compute cannot leave off: what it has made of the model by then goes again. */
  #callOffLoad(): void {
    if (!this.#loading) return
    this.#loading.abort.abort()
    if (this.#loading.handedOver) this.#unload(this.#loading.model.hash)
  }

  #unload(hash: string): void {
    this.#ready.delete(hash)
    // A worker that cannot unload is about to be rebuilt anyway.
    this.#compute?.unloadModel(hash).catch(() => {})
  }

  #keep(): Set<string> {
    return new Set(
      this.#wanted.flatMap(({ model, range }) => this.#shardsOf(model, range).map(({ sha256 }) => sha256)),
    )
  }

  #shardsOf({ manifest }: ServedModel, range: StageRange | null): Shard[] {
    return shardsOf(manifest, range ?? undefined, this.#options.packed())
  }

  #bytesOf({ manifest }: ServedModel, range: StageRange | null): number {
    return modelBytes(manifest, range ?? undefined, this.#options.packed())
  }

  /** Epoch ms from which a wanted model may be loaded; Infinity where it is here or not to be fetched. */
  #notBefore({ model: { hash } }: Wanted): number {
    const isSettled = this.#ready.has(hash) || this.#deleted.has(hash)
    return isSettled ? Number.POSITIVE_INFINITY : this.#failures.notBefore(hash)
  }

  #work(): void {
    const { clock } = this.#options
    if (this.#loading || !this.#compute) return
    const now = clock.now()
    const next = this.#wanted.find((wanted) => this.#notBefore(wanted) <= now)
    if (next) {
      void this.#load(next, this.#compute)
      return
    }
    this.#callOffRetry()
    const retryAt = Math.min(...this.#wanted.map((wanted) => this.#notBefore(wanted)))
    if (retryAt < Number.POSITIVE_INFINITY)
      this.#callOffRetry = clock.after(retryAt - now, () => this.#work())
  }

  async #load({ model, range }: Wanted, compute: ComputeApi): Promise<void> {
    const { store, changed, readyChanged } = this.#options
    const abort = new AbortController()
    const loading = { model, range, bytes: 0, handedOver: false, abort }
    this.#loading = loading
    changed()
    try {
      const shards = new Map<string, ArrayBuffer>()
      let before = 0
      for (const shard of this.#shardsOf(model, range)) {
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
      loading.handedOver = true
      await unlessAborted(compute.loadModel(model, shards, range), abort.signal)
      this.#ready.set(model.hash, range)
      this.#failures.forget(model.hash)
    } catch (error) {
      if (!abort.signal.aborted) this.#failed(model.hash, failureOf(error))
    } finally {
      this.#loading = null
      this.#stored = await store.list().catch(() => this.#stored)
      if (this.#ready.has(model.hash)) readyChanged()
      changed()
      this.#work()
    }
  }

  #failed(hash: string, error: { code: ErrorCode; message: string }): void {
    const { clock, deviceLost, readyChanged } = this.#options
    // The session waits with a lost device, and ends at the next one.
    if (error.code === 'device_lost') return deviceLost(error.message)
    this.#failures.add(hash, error, clock.now())
    if (this.#failures.notBefore(hash) === Number.POSITIVE_INFINITY) readyChanged()
  }
}
