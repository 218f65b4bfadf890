import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openRegistry } from './fileRegistry.ts'
import { type ImportModelOptions, importModel } from './importModel.ts'
import { tinyGguf, writeTinyFolder } from './language/tiny/tinyFiles.ts'
import { tinyModel } from './language/tiny/tinyModel.ts'
import { buildModel, float32, node, valueInfo } from './onnx/buildModel.ts'

let folder: string
let dataFolder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'opentab-import-'))
  dataFolder = join(folder, 'data')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const load = (path: string, options: Partial<ImportModelOptions> = {}) =>
  importModel(path, { dataFolder, name: 'mine', ...options })
async function fileOf(name: string, bytes: Uint8Array): Promise<string> {
  await writeFile(join(folder, name), bytes)
  return join(folder, name)
}
const gguf = () => tinyGguf(tinyModel('qwen2', { format: 'q8_0' }))

/** Three matmuls with a skip over each. */
const ladder = () =>
  buildModel({
    nodes: [0, 1, 2].flatMap((step) => [
      node('MatMul', [step === 0 ? 'x' : `y${step - 1}`, `w${step}`], [`h${step}`]),
      node('Add', [step === 0 ? 'x' : `y${step - 1}`, `h${step}`], [`y${step}`]),
    ]),
    inputs: [valueInfo('x', ['rows', 8])],
    outputs: [valueInfo('y2', ['rows', 8])],
    initializers: [0, 1, 2].map((step) => float32(`w${step}`, new Array(64).fill(0.1), [8, 8])),
  })

describe('what a path is imported as', () => {
  it('a GGUF file, by its ending or by its first bytes', async () => {
    expect((await load(await fileOf('model.gguf', gguf()))).manifest.kind).toBe('chat')
    expect((await load(await fileOf('download', gguf()), { name: 'other' })).manifest.kind).toBe('chat')
  })

  it('a Hugging Face folder', async () => {
    const path = join(folder, 'hf')
    await writeTinyFolder(path, tinyModel('gemma3'))
    expect((await load(path)).manifest.language!.family).toBe('gemma3')
  })

  it('any other file as plain ONNX, in as many parts as are asked for', async () => {
    const whole = await load(await fileOf('model.onnx', ladder()))
    const parts = await load(await fileOf('model.onnx', ladder()), { name: 'parts', stages: 3 })
    expect(parts.manifest.graphs[0]!.shards.length).toBe(3)
    expect(parts.manifest.graphs[0]!.inputs).toEqual(whole.manifest.graphs[0]!.inputs)
    const registry = await openRegistry(dataFolder)
    const shapes = new Map([['x', [5, 8]]])
    expect(await registry.operationsOf(parts.hash, 0, shapes)).toBe(
      await registry.operationsOf(whole.hash, 0, shapes),
    )
    expect(await registry.outputShapesOf(parts.hash, 0, shapes)).toEqual(new Map([['y2', [5, 8]]]))
  })
})

