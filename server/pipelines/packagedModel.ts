import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { blobsFolderOf } from '../../models/blobStore.ts'
import { readManifest } from '../../models/manifestStore.ts'
import { OpentabError } from '../../protocol/errors.ts'
import type { FlowOptions } from './modelParts.ts'

/**
 * A model that set-up has put into the project's data folder: for tests and benchmarks that run without a relay.
 * @throws OpentabError `model_not_found` when set-up has not run
 */
export async function packagedModel(id: string): Promise<FlowOptions> {
  const dataFolder = process.env.OPENTAB_DATA ?? fileURLToPath(new URL('../../data', import.meta.url))
  const model = await readManifest(dataFolder, id)
  if (!model) {
    throw new OpentabError('model_not_found', `The model ${id} is not in ${dataFolder}.`, {
      fix: `Run \`npm test\`, which fetches it first, or \`npm run opentab -- models pull ${id}\`.`,
    })
  }
  return {
    model,
    readFile: async (sha256) => new Uint8Array(await readFile(join(blobsFolderOf(dataFolder), sha256))),
  }
}
