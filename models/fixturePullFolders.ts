import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect } from 'vitest'
import type { SourceContext } from './sources/sourceContext.ts'

/** Folders that each test of a file has to itself. */
export interface PullFolders {
  /** Holds the others. */
  root: string
  dataFolder: string
  /** Is not there before something is kept in it. */
  cacheFolder: string
}

/** Makes the folders before each test of the file that calls this, and removes them after it. */
export function pullFolders(): PullFolders {
  const folders: PullFolders = { root: '', dataFolder: '', cacheFolder: '' }
  beforeEach(async () => {
    const root = await mkdtemp(join(tmpdir(), 'opentab-pull-'))
    Object.assign(folders, { root, dataFolder: join(root, 'data'), cacheFolder: join(root, 'cache') })
  })
  afterEach(() => rm(folders.root, { recursive: true, force: true }))
  return folders
}

/** Files of models in a data folder, by SHA-256; none where there is no folder. */
export const storedIn = (dataFolder: string): Promise<string[]> =>
  readdir(join(dataFolder, 'models', 'blobs')).catch(() => [])

/** For what must be had without any source. */
export const nothing: Partial<SourceContext> = {
  fetch: async () => expect.unreachable('a fetch'),
  run: async () => expect.unreachable('a command'),
}
