import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Shard } from '../protocol/manifest.ts'
import { blobsFolderOf } from './blobStore.ts'
import { blobsOf, manifestIds, readManifest } from './manifestStore.ts'

/** Those of the given files that no model of the data folder needs any more. */
export async function unusedOf(dataFolder: string, candidates: readonly Shard[]): Promise<Shard[]> {
  const needed = new Set<string>()
  for (const id of await manifestIds(dataFolder)) {
    const model = await readManifest(dataFolder, id).catch(() => undefined)
    for (const blob of model ? blobsOf(model.manifest) : []) needed.add(blob.sha256)
  }
  return candidates.filter(({ sha256 }) => !needed.has(sha256))
}

/** Removes those of the given files that no model of the data folder needs any more. */
export async function removeUnusedBlobs(dataFolder: string, candidates: readonly Shard[]): Promise<void> {
  for (const { sha256 } of await unusedOf(dataFolder, candidates))
    await rm(join(blobsFolderOf(dataFolder), sha256), { force: true })
}