describe('an import is refused', () => {
  const text = (content: string) => new TextEncoder().encode(content)
  const page = text('\n<!DOCTYPE html><html><body>Sign in</body></html>')
  const pointer = text('version https://git-lfs.github.com/spec/v1\noid sha256:aa\nsize 12\n')

  it.each([
    ['a.gguf', page, 'a.gguf is a web page, not a model', '/resolve/'],
    ['a.onnx', page, 'a.onnx is a web page, not a model', '/resolve/'],
    ['b.gguf', pointer, 'b.gguf is a pointer of Git LFS', 'git lfs pull'],
    ['c.gguf', new Uint8Array(0), 'c.gguf is empty', 'Download the file again'],
    [
      'd.onnx',
      text('{"error":"Invalid username"}'),
      'd.onnx is a text, not a model: "{\\"error\\":',
      'GGUF or ONNX',
    ],
    ['README.md', text('# A model\nof mine'), 'README.md is a text', 'GGUF or ONNX'],
    ['e.bin', Uint8Array.of(0x80, 2, 0x8a, 10), 'e.bin is a PyTorch file', 'safetensors'],
    ['f.pt.zip', Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0), 'f.pt.zip is a PyTorch file or an archive', 'unpack'],
    ['g.gguf', Uint8Array.of(1, 2, 3, 4, 5), '"g.gguf" is not a GGUF file', 'ONNX files end in .onnx'],
  ])('of %s that is none', async (name, bytes, message, fix) => {
    await expect(load(await fileOf(name, bytes))).rejects.toMatchObject({
      code: 'model_refused',
      message: expect.stringContaining(message),
      fix: expect.stringContaining(fix),
    })
  })

  /** A model's folder with some files taken away (null) or replaced. */
  async function folderWith(changes: Record<string, Uint8Array | null>): Promise<string> {
    const path = join(folder, 'hf')
    await writeTinyFolder(path, tinyModel('llama'))
    for (const [name, bytes] of Object.entries(changes)) {
      if (bytes === null) await rm(join(path, name))
      else await writeFile(join(path, name), bytes)
    }
    return path
  }
  it.each([
    [
      { 'config.json': null },
      'has no config.json; it holds generation_config.json, model.safetensors,',
      'all files',
    ],
    [{ 'config.json': page }, 'config.json is a web page', '/resolve/'],
    [{ 'config.json': text('{') }, '"config.json" is not valid JSON', 'Download the file again'],
    [{ 'config.json': text('{"model_type":"mamba"}') }, '"mamba"; llama, mistral, qwen2', 'a known family'],
    [{ 'config.json': null, 'x.gguf': text('x') }, 'has no config.json', 'models import '],
    [{ 'model.safetensors': pointer }, 'model.safetensors is a pointer of Git LFS', 'git lfs pull'],
    [{ 'model.safetensors': null }, 'has neither model.safetensors', 'safetensors files'],
    [{ 'tokenizer.json': null }, 'has no tokenizer.json', 'Download it with the weights'],
    [{ 'tokenizer.json': page }, 'tokenizer.json is a web page', '/resolve/'],
  ])('of a folder with %o', async (changes, message, fix) => {
    await expect(load(await folderWith(changes))).rejects.toMatchObject({
      code: 'model_refused',
      message: expect.stringContaining(message),
      fix: expect.stringContaining(fix),
    })
  })

  it('of the folder around the model, the weights alone, and an empty folder', async () => {
    const path = await folderWith({})
    await expect(load(folder)).rejects.toMatchObject({
      fix: expect.stringContaining(`models import ${path}`),
    })
    await expect(load(join(path, 'model.safetensors'))).rejects.toMatchObject({
      message: 'model.safetensors holds the weights alone.',
      fix: expect.stringContaining('Name the folder'),
    })
    await mkdir(join(folder, 'empty'))
    await expect(load(join(folder, 'empty'))).rejects.toMatchObject({
      message: expect.stringContaining('has no config.json; it holds nothing.'),
    })
    expect(await readdir(dataFolder).catch(() => [])).toEqual([])
  })

  it('of a path that is not there', async () => {
    await expect(load(join(folder, 'nowhere'))).rejects.toMatchObject({
      code: 'invalid_value',
      param: 'file',
    })
  })

  it('under the name of a model of the catalogue', async () => {
    const path = await fileOf('model.gguf', gguf())
    await expect(load(path, { name: 'smollm2-135m-instruct' })).rejects.toThrow(
      'name of a model of the catalogue',
    )
  })

  it.each([
    ['shard-mb', { stageBytes: 1e6 }],
    ['quantize', { quantise: 4 as const }],
    ['context', { contextTokens: 10 }],
  ])('of plain ONNX with --%s', async (param, options) => {
    const path = await fileOf('model.onnx', ladder())
    await expect(load(path, options)).rejects.toMatchObject({ code: 'invalid_value', param })
  })

  it('of a language model with a tolerance', async () => {
    const path = await fileOf('model.gguf', gguf())
    await expect(load(path, { tolerance: { rtol: 1, atol: 1 } })).rejects.toMatchObject({ param: 'rtol' })
  })

  it('of more parts than the graph has places for, and then nothing is there', async () => {
    const path = await fileOf('model.onnx', ladder())
    await expect(load(path, { stages: 9 })).rejects.toMatchObject({ code: 'model_refused' })
    expect(await readdir(folder)).toEqual(['model.onnx'])
  })
})
