import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { OpentabError } from '../protocol/errors.ts'
import { openRegistry, removeModel } from './fileRegistry.ts'
import { hostileModels } from './hostileModels.ts'
import { importOnnx, importOnnxBytes } from './importOnnx.ts'
import { buildModel, float32, node, valueInfo } from './onnx/buildModel.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'opentab-import-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const fresh = () => mkdtemp(join(folder, 'data-'))
const scale = (by: number) =>
  buildModel({
    nodes: [node('Mul', ['x', 'by'], ['y'])],
    initializers: [float32('by', [by], [])],
    inputs: [valueInfo('x', ['batch', 3])],
    outputs: [valueInfo('y', ['batch', 3])],
  })
const onDisk = async (bytes: Uint8Array) => {
  const path = join(await fresh(), 'model.onnx')
  await writeFile(path, bytes)
  return path
}
const refusalOf = async (work: Promise<unknown>): Promise<OpentabError> => {
  const error = await work.then(
    () => new Error('it was taken'),
    (reason: unknown) => reason,
  )
  if (!(error instanceof OpentabError)) throw error
  return error
}

describe('a hostile file is refused with its reason and leaves nothing behind', () => {
  it('is tried with more than twenty of them, each with a name of its own', () => {
    expect(hostileModels.length).toBeGreaterThan(20)
    expect(new Set(hostileModels.map(({ name }) => name)).size).toBe(hostileModels.length)
  })

  it.for(hostileModels)('$name', async ({ bytes, reason }) => {
    const dataFolder = await fresh()
    const error = await refusalOf(importOnnxBytes(bytes(), { dataFolder, name: 'hostile', source: 'test' }))
    expect(error.code).toBe('model_refused')
    expect(error.message).toMatch(reason)
    expect(await readdir(dataFolder)).toEqual([])
  })

  it('a folder', async () => {
    const error = await refusalOf(importOnnx(folder, { dataFolder: await fresh(), name: 'hostile' }))
    expect(error).toMatchObject({ code: 'model_refused', message: expect.stringContaining('is not a file') })
  })

  it('a device', async () => {
    const error = await refusalOf(importOnnx('/dev/null', { dataFolder: await fresh(), name: 'hostile' }))
    expect(error.code).toBe('model_refused')
  })

  it('a file that is not there', async () => {
    const error = await refusalOf(
      importOnnx(join(folder, 'nothing.onnx'), { dataFolder: await fresh(), name: 'hostile' }),
    )
    expect(error).toMatchObject({ code: 'invalid_value', param: 'file' })
  })

  it('every cut of a good file', async () => {
    const good = scale(2)
    for (let length = 0; length < good.length; length++) {
      const error = await refusalOf(
        importOnnxBytes(good.slice(0, length), { dataFolder: folder, name: 'hostile', source: 'test' }),
      )
      expect(error.code, `cut at ${length}`).toBe('model_refused')
    }
  })
})

describe('names', () => {
  it.for(['', 'Upper', 'with space', '../escape', 'a/b', '.hidden', 'ä', 'n'.repeat(65), 'a\n'])(
    '%j is refused',
    async (name) => {
      const error = await refusalOf(importOnnxBytes(scale(2), { dataFolder: folder, name, source: 'test' }))
      expect(error).toMatchObject({ code: 'invalid_value', param: 'name' })
    },
  )

  it.for(['a', 'my.model_2-x', 'n'.repeat(64)])('%j is taken', async (name) => {
    const model = await importOnnxBytes(scale(2), { dataFolder: await fresh(), name, source: 'test' })
    expect(model.manifest.id).toBe(name)
  })

  it('of the catalogue are kept for the catalogue', async () => {
    const error = await refusalOf(
      importOnnxBytes(scale(2), { dataFolder: folder, name: 'pp-ocrv4', source: 'test' }),
    )
    expect(error).toMatchObject({ code: 'invalid_value', param: 'name' })
  })
})

