import type { OnnxRunner } from '../../../engine/onnx/onnxRunner.ts'
import { modelBytes, type ServedModel } from '../../../protocol/manifest.ts'

/** Memory that sessions take for each byte of their shards: the weights, and a packed copy of most of them. */
const SESSION_BYTES_PER_SHARD_BYTE = 2

export interface ModelCacheOptions {
  runner: Pick<OnnxRunner, 'load' | 'unload'>
  /** Estimated memory of the sessions that stay loaded together, bytes; one model alone may be larger. */
  budgetBytes: number
  readShard(sha256: string): Promise<Uint8Array<ArrayBuffer>>
}

/** Keeps a runner's models within a memory budget; the least recently used goes first. One call at a time. */
export class ModelCache {
  readonly #options: ModelCacheOptions
  /** Estimated bytes by model hash, least recently used first. */
  readonly #loaded = new Map<string, number>()

  constructor(options: ModelCacheOptions) {
    this.#options = options
  }

  /** Hashes of the loaded models, least recently used first. */
  get loaded(): string[] {
    return [...this.#loaded.keys()]
  }

  /**
   * Loads the model where it is not loaded, after making room for it.
   * @throws OpentabError what `load` and `readShard` throw
   */
  async use(model: ServedModel): Promise<void> {
    const known = this.#loaded.get(model.hash)
    if (known !== undefined) {
      this.#loaded.delete(model.hash)
      this.#loaded.set(model.hash, known)
      return
    }
    const { runner, budgetBytes, readShard } = this.#options
    const bytes = modelBytes(model.manifest) * SESSION_BYTES_PER_SHARD_BYTE
    let total = bytes
    for (const each of this.#loaded.values()) total += each
    for (const [hash, each] of this.#loaded) {
      if (total <= budgetBytes) break
      await runner.unload(hash)
      this.#loaded.delete(hash)
      total -= each
    }
    await runner.load(model, readShard)
    this.#loaded.set(model.hash, bytes)
  }
}
