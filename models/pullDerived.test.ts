import { createHash } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CatalogueEntry } from './catalogue.ts'
import { DEFAULT_TOLERANCE } from './catalogue.ts'
import { topTwoClasses } from './derive/topTwoClasses.ts'
import { entryOf, fileOf, npm, offline } from './fixturePull.ts'
import { readManifest } from './manifestStore.ts'
import { buildModel, node, valueInfo } from './onnx/buildModel.ts'
import { pullModel } from './pull.ts'
import type { SourceContext } from './sources/sourceContext.ts'

let folder: string
let dataFolder: string
let cacheFolder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'opentab-pull-'))
  dataFolder = join(folder, 'data')
  cacheFolder = join(folder, 'cache')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const nothing: Partial<SourceContext> = {
  fetch: async () => expect.unreachable('a fetch'),
  run: async () => expect.unreachable('a command'),
}
const pull = (entry: CatalogueEntry, context: Partial<SourceContext>, more: { dataFolder?: string } = {}) =>
  pullModel(entry.id, { dataFolder, cacheFolder, entry, context, ...more })
const stored = () => readdir(join(dataFolder, 'models', 'blobs')).catch(() => [])

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

  it('asks nobody when it is there', async () => {
    const first = await pull(derivedEntry, source())
    await rm(cacheFolder, { recursive: true })
    expect(await pull(derivedEntry, nothing)).toEqual(first)
  })

  it('renews a model that an older catalogue described, from the file that is there', async () => {
    const before = await pull(plainEntry, source())
    await rm(cacheFolder, { recursive: true })
    const after = await pull(derivedEntry, nothing)
    expect(after.hash).not.toBe(before.hash)
    expect(await stored()).toEqual([madeSha256])
    expect(await readManifest(dataFolder, 'tiny')).toEqual(after)
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
    expect(await readManifest(dataFolder, 'tiny')).toBeUndefined()
  })

  it('is told as damaged when it is said to rank outputs that it has not', async () => {
    const astray = derivedEntry.graphs.map((each) => ({ ...each, ranked: { ...ranked, values: 'space' } }))
    await pull({ ...derivedEntry, graphs: astray }, source())
    await expect(readManifest(dataFolder, 'tiny')).rejects.toThrow(/ranked/)
  })
})
