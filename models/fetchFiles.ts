import { mkdir } from 'node:fs/promises'
import { OpentabError } from '../protocol/errors.ts'
import { blobsFolderOf, copyBlob, sweepTemporaryFiles, writeBlob } from './blobStore.ts'
import { type CatalogueEntry, filesOf } from './catalogue.ts'
import { defaultCacheFolder, type PullOptions } from './pullOptions.ts'
import type { CatalogueFile } from './sources/catalogueFile.ts'
import { openSource, realContext, sourceName } from './sources/openSource.ts'
import type { OpenSource } from './sources/sourceContext.ts'

/**
 * Takes each missing file from the first of its sources that has the right bytes, into the data folder's store.
 * @throws OpentabError `source_unreachable` with every source and its reason
 */
export async function fetchFiles(
  entry: CatalogueEntry,
  missing: CatalogueFile[],
  options: PullOptions,
): Promise<void> {
  const context = { ...realContext(options.cacheFolder ?? defaultCacheFolder), ...options.context }
  const blobsFolder = blobsFolderOf(options.dataFolder)
  const cached = await mkdir(context.cacheFolder, { recursive: true }).then(
    () => true,
    () => false,
  )
  await Promise.all([blobsFolder, context.cacheFolder].map((folder) => sweepTemporaryFiles(folder)))

  const bytesTotal = filesOf(entry).reduce((sum, file) => sum + file.bytes, 0)
  let bytesBefore = bytesTotal - missing.reduce((sum, file) => sum + file.bytes, 0)
  const opened = new Map<string, Promise<OpenSource>>()
  const open = (name: string, reference: CatalogueFile['sources'][number]) => {
    const source = opened.get(name) ?? openSource(reference, context)
    opened.set(name, source)
    return source
  }

  try {
    for (const file of missing) {
      const failures: string[] = []
      for (const reference of file.sources) {
        const source = sourceName(reference)
        const report = (bytes: number) =>
          options.onProgress?.({ model: entry.id, bytesDone: bytesBefore + bytes, bytesTotal, source })
        try {
          if (reference.kind !== 'file') report(0)
          const content = (await open(source, reference)).read(file, reference)
          if (cached && reference.kind !== 'file') {
            await copyBlob(blobsFolder, file, await writeBlob(context.cacheFolder, file, content, report))
          } else {
            await writeBlob(blobsFolder, file, content, report)
          }
          failures.length = 0
          break
        } catch (error) {
          failures.push(`${source}: ${error instanceof Error ? error.message : String(error)}`)
        }
      }
      if (failures.length > 0) throw unreachable(entry, file, failures, context.cacheFolder)
      bytesBefore += file.bytes
    }
  } finally {
    for (const source of opened.values()) await source.then((it) => it.close()).catch(() => {})
  }
}

const unreachable = (entry: CatalogueEntry, file: CatalogueFile, failures: string[], cacheFolder: string) =>
  new OpentabError(
    'source_unreachable',
    `${file.fileName} of ${entry.id} could not be had. Tried ${failures.join('; ')}.`,
    {
      param: 'model',
      fix: `Check the network, or put the file (SHA-256 ${file.sha256}, ${file.bytes} bytes) into ${cacheFolder} under the name ${file.fileName}.`,
    },
  )
