import { OpentabError } from '../../protocol/errors.ts'
import type { Shard } from '../../protocol/manifest.ts'
import type { KeyValues } from './keyValues.ts'
import type { ShardFiles } from './shardFiles.ts'
import type { ShardSource } from './shardSource.ts'

const USED_KEY = 'opentab-shards-used'

export interface ShardStoreOptions {
  files: ShardFiles
  source: ShardSource
  /** SHA-256, lower-case hex. */
  digest(bytes: Uint8Array<ArrayBuffer>): Promise<string>
  /** Keeps when each shard was last used. */
  keyValues: KeyValues
  now(): number
  /** Most bytes to store. */
  limitBytes: number
}

export interface FetchOptions {
  /** Shards that must stay when room is made. */
  keep: ReadonlySet<string>
  signal: AbortSignal
  /** Bytes of this shard that are here. */
  progress(bytes: number): void
}

const hexOf = (bytes: ArrayBuffer): string =>
  Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('')

/** SHA-256 of bytes, lower-case hex. */
export const sha256Of = async (bytes: Uint8Array<ArrayBuffer>): Promise<string> =>
  hexOf(await crypto.subtle.digest('SHA-256', bytes))

const usedOf = (value: unknown): Record<string, number> =>
  typeof value === 'object' && value !== null
    ? Object.fromEntries(Object.entries(value).filter((entry) => typeof entry[1] === 'number'))
    : {}

/**
 * Model shards on this device, keyed by SHA-256. A file shorter than its shard is a download that broke off and goes
 * on from there. Bytes are hashed when they arrive and at every read.
 */
export class ShardStore {
  readonly #options: ShardStoreOptions
  #limitBytes: number

  constructor(options: ShardStoreOptions) {
    this.#options = options
    this.#limitBytes = options.limitBytes
  }

  get limitBytes(): number {
    return this.#limitBytes
  }

  /** Bytes stored, by SHA-256; downloads that broke off included. */
  list(): Promise<Map<string, number>> {
    return this.#options.files.list()
  }

  /** Waits for a download of the shard that is under way. */
  async delete(sha256: string): Promise<void> {
    await this.#options.files.alone(sha256, () => this.#remove(sha256))
  }

  /** A new limit; the least recently used shards outside `keep` go until the rest fits. */
  async setLimit(limitBytes: number, keep: ReadonlySet<string>): Promise<void> {
    this.#limitBytes = limitBytes
    await this.#makeRoom(0, keep)
  }

  /**
   * The shard's bytes, checked: from this device, else fetched.
   * @throws OpentabError `storage_full`, `wrong_hash`, `source_unreachable`, `not_found`
   */
  get(shard: Shard, options: FetchOptions): Promise<Uint8Array<ArrayBuffer>> {
    if (!/^[0-9a-f]{64}$/.test(shard.sha256)) {
      throw new OpentabError('invalid_value', `${shard.sha256} is not a SHA-256.`, { param: 'sha256' })
    }
    return this.#options.files.alone(shard.sha256, async () => {
      const { files } = this.#options
      const stored = await files.size(shard.sha256)
      if (stored === shard.bytes) {
        const bytes = await this.#checked(shard)
        if (bytes) {
          options.progress(shard.bytes)
          return bytes
        }
      }
      if (stored >= shard.bytes) await files.remove(shard.sha256)
      const resumed = await this.#download(shard, options)
      let bytes = await this.#checked(shard)
      // The part that lay here may have been damaged: once more from the first byte.
      if (!bytes && resumed) {
        await files.remove(shard.sha256)
        await this.#download(shard, options)
        bytes = await this.#checked(shard)
      }
      if (bytes) return bytes
      await this.#remove(shard.sha256)
      throw new OpentabError(
        'wrong_hash',
        `What the relay sent as ${shard.sha256.slice(0, 8)}… has another SHA-256.`,
        { fix: 'Tell the operator of the relay: its copy of the model is damaged.' },
      )
    })
  }

  /** The stored bytes if they are whole and right. */
  async #checked({ sha256, bytes: size }: Shard): Promise<Uint8Array<ArrayBuffer> | null> {
    const bytes = await this.#options.files.read(sha256)
    if (bytes?.byteLength !== size || (await this.#options.digest(bytes)) !== sha256) return null
    const now = this.#options.now()
    await this.#options.keyValues.update(USED_KEY, (old) => ({ ...usedOf(old), [sha256]: now }))
    return bytes
  }

  /** Fetches what is missing; true when it went on from an earlier part. */
  async #download(shard: Shard, { keep, signal, progress }: FetchOptions): Promise<boolean> {
    const { files, source } = this.#options
    let have = await files.size(shard.sha256)
    const resumed = have > 0
    await this.#makeRoom(shard.bytes - have, new Set([...keep, shard.sha256]))
    progress(have)
    const stream = await source(shard.sha256, have, signal)
    if (stream.fromByte < have) {
      await files.remove(shard.sha256)
      have = 0
    }
    const file = await files.append(shard.sha256)
    let full = false
    try {
      for await (const chunk of stream.chunks) {
        have += chunk.byteLength
        if (have > shard.bytes) break
        file.write(chunk)
        progress(have)
      }
    } catch (error) {
      full = error instanceof OpentabError && error.code === 'storage_full'
      if (error instanceof OpentabError) throw error
      throw new OpentabError(
        'source_unreachable',
        `The download of ${shard.sha256.slice(0, 8)}… broke off after ${have} of ${shard.bytes} bytes.`,
        { cause: error, fix: 'It goes on from there by itself.' },
      )
    } finally {
      file.close()
      // A part that can never be completed would only take room.
      if (full) await files.remove(shard.sha256)
    }
    if (have < shard.bytes) {
      throw new OpentabError(
        'source_unreachable',
        `The download of ${shard.sha256.slice(0, 8)}… ended after ${have} of ${shard.bytes} bytes.`,
        { fix: 'It goes on from there by itself.' },
      )
    }
    return resumed
  }

  /** Removes least recently used shards outside `keep` until `bytes` more fit. @throws OpentabError `storage_full` */
  async #makeRoom(bytes: number, keep: ReadonlySet<string>): Promise<void> {
    const stored = await this.list()
    let total = bytes
    for (const size of stored.values()) total += size
    if (total <= this.#limitBytes) return
    const used = usedOf(await this.#options.keyValues.get(USED_KEY))
    const oldestFirst = [...stored.keys()]
      .filter((sha256) => !keep.has(sha256))
      .sort((a, b) => (used[a] ?? 0) - (used[b] ?? 0))
    const gone: string[] = []
    for (const sha256 of oldestFirst) {
      if (total <= this.#limitBytes) break
      try {
        await this.#options.files.remove(sha256)
      } catch {
        // Another tab is writing it: the next one goes instead.
        continue
      }
      gone.push(sha256)
      total -= stored.get(sha256) ?? 0
    }
    await this.#forget(gone)
    if (total > this.#limitBytes && bytes > 0) {
      throw new OpentabError(
        'storage_full',
        `The model needs ${bytes} bytes more, which would make ${total} of ${this.#limitBytes} allowed bytes.`,
      )
    }
  }

  async #remove(sha256: string): Promise<void> {
    await this.#options.files.remove(sha256)
    await this.#forget([sha256])
  }

  async #forget(shards: readonly string[]): Promise<void> {
    if (shards.length === 0) return
    await this.#options.keyValues.update(USED_KEY, (old) => {
      const used = usedOf(old)
      for (const sha256 of shards) delete used[sha256]
      return used
    })
  }
}
