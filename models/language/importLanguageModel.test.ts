import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { PackFormat } from '../../protocol/weights/packBlocks.ts'
import { decodeWeightFile } from '../../protocol/weights/weightFile.ts'
import { blobsFolderOf } from '../blobStore.ts'
import { openRegistry, removeModel } from '../fileRegistry.ts'
import { blobsOf, manifestsFolderOf, readManifest } from '../manifestStore.ts'
import { dropRemovedBlobs } from '../removedBlobs.ts'
import { importLanguageModel, type LanguageImportOptions } from './importLanguageModel.ts'
import { tinyFolder, tinyGguf, writeTinyFolder } from './tiny/tinyFiles.ts'
import { type TinyKind, tinyModel } from './tiny/tinyModel.ts'
import { weightsRoot } from './weightsRoot.ts'

/** Bytes that may still be written to the disk of the tests; the next one past them fails as a full disk does. */
const disk = vi.hoisted(() => ({ bytesLeft: Number.POSITIVE_INFINITY }))

vi.mock('node:fs/promises', async (original) => {
  const fs = await original<typeof import('node:fs/promises')>()
  const open: typeof fs.open = async (...args) => {
    const file = await fs.open(...args)
    const write = file.writeFile.bind(file)
    file.writeFile = async (data, options) => {
      disk.bytesLeft -= typeof data === 'string' ? data.length : (data as Uint8Array).byteLength
      if (disk.bytesLeft < 0) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
      return write(data, options)
    }
    return file
  }
  return { ...fs, open }
})

let folder: string
let dataFolder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'opentab-lm-'))
  dataFolder = join(folder, 'data')
})
afterEach(async () => {
  disk.bytesLeft = Number.POSITIVE_INFINITY
  await rm(folder, { recursive: true, force: true })
})

const load = (path: string, options: Partial<LanguageImportOptions> = {}) =>
  importLanguageModel(path, { dataFolder, name: 'tiny', ...options })

async function gguf(kind: TinyKind = 'llama', format: PackFormat = 'q8_0', seed?: number): Promise<string> {
  const path = join(folder, `${kind}-${format}-${seed}.gguf`)
  await writeFile(path, tinyGguf(tinyModel(kind, { format, seed })))
  return path
}

async function huggingFace(change: (files: Map<string, Uint8Array>) => void = () => {}): Promise<string> {
  const path = join(folder, 'hf')
  const files = tinyFolder(tinyModel('qwen3'))
  await writeTinyFolder(path, tinyModel('qwen3'))
  const before = new Set(files.keys())
  change(files)
  for (const name of before) await rm(join(path, name))
  for (const [name, bytes] of files) await writeFile(join(path, name), bytes)
  return path
}

const text = (value: unknown): Uint8Array =>
  new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value))
const everything = async () =>
  (await readdir(dataFolder, { recursive: true, withFileTypes: true }).catch(() => []))
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name)
    .sort()
const blob = async (sha256: string) => new Uint8Array(await readFile(join(blobsFolderOf(dataFolder), sha256)))

describe('an imported language model', () => {
  it('has a manifest that says what it is, with every file beside it', async () => {
    const { hash, manifest } = await load(await gguf())
    const read = await readManifest(dataFolder, 'tiny')
    expect(read).toEqual({ hash, manifest })
    expect(manifest).toMatchObject({ kind: 'chat', graphs: [], licence: 'apache-2.0' })
    const { stages, ...language } = manifest.language!
    expect(language).toMatchObject({
      family: 'llama', layers: 3, width: 64, heads: 4, kvHeads: 2, headSize: 16, feedForward: 96, vocabulary: 300,
      contextTokens: 256, embeddingScale: 1, windows: [null, null, null], hidden: 'f32', measured: null,
      layerMultiplyAdds: new Array(3).fill(64 * 64 * 2 + 2 * 64 * 32 + 3 * 64 * 96),
      generation: { endTokens: [0, 2], beginToken: null },
    }) // biome-ignore format: one line for each field would be a page
    expect(stages.map(({ layers, embedding, head }) => [layers, embedding, head])).toEqual([
      [[0, 1], 'embedding', false],
      [[1, 2], null, false],
      [[2, 3], null, true],
    ])
    expect(language.weightsRoot).toBe(await weightsRoot(stages.map(({ weights }) => weights.sha256)))
    const sizes = await Promise.all(blobsOf(manifest).map(async ({ sha256 }) => (await blob(sha256)).length))
    expect(sizes).toEqual(blobsOf(manifest).map(({ bytes }) => bytes))
  })

  it('is served by the registry, which counts nothing of it as a graph, and goes without a trace', async () => {
    const { hash } = await load(await gguf())
    const registry = await openRegistry(dataFolder)
    expect(registry.unserved()).toEqual([])
    expect(registry.byId('tiny')?.hash).toBe(hash)
    await expect(registry.operationsOf(hash, 0, new Map())).rejects.toThrow(
      'tiny has 0 graphs and no graph 0.',
    )
    expect(await removeModel(dataFolder, 'tiny')).toBe(true)
    await registry.refresh()
    await registry.forget(hash)
    expect(await everything()).toEqual([])
  })

  it('is the same to the byte when it is imported again, from elsewhere', async () => {
    const first = await load(await gguf())
    const other = join(folder, 'elsewhere')
    const second = await importLanguageModel(await gguf(), { dataFolder: other, name: 'tiny' })
    expect(second.hash).toBe(first.hash)
    expect((await load(await gguf())).hash).toBe(first.hash)
  })

  it('takes its generation defaults from the folder', async () => {
    const { manifest } = await load(await huggingFace())
    expect(manifest.language!.generation).toEqual({ endTokens: [0, 2], beginToken: null, temperature: 0.7 })
    const config = JSON.parse(
      new TextDecoder().decode(await blob(manifest.files['tokenizer_config.json']!.sha256)),
    )
    expect(config.eos_token).toBe('<|im_end|>')
    expect(config.chat_template).toBeUndefined()
    expect(new TextDecoder().decode(await blob(manifest.language!.chatTemplate!.sha256))).toContain(
      'im_start',
    )
  })

  it('has no chat template where the source has none', async () => {
    const path = await huggingFace((files) =>
      files.set('tokenizer_config.json', text({ eos_token: '<|im_end|>' })),
    )
    expect((await load(path)).manifest.language!.chatTemplate).toBeNull()
  })
})

