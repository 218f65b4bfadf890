import { copyFile, mkdir, mkdtemp, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { projectRoot } from '../../cli/setup/places.mjs'

/** The data folder where set-up puts the packaged models. */
export const modelsFrom = resolve(projectRoot, process.env.OPENTAB_DATA || 'data')

export type PackagedModel = 'pp-ocrv4' | 'all-minilm-l6-v2'

/** An empty data folder that serves the given models; their bytes are linked, not copied. */
export async function makeDataFolder(models: readonly PackagedModel[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'opentab-story-'))
  const manifests = join(folder, 'models', 'manifests')
  await mkdir(manifests, { recursive: true })
  await symlink(join(modelsFrom, 'models/blobs'), join(folder, 'models/blobs'))
  for (const model of models) {
    await copyFile(join(modelsFrom, 'models/manifests', `${model}.json`), join(manifests, `${model}.json`))
  }
  return folder
}
