import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Shard } from '../protocol/manifest.ts'
import { blobsFolderOf } from './blobStore.ts'
import { unusedOf } from './removeUnusedBlobs.ts'

/** Folder of files that no model needs any more, but perhaps the checks of what was computed with one. */
export const removedFolderOf = (dataFolder: string): string => join(dataFolder, 'models', 'removed')

/**
 * Puts those of the given files aside that no model of the data folder needs any more: a relay that runs may have to check
 * results that were made with them. It deletes them after the last of these checks, and what it finds at its start.
 */
export async function setUnusedBlobsAside(dataFolder: string, candidates: readonly Shard[]): Promise<void> {
  const unused = await unusedOf(dataFolder, candidates)
  if (unused.length === 0) return
  await mkdir(removedFolderOf(dataFolder), { recursive: true })
  for (const { sha256 } of unused) {
    const from = join(blobsFolderOf(dataFolder), sha256)
    await rename(from, join(removedFolderOf(dataFolder), sha256)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error
    })
  }
}

/** Deletes what was put aside, but for the files that are still wanted. */
export async function dropRemovedBlobs(
  dataFolder: string,
  isWanted: (sha256: string) => boolean = () => false,
): Promise<void> {
  const folder = removedFolderOf(dataFolder)
  for (const sha256 of await readdir(folder).catch(() => []))
    if (!isWanted(sha256)) await rm(join(folder, sha256), { force: true })
}
