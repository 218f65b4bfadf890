import { createHash, randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { OpentabError } from '../protocol/errors.ts'

/** What a byte sequence must be. */
export interface ExpectedBytes {
  sha256: string
  bytes: number
}

export const isSha256 = (text: string): boolean => /^[0-9a-f]{64}$/.test(text)

/** Folder of the content-addressed store inside a data folder. */
export const blobsFolderOf = (dataFolder: string): string => join(dataFolder, 'models', 'blobs')

/** Whether a file of that hash's name and size lies in the folder. The bytes were checked when they were written. */
export async function hasBlob(folder: string, blob: ExpectedBytes): Promise<boolean> {
  const found = await stat(join(folder, blob.sha256)).catch(() => undefined)
  return found?.isFile() === true && found.size === blob.bytes
}

/**
 * Writes `FOLDER/<sha256>` while hashing: into a temporary file, fsync, rename, fsync of the folder. Whatever goes
 * wrong, nothing half-written stays behind.
 * @throws OpentabError `wrong_hash` when the bytes are not the expected ones; stops at the first byte too many
 */
export async function writeBlob(
  folder: string,
  blob: ExpectedBytes,
  content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  onBytes: (bytes: number) => void = () => {},
): Promise<string> {
  await mkdir(folder, { recursive: true })
  const path = join(folder, blob.sha256)
  const temporary = join(folder, `.${blob.sha256}.${randomBytes(6).toString('hex')}.part`)
  const hash = createHash('sha256')
  let written = 0
  try {
    const file = await open(temporary, 'wx', 0o644)
    try {
      for await (const chunk of content) {
        written += chunk.byteLength
        if (written > blob.bytes) break
        hash.update(chunk)
        await file.writeFile(chunk)
        onBytes(written)
      }
      await file.sync()
    } finally {
      await file.close()
    }
    const actual = hash.digest('hex')
    if (written !== blob.bytes || actual !== blob.sha256) {
      const got =
        written > blob.bytes ? `more than ${blob.bytes} bytes` : `${written} bytes with SHA-256 ${actual}`
      throw new OpentabError(
        'wrong_hash',
        `Expected ${blob.bytes} bytes with SHA-256 ${blob.sha256}, got ${got}.`,
      )
    }
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  await syncFolder(folder)
  return path
}

/** Copies a file into the store; the hash is checked on the way. */
export const copyBlob = (
  folder: string,
  blob: ExpectedBytes,
  from: string,
  onBytes?: (bytes: number) => void,
) => writeBlob(folder, blob, createReadStream(from, { highWaterMark: 1 << 20 }), onBytes)

/** Removes temporary files that a killed process left behind. Only older ones: a younger one may be in use. */
export async function sweepTemporaryFiles(folder: string, olderThanMs = 60 * 60_000): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    if (!name.endsWith('.part')) continue
    const path = join(folder, name)
    const found = await stat(path).catch(() => undefined)
    if (found && Date.now() - found.mtimeMs > olderThanMs) await rm(path, { force: true })
  }
}

/** Makes a rename durable. Not every file system lets a folder be opened; then its own ordering has to do. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined)
  if (!handle) return
  await handle.sync().catch(() => {})
  await handle.close()
}

/** A file that was written under a hash that nobody knew before. */
export interface NewBlob extends ExpectedBytes {
  /** Whether the folder had a file with these bytes already. */
  wasThere: boolean
}

/**
 * Writes bytes whose hash is found on the way: temporary file, fsync, rename to `FOLDER/<sha256>`. Whatever goes wrong,
 * nothing half-written stays behind.
 */
export async function writeNewBlob(
  folder: string,
  content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<NewBlob> {
  await mkdir(folder, { recursive: true })
  const temporary = join(folder, `.new.${randomBytes(6).toString('hex')}.part`)
  const hash = createHash('sha256')
  let bytes = 0
  try {
    const file = await open(temporary, 'wx', 0o644)
    try {
      for await (const chunk of content) {
        bytes += chunk.byteLength
        hash.update(chunk)
        await file.writeFile(chunk)
      }
      await file.sync()
    } finally {
      await file.close()
    }
    const blob = { sha256: hash.digest('hex'), bytes }
    const wasThere = await hasBlob(folder, blob)
    await rename(temporary, join(folder, blob.sha256))
    await syncFolder(folder)
    return { ...blob, wasThere }
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}
