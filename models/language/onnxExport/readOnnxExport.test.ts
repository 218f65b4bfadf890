import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fromBinary, toBinary } from '@bufbuild/protobuf'
import { type GraphProto, ModelProtoSchema } from 'onnx-buf'
import { env, InferenceSession, Tensor } from 'onnxruntime-web'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { decodeWeightFile } from '../../../protocol/weights/weightFile.ts'
import { blobsFolderOf } from '../../blobStore.ts'
import { importModel } from '../../importModel.ts'
import { StageRun } from '../tiny/runStages.ts'
import { type TinyKind, tinyModel } from '../tiny/tinyModel.ts'
import { type TinyExportOptions, TinyOnnxExport } from '../tiny/tinyOnnxExport.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'opentab-export-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const prompt = [1, 75, 20, 262, 150, 9, 33, 280, 281, 12, 100]
const load = (path: string) =>
  importModel(path, { dataFolder: join(folder, 'data'), name: 'exported', stages: 2 })
const readBlob = async (sha256: string) =>
  new Uint8Array(await readFile(join(blobsFolderOf(join(folder, 'data')), sha256)))

/** The logits of the prompt's last row, by the export itself in ONNX Runtime. */
async function ownLogits(
  path: string,
  {
    num_hidden_layers: layers,
    num_key_value_heads: kvHeads,
    head_dim: size,
  }: ReturnType<typeof tinyModel>['config'],
) {
  const data = await readFile(join(dirname(path), 'model.onnx_data')).catch(() => null)
  const session = await InferenceSession.create(await readFile(path), {
    executionProviders: ['wasm'],
    logSeverityLevel: 3,
    externalData: data ? [{ path: 'model.onnx_data', data }] : [],
  })
  const row = (value: (i: number) => bigint) =>
    new Tensor(
      'int64',
      BigInt64Array.from(prompt, (_, i) => value(i)),
      [1, prompt.length],
    )
  const past = new Tensor('float32', new Float32Array(0), [1, kvHeads, 0, size])
  const { logits } = await session.run({
    input_ids: row((i) => BigInt(prompt[i]!)),
    attention_mask: row(() => 1n),
    ...Object.fromEntries(
      Array.from({ length: layers }, (_, layer) => [
        [`past_key_values.${layer}.key`, past],
        [`past_key_values.${layer}.value`, past],
      ]).flat(),
    ),
  })
  await session.release()
  return (logits!.data as Float32Array).subarray(-logits!.dims[2]!)
}

async function imported(kind: TinyKind, options: TinyExportOptions) {
  const model = tinyModel(kind)
  const path = await new TinyOnnxExport(model, options).write(folder)
  const { manifest } = await load(path)
  const run = await StageRun.open({ env, InferenceSession, Tensor }, manifest.language!, readBlob)
  const got = Float32Array.from(await run.read(prompt))
  await run.close()
  const tensors = decodeWeightFile(await readBlob(manifest.language!.stages[0]!.weights.sha256))
  return {
    model,
    path,
    language: manifest.language!,
    got,
    formatOf: (name: string) => tensors.get(name)?.format,
  }
}

/** What one operator's rounding does over a few layers; a wrong row or scale is off by whole units. */
const TOLERANCE = 1e-3

describe('an imported export gives the logits that it gives itself in ONNX Runtime', () => {
  it.for<[string, TinyKind, TinyExportOptions, string]>([
    ['float32, in a file beside the graph', 'llama', { external: true }, 'f32'],
    ['float32 with biases, query, key and value in one', 'qwen2', { fused: true }, 'f32'],
    ['float32 with norms of heads, an untied head', 'qwen3', {}, 'f32'],
    ['4 bits around the middle', 'llama', { weights: 'q4' }, 'q4_0'],
    ['4 bits, query, key and value in one', 'qwen2', { weights: 'q4', fused: true, external: true }, 'q4_0'],
    ['4 bits with zero points, an untied head', 'qwen3', { weights: 'q4', zeroPoints: true }, 'q4_1'],
    ['8 bits', 'llama', { weights: 'q8' }, 'q8_0'],
  ])('%s', async ([, kind, options, format]) => {
    const { model, path, language, got, formatOf } = await imported(kind, options)
    const wanted = await ownLogits(path, model.config)
    const largest = Math.max(...wanted.map(Math.abs))
    expect(Math.max(...wanted.map((value, id) => Math.abs(value - got[id]!)))).toBeLessThan(
      TOLERANCE * largest,
    )
    expect(formatOf('layers.0.qkv')).toBe(format)
    expect(language.measured).toBeNull()
    expect(language.chatTemplate).not.toBeNull()
  })

  it('float16, as far as its halves go', async () => {
    const { got, formatOf } = await imported('llama', { weights: 'f16' })
    expect(formatOf('layers.0.qkv')).toBe('f16')
    const path = await new TinyOnnxExport(tinyModel('llama'), {}).write(join(folder, 'whole'))
    const wanted = await ownLogits(path, tinyModel('llama').config)
    const largest = Math.max(...wanted.map(Math.abs))
    expect(Math.max(...wanted.map((value, id) => Math.abs(value - got[id]!)))).toBeLessThan(0.02 * largest)
  })

  it('4 bits whose scales are no halves, nearly, and the import measures how nearly', async () => {
    const { model, path, language, got } = await imported('llama', { weights: 'q4', halfScales: false })
    const wanted = await ownLogits(path, model.config)
    const largest = Math.max(...wanted.map(Math.abs))
    expect(Math.max(...wanted.map((value, id) => Math.abs(value - got[id]!)))).toBeLessThan(0.02 * largest)
    expect(language.measured!.topOneAgreement).toBeGreaterThan(0.97)
    expect(language.measured!.perplexityAfter / language.measured!.perplexityBefore).toBeCloseTo(1, 2)
  })
})

