import { OpentabError } from '../../protocol/errors.ts'
import type { ShardAppender, ShardFiles } from './shardFiles.ts'

const FOLDER = 'opentab-shards'

const isNotFound = (error: unknown): boolean =>
  error instanceof DOMException && error.name === 'NotFoundError'

/** Whether a write failed for want of room. */
const isFull = (error: unknown): boolean =>
  error instanceof DOMException && error.name === 'QuotaExceededError'

/** Shards in the origin-private file system, shared by all tabs of this origin. Works in workers only. */
export class OpfsFiles implements ShardFiles {
  readonly lasting = true
  readonly #folder: FileSystemDirectoryHandle

  private constructor(folder: FileSystemDirectoryHandle) {
    this.#folder = folder
  }

  /** Null where this browser, or this window, has no origin-private file system. */
  static async open(folder = FOLDER): Promise<OpfsFiles | null> {
    try {
      const root = await navigator.storage.getDirectory()
      if (!('createSyncAccessHandle' in FileSystemFileHandle.prototype)) return null
      return new OpfsFiles(await root.getDirectoryHandle(folder, { create: true }))
    } catch {
      return null
    }
  }

  async list(): Promise<Map<string, number>> {
    const files = new Map<string, number>()
    for await (const [name, handle] of this.#folder.entries()) {
      // Another tab may delete a file while this one looks.
      if (handle instanceof FileSystemFileHandle) files.set(name, await this.size(name))
    }
    return files
  }

  async size(name: string): Promise<number> {
    return (await this.#file(name))?.size ?? 0
  }

  async read(name: string): Promise<Uint8Array<ArrayBuffer> | null> {
    const file = await this.#file(name)
    return file && new Uint8Array(await file.arrayBuffer())
  }

  async append(name: string): Promise<ShardAppender> {
    const handle = await this.#folder.getFileHandle(name, { create: true })
    const access = await handle.createSyncAccessHandle()
    let at = access.getSize()
    return {
      write(chunk) {
        let written = 0
        try {
          while (written < chunk.byteLength) {
            const count = access.write(chunk.subarray(written), { at })
            if (count === 0) throw new DOMException('No byte was written.', 'QuotaExceededError')
            written += count
            at += count
          }
        } catch (error) {
          if (!isFull(error)) throw error
          throw new OpentabError(
            'storage_full',
            `The browser’s storage is full after ${at} bytes of ${name.slice(0, 8)}….`,
            {
              cause: error,
            },
          )
        }
      },
      close() {
        access.flush()
        access.close()
      },
    }
  }

  async remove(name: string): Promise<void> {
    try {
      await this.#folder.removeEntry(name)
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }

  async alone<T>(name: string, run: () => Promise<T>): Promise<T> {
    return await navigator.locks.request(`${FOLDER}/${name}`, run)
  }

  async #file(name: string): Promise<File | null> {
    try {
      return await (await this.#folder.getFileHandle(name)).getFile()
    } catch (error) {
      if (isNotFound(error)) return null
      throw error
    }
  }
}
