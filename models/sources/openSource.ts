import type { SourceReference } from './catalogueFile.ts'
import { openFileSource } from './fileSource.ts'
import { openHuggingFaceSource } from './huggingFaceSource.ts'
import { openNpmSource } from './npmSource.ts'
import { openPypiSource } from './pypiSource.ts'
import { runCommand } from './runCommand.ts'
import type { OpenSource, SourceContext } from './sourceContext.ts'

/** A source that does not answer within this time is given up, ms. */
export const CONNECT_TIMEOUT_MS = 5_000

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
