import { copyFile, mkdir, mkdtemp, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { projectRoot } from '../../cli/setup/places.mjs'
import { importLanguageModel } from '../../models/language/importLanguageModel.ts'
import { writeTinyFolder } from '../../models/language/tiny/tinyFiles.ts'
import { tinyModel } from '../../models/language/tiny/tinyModel.ts'

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

/** The name of the tiny language model. */
export const TINY = 'tiny'

/**
 * A data folder that serves a language model of three layers of random weights in three stages: it says nothing that
 * means anything, and always the same.
 */
export async function makeTinyLanguageFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'opentab-story-'))
  const source = join(folder, 'source')
  await writeTinyFolder(source, tinyModel('llama'))
  await importLanguageModel(source, { dataFolder: folder, name: TINY, stages: 3 })
  return folder
}
