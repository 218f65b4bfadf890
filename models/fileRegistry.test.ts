import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Manifest, ServedModel } from '../protocol/manifest.ts'
import { openRegistry, removeModel } from './fileRegistry.ts'
import { importOnnxBytes } from './importOnnx.ts'
import { manifestHash, manifestsFolderOf, writeManifest } from './manifestStore.ts'
import { buildModel, float32, node, valueInfo } from './onnx/buildModel.ts'
import { removedFolderOf } from './removedBlobs.ts'

let dataFolder: string
beforeEach(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'opentab-registry-'))
})
afterEach(() => rm(dataFolder, { recursive: true, force: true }))

/** `y = x * w`, f32[rows, 3] times f32[3, 5]; `input` and `output` name its ends. */
const product = (input = 'x', output = 'y', columns = 5) =>
  buildModel({
    nodes: [node('MatMul', [input, 'w'], [output])],
    inputs: [valueInfo(input, ['rows', columns === 5 ? 3 : 5])],
    outputs: [valueInfo(output, ['rows', columns])],
    initializers: [
      float32('w', new Array(columns * (columns === 5 ? 3 : 5)).fill(1), [columns === 5 ? 3 : 5, columns]),
    ],
  })
const add = (name: string, bytes = product()) => importOnnxBytes(bytes, { dataFolder, name, source: 'test' })

describe('a registry', () => {
  it('of a folder that does not exist is empty', async () => {
    const registry = await openRegistry(join(dataFolder, 'nowhere'))
    expect(registry.list()).toEqual([])
    expect(registry.unserved()).toEqual([])
  })

  it('finds a model by its name and by its hash, sorted by name', async () => {
    const b = await add('b')
    const a = await add('a')
    const registry = await openRegistry(dataFolder)
    expect(registry.list()).toEqual([a, b])
    expect(registry.byId('a')).toEqual(a)
    expect(registry.byHash(b.hash)).toEqual(b)
    expect(registry.byId('c')).toBeUndefined()
    expect(registry.byHash('0'.repeat(64))).toBeUndefined()
  })

  it('gives the bytes of its models and of nothing else', async () => {
    const { manifest } = await add('a')
    const registry = await openRegistry(dataFolder)
    const sha256 = manifest.graphs[0]?.shards[0]?.sha256 ?? ''
    expect(Buffer.from(await registry.read(sha256))).toEqual(Buffer.from(product()))
    expect(registry.pathOf(sha256)).toBe(join(dataFolder, 'models', 'blobs', sha256))
    for (const other of ['0'.repeat(64), '../manifests/a.json']) {
      expect(registry.pathOf(other)).toBeUndefined()
      await expect(registry.read(other)).rejects.toMatchObject({ code: 'not_found' })
    }
  })

  it('hears of an import and of a removal after a refresh, and not of a refresh without a change', async () => {
    const registry = await openRegistry(dataFolder)
    let changes = 0
    const stop = registry.onChange(() => {
      changes += 1
    })
    await add('a')
    await registry.refresh()
    await registry.refresh()
    expect(changes).toBe(1)
    await removeModel(dataFolder, 'a')
    await registry.refresh()
    expect([changes, registry.list()]).toEqual([2, []])
    stop()
    await add('a')
    await registry.refresh()
    expect(changes).toBe(2)
  })

  it('leaves out a model with a damaged manifest or a file cut short, says why, and serves the others', async () => {
    const good = await add('good')
    const { manifest } = await add('cut', product('x', 'z'))
    const sha256 = manifest.graphs[0]?.shards[0]?.sha256 ?? ''
    await truncate(join(dataFolder, 'models', 'blobs', sha256), 3)
    await writeFile(join(manifestsFolderOf(dataFolder), 'broken.json'), '{"v": 1, "id": "broken"}')
    await writeFile(
      join(manifestsFolderOf(dataFolder), 'other.json'),
      JSON.stringify({ ...good.manifest, id: 'good' }),
    )
    const registry = await openRegistry(dataFolder)
    expect(registry.list()).toEqual([good])
    expect(registry.unserved().map(({ id, reason }) => [id, reason.split('\n')[0]])).toEqual([
      ['broken', expect.stringContaining('cannot be read')],
      ['cut', `its file ${sha256} is missing or has another size`],
      ['other', expect.stringContaining('it describes good')],
    ])
  })

  it('names a model the same however its manifest was written down', async () => {
    const { hash, manifest } = await add('a')
    const shuffled = Object.fromEntries(Object.entries(manifest).reverse())
    await writeFile(join(manifestsFolderOf(dataFolder), 'a.json'), JSON.stringify(shuffled, null, 2))
    expect((await openRegistry(dataFolder)).byId('a')?.hash).toBe(hash)
  })
})

