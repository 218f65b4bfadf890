import { hash, randomBytes } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { OpentabError } from '../../protocol/errors.ts'

/** Immutable bytes by their SHA-256, in files: what requesters upload and outputs too large for JSON. */
export class BlobFolder {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  pathOf(sha256: string): string {
    return `${this.#folder}/${sha256.slice(0, 2)}/${sha256}`
  }

  /** @throws OpentabError `not_found` */
  async read(sha256: string): Promise<Uint8Array<ArrayBuffer>> {
    try {
      return new Uint8Array(await readFile(this.pathOf(sha256)))
    } catch {
      throw new OpentabError('not_found', `There is no blob ${sha256}.`, {
        param: 'blob',
        fix: 'POST /blobs first.',
      })
    }
  }

  /** Writes bytes; durable when it resolves. Nothing stays when it fails. */
  async write(source: Uint8Array): Promise<{ sha256: string; bytes: number }> {
    const sha256 = hash('sha256', source, 'hex')
    const temporary = `${this.#folder}/incoming/${randomBytes(12).toString('hex')}`
    await mkdir(`${this.#folder}/incoming`, { recursive: true })
    try {
      await writeFile(temporary, source, { flush: true })
      await mkdir(`${this.#folder}/${sha256.slice(0, 2)}`, { recursive: true })
      await rename(temporary, this.pathOf(sha256))
      await syncFolder(`${this.#folder}/${sha256.slice(0, 2)}`)
      return { sha256, bytes: source.byteLength }
    } catch (error) {
      await rm(temporary, { force: true })
      throw error
    }
  }

  /** Writes bytes whose hash is known, unless they are here. */
  async keep(bytes: Uint8Array, sha256: string): Promise<string> {
    const there = await stat(this.pathOf(sha256)).catch(() => null)
    if (!there) await this.write(bytes)
    return sha256
  }

  /** Removes blobs that were written before `before`, epoch ms. */
  async forget(before: number): Promise<number> {
    let removed = 0
    for (const shard of await readdir(this.#folder).catch(() => [])) {
      for (const name of await readdir(`${this.#folder}/${shard}`).catch(() => [])) {
        const path = `${this.#folder}/${shard}/${name}`
        if ((await stat(path)).mtimeMs >= before) continue
        await rm(path, { force: true })
        removed++
      }
    }
    return removed
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path)
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