describe('an imported model', () => {
  it('says what it takes and gives, with its free dimensions by name and the tolerance', async () => {
    const { manifest } = await importOnnx(await onDisk(scale(2)), {
      dataFolder: await fresh(),
      name: 'scale',
      tolerance: { rtol: 0.5, atol: 0 },
    })
    expect(manifest).toMatchObject({
      kind: 'onnx',
      source: 'imported from model.onnx',
      graphs: [
        {
          name: 'main',
          inputs: [{ name: 'x', datatype: 'FP32', shape: ['batch', 3] }],
          outputs: [{ name: 'y', datatype: 'FP32', shape: ['batch', 3] }],
          tolerance: { rtol: 0.5, atol: 0 },
        },
      ],
    })
  })

  it('gets names for dimensions and shapes that the file leaves open', async () => {
    const bytes = buildModel({
      nodes: [node('Relu', ['x'], ['y'])],
      inputs: [valueInfo('x', ['', 3])],
      outputs: [valueInfo('y', null)],
    })
    const { manifest } = await importOnnxBytes(bytes, {
      dataFolder: await fresh(),
      name: 'open',
      source: 'test',
    })
    expect(manifest.graphs[0]?.inputs[0]?.shape).toEqual(['x_0', 3])
    expect(manifest.graphs[0]?.outputs[0]?.shape).toEqual(['y_0', 'y_1'])
  })

  it('has the tolerance 1e-3, 1e-4 when none is given, and refuses one that is no number', async () => {
    const dataFolder = await fresh()
    const { manifest } = await importOnnxBytes(scale(2), { dataFolder, name: 'scale', source: 'test' })
    expect(manifest.graphs[0]?.tolerance).toEqual({ rtol: 1e-3, atol: 1e-4 })
    const broken = importOnnxBytes(scale(2), {
      dataFolder,
      name: 'scale',
      source: 'test',
      tolerance: { rtol: Number.NaN, atol: 0 },
    })
    expect(await refusalOf(broken)).toMatchObject({ code: 'invalid_value', param: 'rtol' })
  })

  it('does not change when the same file is imported again', async () => {
    const dataFolder = await fresh()
    const path = await onDisk(scale(2))
    const first = await importOnnx(path, { dataFolder, name: 'scale' })
    expect((await importOnnx(path, { dataFolder, name: 'scale' })).hash).toBe(first.hash)
  })

  it('is not replaced by other bytes of the same name unless that is asked for; then the old bytes go', async () => {
    const dataFolder = await fresh()
    const first = await importOnnxBytes(scale(2), { dataFolder, name: 'scale', source: 'test' })
    const second = importOnnxBytes(scale(3), { dataFolder, name: 'scale', source: 'test' })
    expect(await refusalOf(second)).toMatchObject({
      code: 'invalid_value',
      fix: expect.stringContaining('--replace'),
    })
    const replaced = await importOnnxBytes(scale(3), {
      dataFolder,
      name: 'scale',
      source: 'test',
      replace: true,
    })
    expect(replaced.hash).not.toBe(first.hash)
    const shards = replaced.manifest.graphs[0]?.shards.map(({ sha256 }) => sha256)
    expect(await readdir(join(dataFolder, 'models', 'blobs'))).toEqual(shards)
  })

  it('shares its bytes with a model of another name, and they stay until both are removed', async () => {
    const dataFolder = await fresh()
    const { manifest } = await importOnnxBytes(scale(2), { dataFolder, name: 'one', source: 'test' })
    await importOnnxBytes(scale(2), { dataFolder, name: 'two', source: 'test' })
    const sha256 = manifest.graphs[0]?.shards[0]?.sha256 ?? ''
    expect(await removeModel(dataFolder, 'one')).toBe(true)
    const registry = await openRegistry(dataFolder)
    expect(Buffer.from(await registry.read(sha256))).toEqual(Buffer.from(scale(2)))
    expect(await removeModel(dataFolder, 'two')).toBe(true)
    expect(await removeModel(dataFolder, 'two')).toBe(false)
    expect(await readdir(join(dataFolder, 'models', 'blobs'))).toEqual([])
  })

  it('is written as canonical JSON whose SHA-256 is its hash', async () => {
    const dataFolder = await fresh()
    const { hash } = await importOnnxBytes(scale(2), { dataFolder, name: 'scale', source: 'test' })
    const written = await readFile(join(dataFolder, 'models', 'manifests', 'scale.json'))
    const digest = await crypto.subtle.digest('SHA-256', written)
    expect(Buffer.from(digest).toString('hex')).toBe(hash)
    expect(Object.keys(JSON.parse(written.toString()))).toEqual([
      'files',
      'graphs',
      'id',
      'kind',
      'licence',
      'source',
      'v',
    ])
  })
})