describe('stages', () => {
  const layersOf = async (options: Partial<LanguageImportOptions>) =>
    (await load(await gguf('gemma3'), options)).manifest.language!.stages.map(({ layers }) => layers)

  it('are three by default, of as many layers each as can be', async () => {
    expect(await layersOf({})).toEqual([[0, 2], [2, 4], [4, 7]]) // biome-ignore format: short
  })

  it('are as many as are asked for', async () => {
    expect(await layersOf({ stages: 1 })).toEqual([[0, 7]])
    expect((await layersOf({ stages: 7, replace: true })).length).toBe(7)
    await expect(layersOf({ stages: 8 })).rejects.toThrow('A model of 7 layers cannot be cut into 8 stages.')
  })

  it('are as few as keep each weight file below a size', async () => {
    const { manifest } = await load(await gguf('gemma3'), { stageBytes: 200_000 })
    const { stages } = manifest.language!
    expect(stages.length).toBeGreaterThan(1)
    expect(stages.length).toBeLessThan(7)
    for (const { weights } of stages) expect(weights.bytes).toBeLessThan(210_000)
    await expect(load(await gguf('gemma3'), { stageBytes: 1000 })).rejects.toThrow(
      /Even with one layer in each stage the largest shard has \d+ bytes, most of them in/,
    )
  })

  it('hold the tied embedding at both ends, and once where there is one stage', async () => {
    const tensorsOf = async (stages: number) => {
      const { manifest } = await load(await gguf(), { stages })
      return Promise.all(
        manifest.language!.stages.map(async ({ weights }) => [
          ...decodeWeightFile(await blob(weights.sha256)).keys(),
        ]),
      )
    }
    const [first, last] = await tensorsOf(2)
    expect([first!.includes('embedding'), first!.includes('head')]).toEqual([true, false])
    expect([last!.includes('embedding'), last!.includes('head')]).toEqual([false, true])
    const [whole] = await tensorsOf(1)
    expect([whole!.includes('embedding'), whole!.includes('head')]).toEqual([true, false])
  })

  it('have tables as long as the context', async () => {
    const { manifest } = await load(await gguf(), { contextTokens: 100 })
    expect(manifest.language!.contextTokens).toBe(100)
    const tensors = decodeWeightFile(await blob(manifest.language!.stages[2]!.weights.sha256))
    expect(tensors.get('rotations.0.cos')!.shape).toEqual([100, 8])
    await expect(load(await gguf(), { contextTokens: 257 })).rejects.toThrow('a context of 257 tokens')
  })
})

describe('quantising', () => {
  it('measures what it changed, on a fixed text', async () => {
    const { measured, stages } = (await load(await huggingFace(), { quantise: 8 })).manifest.language!
    const tensors = decodeWeightFile(await blob(stages[0]!.weights.sha256))
    expect([...new Set([...tensors.values()].map(({ format }) => format))].sort()).toEqual(['f32', 'q8_0'])
    expect(measured!.tokens).toBe(255)
    expect(measured!.perplexityAfter).not.toBe(measured!.perplexityBefore)
    expect(measured!.perplexityAfter / measured!.perplexityBefore).toBeCloseTo(1, 1)
    expect(measured!.topOneAgreement).toBeGreaterThan(0.9)
    expect(measured!.topOneAgreement).toBeLessThanOrEqual(1)
  })

  it('to 4 bits changes more, and keeps embedding and head in 8', async () => {
    const eight = (await load(await huggingFace(), { quantise: 8 })).manifest.language!
    const four = (await load(await huggingFace(), { quantise: 4 })).manifest.language!
    expect(four.measured!.topOneAgreement).toBeLessThan(eight.measured!.topOneAgreement)
    expect(four.measured!.perplexityBefore).toBe(eight.measured!.perplexityBefore)
    const formats = decodeWeightFile(await blob(four.stages.at(-1)!.weights.sha256))
    expect(formats.get('head')!.format).toBe('q8_0')
    expect(formats.get('layers.3.qkv')!.format).toBe('q4_1')
    expect(four.stages[1]!.weights.bytes).toBeLessThan(0.9 * eight.stages[1]!.weights.bytes)
  })

  it('leaves alone what takes no more room already, and then measures nothing', async () => {
    const plain = await load(await gguf('llama', 'q8_0'))
    const { hash } = await load(await gguf('llama', 'q8_0'), { quantise: 8 })
    expect(hash).toBe(plain.hash)
  })
})

