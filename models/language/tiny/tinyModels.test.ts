import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as ort from 'onnxruntime-web'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LanguageModel } from '../../../protocol/language.ts'
import type { PackFormat } from '../../../protocol/weights/packBlocks.ts'
import { decodeWeightFile } from '../../../protocol/weights/weightFile.ts'
import { blobsFolderOf } from '../../blobStore.ts'
import { importLanguageModel, type LanguageImportOptions } from '../importLanguageModel.ts'
import { ReferenceModel } from '../reference/referenceModel.ts'
import { readSafetensorsFolder } from '../safetensors/readSafetensorsFolder.ts'
import { type RunStagesOptions, StageRun } from './runStages.ts'
import { tinyGguf, writeTinyFolder } from './tinyFiles.ts'
import { type TinyKind, tinyKinds, tinyModel } from './tinyModel.ts'

let folder: string
let dataFolder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'opentab-tiny-'))
  dataFolder = join(folder, 'data')
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const prompt = [1, 75, 20, 262, 150, 9, 33, 280, 281, 12, 100, 7, 7, 61]
const TOKENS = 12

const imported = async (path: string, name: string, options: Partial<LanguageImportOptions>) =>
  (await importLanguageModel(path, { dataFolder, name, replace: true, ...options })).manifest.language!
const readBlob = async (sha256: string) =>
  new Uint8Array(await readFile(join(blobsFolderOf(dataFolder), sha256)))

async function filesOf(kind: TinyKind, format: PackFormat): Promise<{ folder: string; gguf: string }> {
  const model = tinyModel(kind, { format })
  const base = join(folder, `${kind}-${format}`)
  await writeTinyFolder(base, model)
  await writeFile(`${base}.gguf`, tinyGguf(model))
  return { folder: base, gguf: `${base}.gguf` }
}

async function referenceOf(path: string) {
  const source = await readSafetensorsFolder(path)
  const reference = await ReferenceModel.open(
    source.config as unknown as Parameters<typeof ReferenceModel.open>[0],
    source,
  )
  await source.close()
  return reference
}

/**
 * How far logits may be off: each of a layer's sums of K products in f32 is off by at most K/2 units in the last place
 * of what it sums (Higham 2002, 3.1), and what one layer is off the next ones carry on. Summed over the layers' sums and
 * taken of the largest logit that is a bound on the order of the error; what is seen is some fifty times smaller.
 */
function toleranceOf(
  { layers, width, heads, headSize, feedForward }: LanguageModel,
  largest: number,
): number {
  const terms = layers * (2 * width + heads * headSize + feedForward) + width
  return terms * 2 ** -24 * largest
}

/** The largest difference between two lists of logits, which must be below the bound. */
function expectClose(
  model: LanguageModel,
  wanted: readonly Float64Array[],
  got: readonly Float32Array[],
): void {
  const largest = Math.max(...wanted.flatMap((row) => [...row].map(Math.abs)))
  for (const [step, row] of wanted.entries()) {
    const off = Math.max(...row.map((value, id) => Math.abs(value - got[step]![id]!)))
    expect(off, `row ${step}`).toBeLessThan(toleranceOf(model, largest))
  }
}

async function withRun<T>(
  model: LanguageModel,
  options: RunStagesOptions,
  work: (run: StageRun) => Promise<T>,
): Promise<T> {
  const run = await StageRun.open(ort, model, readBlob, options)
  return work(run).finally(() => run.close())
}

const expectSame = (model: LanguageModel, reference: ReferenceModel, options: RunStagesOptions = {}) =>
  withRun(model, options, async (run) => {
    const wanted = reference.fresh().greedy(prompt, TOKENS)
    const got = await run.greedy(prompt, TOKENS)
    expectClose(model, wanted.logits, got.logits)
    expect(got.ids).toEqual(wanted.ids)
  })

describe.each(tinyKinds)('a tiny %s', (kind) => {
  let files: { folder: string; gguf: string }
  let reference: ReferenceModel
  beforeAll(async () => {
    files = await filesOf(kind, 'f32')
    reference = await referenceOf(files.folder)
  })

  it('says more than one thing', () => {
    const { ids } = reference.fresh().greedy(prompt, TOKENS)
    expect(new Set(ids).size).toBeGreaterThan(3)
  })

  it.each([1, 2, 3])('from safetensors in %i stages says what the reference says', async (stages) => {
    await expectSame(await imported(files.folder, `${kind}-folder`, { stages }), reference)
  })

  // A GGUF of Mistral has no window.
  it.each(kind === 'mistral' ? [] : [1, 2, 3])(
    'from GGUF in %i stages says what the reference says',
    async (stages) => {
      await expectSame(await imported(files.gguf, `${kind}-gguf`, { stages }), reference)
    },
  )

  it('reads a prompt in pieces, and gives the logits of as many rows as are asked for', async () => {
    const model = await imported(files.folder, `${kind}-folder`, { stages: 2 })
    const wanted = reference.fresh().read(prompt)
    await withRun(model, {}, async (run) => {
      expect((await run.read(prompt.slice(0, 3), 0)).length).toBe(0)
      const rest = await run.read(prompt.slice(3), prompt.length - 4)
      expectClose(model, wanted.slice(4), rowsOf(rest, model.vocabulary))
    })
  })
})

it('a tiny gemma3 scales by its query_pre_attn_scalar, not by its head size', async () => {
  const path = join(folder, 'gemma3-scaled')
  await writeTinyFolder(path, tinyModel('gemma3', { config: { query_pre_attn_scalar: 4 } }))
  await expectSame(await imported(path, 'gemma3-scaled', { stages: 1 }), await referenceOf(path))
})

const rowsOf = (logits: Float32Array, vocabulary: number): Float32Array[] =>
  Array.from({ length: logits.length / vocabulary }, (_, row) =>
    logits.subarray(row * vocabulary, (row + 1) * vocabulary),
  )

describe.each(['f16', 'bf16', 'q8_0', 'q4_1', 'q4_0'] as const)('weights of %s', (format) => {
  it('stay as the GGUF has them and give what their values give', async () => {
    const { folder: path, gguf } = await filesOf('llama', format)
    const reference = await referenceOf(path)
    const model = await imported(gguf, `packed-${format}`, { stages: 2 })
    const tensors = decodeWeightFile(await readBlob(model.stages[0]!.weights.sha256))
    expect(tensors.get('layers.0.qkv')!.format).toBe(format)
    expect(model.measured).toBeNull()
    await expectSame(model, reference)
  })
})

describe.each(['q8_0', 'q4_1', 'q4_0'] as const)('weights of %s', (format) => {
  it('give the same on the packed graph', async () => {
    const { folder: path, gguf } = await filesOf('qwen2', format)
    const model = await imported(gguf, `packed-${format}`, { stages: 2 })
    expect(model.stages.every(({ packedGraph }) => packedGraph !== null)).toBe(true)
    await expectSame(model, await referenceOf(path), { packed: true })
  })
})

describe.each(['f16', 'bf16'] as const)('weights of %s', (format) => {
  it('have no packed graph', async () => {
    const { gguf } = await filesOf('llama', format)
    const model = await imported(gguf, `packed-${format}`, { stages: 1 })
    expect(model.stages[0]!.packedGraph).toBeNull()
  })
})
