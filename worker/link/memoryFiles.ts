import type { ShardAppender, ShardFiles } from './shardFiles.ts'

/** Shards in memory: for browsers without OPFS, private windows, and tests. Gone with the tab. */
export class MemoryFiles implements ShardFiles {
  readonly lasting = false
  readonly #files = new Map<string, Uint8Array<ArrayBuffer>>()
  readonly #queues = new Map<string, Promise<unknown>>()

  async list(): Promise<Map<string, number>> {
    return new Map([...this.#files].map(([name, bytes]) => [name, bytes.byteLength]))
  }

  async size(name: string): Promise<number> {
    return this.#files.get(name)?.byteLength ?? 0
  }

  async read(name: string): Promise<Uint8Array<ArrayBuffer> | null> {
    return this.#files.get(name)?.slice() ?? null
  }

  async append(name: string): Promise<ShardAppender> {
    const chunks: Uint8Array[] = [this.#files.get(name) ?? new Uint8Array()]
    return {
      write: (chunk) => {
        chunks.push(chunk.slice())
      },
      close: () => {
        const whole = new Uint8Array(chunks.reduce((bytes, chunk) => bytes + chunk.byteLength, 0))
        let at = 0
        for (const chunk of chunks) {
          whole.set(chunk, at)
          at += chunk.byteLength
        }
        this.#files.set(name, whole)
      },
    }
  }

  async remove(name: string): Promise<void> {
    this.#files.delete(name)
  }

  alone<T>(name: string, run: () => Promise<T>): Promise<T> {
    const turn = (this.#queues.get(name) ?? Promise.resolve()).then(run)
    this.#queues.set(
      name,
      turn.catch(() => {}),
    )
    return turn
  }
}
