import type { CatalogueFile, SourceReference } from './catalogueFile.ts'
import type { runCommand } from './runCommand.ts'

/** What a source needs from the world; tests put their own in. */
export interface SourceContext {
  /** Folder of the download cache. */
  cacheFolder: string
  fetch: typeof fetch
  run: typeof runCommand
  connectTimeoutMs: number
}

/** A source that can be read from, e.g. an npm package that was downloaded into a temporary folder. */
export interface OpenSource {
  /** The file's bytes, not yet checked. Throws a plain Error with the reason when they cannot be had. */
  read(file: CatalogueFile, reference: SourceReference): AsyncIterable<Uint8Array>
  /** Told after the file's bytes were checked and stored. */
  stored?(file: CatalogueFile): Promise<void>
  /** Removes what the source put on disk for itself. */
  close(): Promise<void>
}