describe('an export is refused', () => {
  const refusal = async (
    change: (graph: GraphProto) => void,
    options: TinyExportOptions = {},
  ): Promise<string> => {
    const path = await new TinyOnnxExport(tinyModel('llama'), options).write(folder)
    const model = fromBinary(ModelProtoSchema, await readFile(path))
    change(model.graph!)
    await writeFile(path, toBinary(ModelProtoSchema, model))
    const error = await load(path).then(
      () => new Error('it was taken'),
      (reason: unknown) => reason as Error,
    )
    expect(error).toMatchObject({ code: 'model_refused' })
    expect(await readdir(folder)).not.toContain('data')
    return error.message
  }
  const nodeOf = (graph: GraphProto, type: string) => graph.node.find(({ opType }) => opType === type)!

  it('with an input that is not a text model’s', async () => {
    expect(await refusal((graph) => Object.assign(graph.input[1]!, { name: 'pixel_values' }))).toContain(
      'the input "pixel_values"',
    )
  })

  it('with another attention', async () => {
    expect(
      await refusal((graph) =>
        Object.assign(nodeOf(graph, 'GroupQueryAttention'), { opType: 'MultiHeadAttention' }),
      ),
    ).toContain('MultiHeadAttention "/model/layers.0/attn/GroupQueryAttention" is not served')
  })

  it('whose attention turns interleaved pairs', async () => {
    expect(
      await refusal((graph) => {
        for (const attribute of nodeOf(graph, 'GroupQueryAttention').attribute) {
          if (attribute.name === 'rotary_interleaved') attribute.i = 1n
        }
      }),
    ).toContain('turns interleaved pairs')
  })

  it('with a matmul that nobody knows', async () => {
    expect(
      await refusal((graph) => Object.assign(nodeOf(graph, 'MatMul'), { name: '/adapter/MatMul' })),
    ).toContain('MatMul "/adapter/MatMul" is at a place in the model that is not known here.')
  })

  it('with blocks that contradict their operator', async () => {
    expect(
      await refusal(
        (graph) => {
          for (const attribute of nodeOf(graph, 'MatMulNBits').attribute)
            if (attribute.name === 'K') attribute.i = 96n
        },
        { weights: 'q4' },
      ),
    ).toContain('which cannot be read as [64, 96].')
  })

  it('that reaches out of its folder', async () => {
    expect(
      await refusal(
        (graph) => {
          for (const { externalData } of graph.initializer) {
            for (const field of externalData) if (field.key === 'location') field.value = '../../secret'
          }
        },
        { external: true },
      ),
    ).toContain('which is no file beside the export.')
  })

  it('whose weights are cut off', async () => {
    const path = await new TinyOnnxExport(tinyModel('llama'), { external: true }).write(folder)
    await truncate(join(dirname(path), 'model.onnx_data'), 1000)
    await expect(load(path)).rejects.toThrow(
      /lies at bytes \d+ to \d+ of "model.onnx_data", which has 1000\./,
    )
    const left = await readdir(join(folder, 'data'), { recursive: true, withFileTypes: true })
    expect(left.filter((entry) => entry.isFile())).toEqual([])
  })

  it('without config.json, and without a tokenizer', async () => {
    const path = await new TinyOnnxExport(tinyModel('llama')).write(folder)
    await rm(join(folder, 'tokenizer.json'))
    await expect(load(path)).rejects.toThrow('has no tokenizer.json')
    await rm(join(folder, 'config.json'))
    await expect(load(path)).rejects.toThrow(
      'There is no config.json beside model.onnx or in the folder above.',
    )
  })
})
