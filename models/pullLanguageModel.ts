import { join } from 'node:path'
import type { ServedModel } from '../protocol/manifest.ts'
import { blobsFolderOf, hasBlob } from './blobStore.ts'
import type { CatalogueEntry, CatalogueLanguageModel } from './catalogue.ts'
import { fetchFiles } from './fetchFiles.ts'
import { blobsOf, readManifest } from './manifestStore.ts'
import type { PullOptions } from './pullOptions.ts'
import { removeUnusedBlobs } from './removeUnusedBlobs.ts'

/**
 * Makes a language model of the catalogue present: fetches its file, cuts it into stages, and lets the file go. A model
 * that is there as the catalogue pins it costs milliseconds.
 * @throws OpentabError as `pullModel`, and `storage_full`
 */
export async function pullLanguageModel(
  entry: CatalogueEntry,
  { file, stages, sampling, manifestSha256 }: CatalogueLanguageModel,
  options: PullOptions,
): Promise<ServedModel> {
  const { dataFolder } = options
  const blobsFolder = blobsFolderOf(dataFolder)
  const present = await readManifest(dataFolder, entry.id).catch(() => undefined)
  if (present?.hash === manifestSha256 && (await isWhole(blobsFolder, present))) return present
  if (!(await hasBlob(blobsFolder, file))) await fetchFiles(entry, [file], options)
  try {
    const { importLanguageModel } = await import('./language/importLanguageModel.ts')
    return await importLanguageModel(join(blobsFolder, file.sha256), {
      dataFolder,
      name: entry.id,
      replace: true,
      licence: entry.licence,
      source: entry.source,
      stages,
      ...(sampling && { sampling }),
      onProgress: ({ bytesDone, bytesTotal }) =>
        options.onProgress?.({ model: entry.id, bytesDone, bytesTotal, source: 'being cut into stages' }),
    })
  } finally {
    await removeUnusedBlobs(dataFolder, [file])
  }
}

async function isWhole(blobsFolder: string, { manifest }: ServedModel): Promise<boolean> {
  for (const blob of blobsOf(manifest)) if (!(await hasBlob(blobsFolder, blob))) return false
  return true
}
