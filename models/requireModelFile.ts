import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { blobsFolderOf } from './blobStore.ts'
import { catalogueEntry, shardOf } from './catalogue.ts'

const dataFolder = fileURLToPath(new URL('../data', import.meta.url))

/**
 * For tests: the ONNX file of a packaged model's graph, as it is served. Throws with the command that fetches it when it is not there,
 * so that no test passes by not running.
 */
export async function requireModelFile(id: string, graph: string): Promise<Uint8Array<ArrayBuffer>> {
  const found = catalogueEntry(id)?.graphs.find(({ name }) => name === graph)
  if (!found) throw new Error(`the catalogue has no graph ${graph} of ${id}`)
  const path = join(blobsFolderOf(dataFolder), shardOf(found).sha256)
  if (!existsSync(path)) {
    throw new Error(
      `${path} is missing. Fetch it with: npm run opentab -- models pull ${id} (npm test does it by itself).`,
    )
  }
  return new Uint8Array(await readFile(path))
}
