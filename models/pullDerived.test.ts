import { createHash } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import type { CatalogueEntry } from './catalogue.ts'
import { DEFAULT_TOLERANCE } from './catalogue.ts'
import { topTwoClasses } from './derive/topTwoClasses.ts'
import { entryOf, fileOf, npm, offline } from './fixturePull.ts'
import { nothing, pullFolders, storedIn } from './fixturePullFolders.ts'
import { readManifest } from './manifestStore.ts'
import { buildModel, node, valueInfo } from './onnx/buildModel.ts'
import { pullModel } from './pull.ts'
import type { SourceContext } from './sources/sourceContext.ts'

const folders = pullFolders()

const pull = (entry: CatalogueEntry, context: Partial<SourceContext>, more: { dataFolder?: string } = {}) =>
  pullModel(entry.id, { ...folders, entry, context, ...more })
const stored = () => storedIn(folders.dataFolder)

describe('a graph that is derived from a fetched file', () => {
  const probabilities = buildModel({
    nodes: [node('Softmax', ['x'], ['p'], { axis: 2 })],
    inputs: [valueInfo('x', ['lines', 'steps', 3])],
    outputs: [valueInfo('p', ['lines', 'steps', 3])],
    opset: 9,
  })
  const options = { output: 'p', classes: 3, spaceClass: 2 }
  const made = topTwoClasses(probabilities, options)
  const madeSha256 = createHash('sha256').update(made).digest('hex')
  const plainEntry: CatalogueEntry = {
    ...entryOf([]),
    graphs: [
      { name: 'main', file: fileOf('model.onnx', probabilities, [npm]), tolerance: DEFAULT_TOLERANCE },
    ],
  }
  const ranked = { values: 'values', indices: 'indices', classes: 3 }
  const derivedEntry: CatalogueEntry = {
    ...plainEntry,
    graphs: plainEntry.graphs.map((each) => ({
      ...each,
      derived: { sha256: madeSha256, bytes: made.length, topTwoClasses: options },
      ranked,
    })),
  }
  const source = () => offline([], probabilities)

  it('is made at the pull and kept instead of the file', async () => {
    const { manifest } = await pull(derivedEntry, source())
    expect(await stored()).toEqual([madeSha256])
    expect(manifest.graphs[0]?.shards).toEqual([{ sha256: madeSha256, bytes: made.length }])
    expect(manifest.graphs[0]?.outputs.map(({ name }) => name)).toEqual(['values', 'indices', 'space'])
    expect(manifest.graphs[0]?.ranked).toEqual(ranked)
  })

  it('asks nothing when it is there', async () => {
    const first = await pull(derivedEntry, source())
    await rm(folders.cacheFolder, { recursive: true })
    expect(await pull(derivedEntry, nothing)).toEqual(first)
  })

  it('renews a model that an older catalogue described, from the file that is there', async () => {
    const before = await pull(plainEntry, source())
    await rm(folders.cacheFolder, { recursive: true })
    const after = await pull(derivedEntry, nothing)
    expect(after.hash).not.toBe(before.hash)
    expect(await stored()).toEqual([madeSha256])
    expect(await readManifest(folders.dataFolder, 'tiny')).toEqual(after)
  })

  it('leaves the file where another model needs it', async () => {
    await pull({ ...plainEntry, id: 'other' }, source())
    await pull(derivedEntry, nothing)
    expect(await stored()).toHaveLength(2)
  })

  it('is renewed when only the statement about its ranks is new', async () => {
    const silent = {
      ...derivedEntry,
      graphs: derivedEntry.graphs.map((each) => ({ ...each, ranked: undefined })),
    }
    const before = await pull(silent, source())
    const after = await pull(derivedEntry, nothing)
    expect(after.hash).not.toBe(before.hash)
  })

  it('is not served when it comes out with other bytes than are pinned', async () => {
    const [first] = derivedEntry.graphs
    const wrong = { ...first!, derived: { ...first!.derived!, sha256: 'f'.repeat(64) } }
    await expect(pull({ ...derivedEntry, graphs: [wrong] }, source())).rejects.toMatchObject({
      code: 'wrong_hash',
    })
    expect(await readManifest(folders.dataFolder, 'tiny')).toBeUndefined()
  })

  it('is told as damaged when it is said to rank outputs that it has not', async () => {
    const astray = derivedEntry.graphs.map((each) => ({ ...each, ranked: { ...ranked, values: 'space' } }))
    await pull({ ...derivedEntry, graphs: astray }, source())
    await expect(readManifest(folders.dataFolder, 'tiny')).rejects.toThrow(/ranked/)
  })
})
