import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { OpenSource, SourceContext } from './sourceContext.ts'

/**
 * The download cache: `CACHE/<sha256>` from an earlier download, or `CACHE/<file name>` where a person put the file
 * by hand.
 */
export function openFileSource({ cacheFolder }: SourceContext): OpenSource {
  return {
    async *read(file) {
      for (const name of [file.sha256, file.fileName]) {
        const path = join(cacheFolder, name)
        const found = await stat(path).catch(() => undefined)
        if (!found?.isFile() || found.size !== file.bytes) continue
        yield* createReadStream(path, { highWaterMark: 1 << 20 })
        return
      }
      throw new Error(`not in ${cacheFolder}`)
    },
    async close() {},
  }
}