describe('a model that is removed', () => {
  const shardOf = (model: ServedModel): string => model.manifest.graphs[0]!.shards[0]!.sha256
  const aside = (): Promise<string[]> => readdir(removedFolderOf(dataFolder))

  it('is served no longer and read for checks until it is forgotten', async () => {
    const model = await add('a')
    const sha256 = shardOf(model)
    const registry = await openRegistry(dataFolder)
    const { forChecks } = registry
    await removeModel(dataFolder, 'a')
    // Also before the removal is heard of.
    expect(await readFile(forChecks.pathOf(sha256)!)).toEqual(Buffer.from(product()))
    await registry.refresh()
    expect([registry.byHash(model.hash), registry.pathOf(sha256)]).toEqual([undefined, undefined])
    expect([registry.removed(), forChecks.byHash(model.hash)]).toEqual([[model.hash], model])
    expect(await readFile(forChecks.pathOf(sha256)!)).toEqual(Buffer.from(product()))
    const shapes = await forChecks.outputShapesOf(model.hash, 0, new Map([['x', [7, 3]]]))
    expect(shapes).toEqual(new Map([['y', [7, 5]]]))
    await registry.forget(model.hash)
    expect([registry.removed(), forChecks.byHash(model.hash), forChecks.pathOf(sha256)]).toEqual([
      [],
      undefined,
      undefined,
    ])
    expect(await aside()).toEqual([])
  })

  it('is read for checks also where another one of its name took its place', async () => {
    const before = await add('a')
    const registry = await openRegistry(dataFolder)
    const bytes = product('x', 'z')
    const options = { dataFolder, name: 'a', source: 'test', replace: true }
    const after = await importOnnxBytes(bytes, options)
    await registry.refresh()
    expect([registry.list(), registry.removed()]).toEqual([[after], [before.hash]])
    expect(await readFile(registry.forChecks.pathOf(shardOf(before))!)).toEqual(Buffer.from(product()))
  })

  it('keeps what another removed one needs, and what is served again', async () => {
    const [a, b] = [await add('a'), await add('b')]
    const other = await add('other', product('x', 'z'))
    const registry = await openRegistry(dataFolder)
    for (const name of ['a', 'b', 'other']) await removeModel(dataFolder, name)
    await registry.refresh()
    await registry.forget(a.hash)
    expect((await aside()).sort()).toEqual([shardOf(b), shardOf(other)].sort())
    await add('other', product('x', 'z'))
    await registry.refresh()
    expect(registry.removed()).toEqual([b.hash])
    await registry.forget(b.hash)
    expect(await aside()).toEqual([])
    expect(Buffer.from(await registry.read(shardOf(other)))).toEqual(Buffer.from(product('x', 'z')))
  })

  it('is heard of by those who listen, also where nothing else changed', async () => {
    await add('a')
    const registry = await openRegistry(dataFolder)
    const heard: string[][] = []
    registry.onChange(() => heard.push(registry.removed()))
    await removeModel(dataFolder, 'a')
    await registry.refresh()
    await registry.refresh()
    expect(heard).toEqual([registry.removed()])
  })
})

describe('the price of a run', () => {
  it('follows from the input shapes', async () => {
    const { hash } = await add('a')
    const registry = await openRegistry(dataFolder)
    expect(await registry.operationsOf(hash, 0, new Map([['x', [7, 3]]]))).toBe(2 * 7 * 3 * 5)
    expect(await registry.outputShapesOf(hash, 0, new Map([['x', [7, 3]]]))).toEqual(new Map([['y', [7, 5]]]))
  })

  it('of a graph in two shards is that of both, the second one fed by the first', async () => {
    const first = await add('first', product('x', 'middle', 5))
    const second = await add('second', product('middle', 'y', 2))
    const [a, b] = [first.manifest.graphs[0], second.manifest.graphs[0]]
    if (!a || !b) throw new Error('unreachable')
    const manifest: Manifest = {
      ...first.manifest,
      id: 'both',
      graphs: [{ ...a, shards: [...a.shards, ...b.shards], outputs: b.outputs }],
    }
    await writeManifest(dataFolder, manifest)
    const registry = await openRegistry(dataFolder)
    const shapes = new Map([['x', [7, 3]]])
    expect(await registry.operationsOf(manifestHash(manifest), 0, shapes)).toBe(2 * 7 * 3 * 5 + 2 * 7 * 5 * 2)
    expect(await registry.outputShapesOf(manifestHash(manifest), 0, shapes)).toEqual(new Map([['y', [7, 2]]]))
  })

  it('is refused for shapes that do not fit, for a model and for a graph that are not there', async () => {
    const { hash } = await add('a')
    const registry = await openRegistry(dataFolder)
    const of = (model: string, graph: number, shape: number[]) =>
      registry.operationsOf(model, graph, new Map([['x', shape]]))
    await expect(of(hash, 0, [7, 4])).rejects.toMatchObject({ code: 'invalid_value', param: 'x' })
    await expect(of(hash, 1, [7, 3])).rejects.toMatchObject({ code: 'invalid_value', param: 'graph' })
    await expect(of('0'.repeat(64), 0, [7, 3])).rejects.toMatchObject({ code: 'model_not_found' })
  })
})