describe('an import that fails says why and leaves nothing behind', () => {
  const refusal = async (path: string, options: Partial<LanguageImportOptions> = {}) => {
    const error = await load(path, options).then(
      () => new Error('it was taken'),
      (reason: unknown) => reason as Error,
    )
    expect(await everything()).toEqual([])
    return error
  }

  it('a truncated GGUF', async () => {
    const path = await gguf()
    await truncate(path, 40_000)
    expect(await refusal(path)).toMatchObject({ code: 'model_refused' })
  })

  it('a file with another magic', async () => {
    const path = join(folder, 'text.gguf')
    await writeFile(path, 'not a model at all')
    expect(await refusal(path)).toMatchObject({
      code: 'model_refused',
      message: expect.stringContaining('GGUF'),
    })
  })

  it('a path that is not there', async () => {
    expect(await refusal(join(folder, 'nowhere'))).toMatchObject({ code: 'model_refused' })
  })

  it('a folder without a tokenizer', async () => {
    const error = await refusal(await huggingFace((files) => files.delete('tokenizer.json')))
    expect(error.message).toContain('has no tokenizer.json.')
  })

  it('a tokenizer that cannot be loaded', async () => {
    const error = await refusal(
      await huggingFace((files) => files.set('tokenizer.json', text({ model: {} }))),
    )
    expect(error.message).toContain('The tokenizer cannot be loaded')
  })

  it('a tokenizer with more tokens than the embedding has rows', async () => {
    const error = await refusal(
      await huggingFace((files) => {
        const tokenizer = JSON.parse(new TextDecoder().decode(files.get('tokenizer.json')))
        tokenizer.model.vocab.extra = 300
        files.set('tokenizer.json', text(tokenizer))
      }),
    )
    expect(error.message).toContain(
      "The tokenizer has the token 300, and the model's embedding has 300 rows.",
    )
  })

  it('a chat template that does not parse', async () => {
    const template = text('{% for message in messages %}{{ message }}')
    const error = await refusal(await huggingFace((files) => files.set('chat_template.jinja', template)))
    expect(error.message).toContain('The chat template does not parse:')
  })

  it('an end token that is none', async () => {
    const error = await refusal(
      await huggingFace((files) => files.set('generation_config.json', text({ eos_token_id: [2, 300] }))),
    )
    expect(error.message).toContain("The end token 300 is none of the model's 300 tokens.")
  })

  it('a name that cannot be used', async () => {
    expect(await refusal(await gguf(), { name: 'Not A Name' })).toMatchObject({ code: 'invalid_value' })
  })

  it('a disk that is full at the first file, in the middle, and at the last byte of the manifest', async () => {
    const path = await gguf()
    disk.bytesLeft = 1e9
    const { hash } = await importLanguageModel(path, { dataFolder: join(folder, 'enough'), name: 'tiny' })
    const needed = 1e9 - disk.bytesLeft
    for (const bytes of [0, 100, needed >> 2, needed >> 1, needed - 3000, needed - 1]) {
      disk.bytesLeft = bytes
      expect(await refusal(path), `${bytes} bytes`).toMatchObject({
        code: 'storage_full',
        message: `The disk of ${dataFolder} is full; nothing of the model was kept.`,
      })
    }
    disk.bytesLeft = needed
    expect((await load(path)).hash).toBe(hash)
  })

  it('and what was there before stays, whole', async () => {
    const { hash } = await load(await gguf())
    const before = await everything()
    disk.bytesLeft = 60_000
    await expect(load(await gguf('llama', 'q8_0', 9), { replace: true })).rejects.toMatchObject({
      code: 'storage_full',
    })
    expect(await everything()).toEqual(before)
    expect((await readManifest(dataFolder, 'tiny'))!.hash).toBe(hash)
  })
})

describe('a name that is taken', () => {
  it('by another file is kept, unless it is to be replaced, and then nothing of the old one stays', async () => {
    const first = await load(await gguf())
    await expect(load(await gguf('llama', 'q8_0', 9))).rejects.toThrow(
      'There is a model tiny already, from another file.',
    )
    const second = await load(await gguf('llama', 'q8_0', 9), { replace: true })
    expect(second.hash).not.toBe(first.hash)
    expect(await readdir(manifestsFolderOf(dataFolder))).toEqual(['tiny.json'])
    const wanted = [...blobsOf(second.manifest).map(({ sha256 }) => sha256), 'tiny.json'].sort()
    await dropRemovedBlobs(dataFolder)
    expect(await everything()).toEqual(wanted)
  })
})
