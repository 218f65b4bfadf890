import { create, fromBinary } from '@bufbuild/protobuf'
import { ModelProtoSchema } from 'onnx-buf'
import { InferenceSession, Tensor } from 'onnxruntime-web/wasm'
import { expect, it } from 'vitest'
import { seededInt8 } from '../../../protocol/seededInputs.ts'
import { blockFormats, packedBytes, type WeightFormat } from '../../../protocol/weights/blockFormats.ts'
import { expandBlocks } from '../../../protocol/weights/expandBlocks.ts'
import {
  codesOf,
  matMulBlocks,
  matMulForms,
  offsetsOf,
  scalesOf,
} from '../../../protocol/weights/matMulBlocks.ts'
import type { Architecture } from '../architecture.ts'
import type { WeightRole } from '../families/familyRow.ts'
import type { ModelWeights, Weight } from '../modelWeights.ts'
import { stageGraph } from './stageGraph.ts'
import { type StageTensor, stageWeights } from './stageWeights.ts'

/** One layer whose rows are whole super-blocks of 256. */
const architecture: Architecture = {
  family: 'llama',
  layers: 1,
  width: 256,
  heads: 4,
  kvHeads: 2,
  headSize: 64,
  feedForward: 256,
  vocabulary: 32,
  contextTokens: 8,
  epsilon: 1e-5,
  attentionScale: 0.125,
  embeddingScale: 1,
  activation: 'silu',
  qkvBias: false,
  qkNorm: false,
  postNorms: false,
  tiedHead: false,
  windows: [null],
  rotations: [Array.from({ length: 32 }, (_, i) => 10_000 ** (-i / 32))],
  rotationOf: [0],
}

/** Where the f16 scales of each format's block stand: there random bytes would be infinite. */
const scalesAt: Partial<Record<WeightFormat, number[]>> = {
  q8_0: [0], q4_0: [0], q4_1: [0, 2], q5_0: [0], q5_1: [0, 2], q4_k: [0, 2], q5_k: [0, 2], q6_k: [208],
} // biome-ignore format: a table

/** Random blocks with scales of about a hundredth. */
function randomBlocks(format: WeightFormat, elements: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(seededInt8(seed, 0, packedBytes(format, elements)).buffer)
  const { blockBytes } = blockFormats[format]
  for (let block = 0; block < bytes.length; block += blockBytes) {
    // Halves of 2^-12 and a little more, small beside the codes of super-blocks.
    for (const at of scalesAt[format]!)
      bytes.set([bytes[block + at]!, format.endsWith('k') ? 0x04 : 0x14], block + at)
  }
  return bytes
}

function modelOf(formatOf: (role: WeightRole) => WeightFormat): ModelWeights {
  const { width, heads, kvHeads, headSize, feedForward, vocabulary } = architecture
  const shapes: Partial<Record<WeightRole, readonly number[]>> = {
    embedding: [vocabulary, width],
    head: [vocabulary, width],
    query: [heads * headSize, width],
    key: [kvHeads * headSize, width],
    value: [kvHeads * headSize, width],
    attentionOutput: [width, heads * headSize],
    gate: [feedForward, width],
    up: [feedForward, width],
    down: [width, feedForward],
  }
  const roles = Object.keys(shapes)
  return {
    architecture,
    weight(role): Weight {
      const shape = shapes[role]
      if (!shape) {
        const ones = new Float32Array(width).fill(1)
        return { source: role, format: 'f32', shape: [width], read: async () => new Uint8Array(ones.buffer) }
      }
      const format = formatOf(role)
      const bytes = randomBlocks(format, shape[0]! * shape[1]!, 1 + roles.indexOf(role))
      return { source: role, format, shape, read: async () => bytes }
    },
  }
}

const outline = { layers: [0, 1], contextTokens: 8 } as const

async function logitsOf(model: ModelWeights, form: 'expanded' | 'packed'): Promise<Float32Array> {
  const tensors = stageWeights(model, outline)
  const externalData: { path: string; data: Uint8Array }[] = []
  const put = (path: string, { buffer, byteOffset, byteLength }: Float32Array | Uint8Array): void =>
    void externalData.push({ path, data: new Uint8Array(buffer, byteOffset, byteLength) })
  for (const tensor of tensors.filter(({ name }) => name !== 'embedding')) {
    const { name, format } = tensor
    const bytes = await tensor.read()
    if (form === 'expanded' || !matMulForms[format]) put(name, expandBlocks(format, bytes))
    else {
      const { codes, scales, offsets } = matMulBlocks({ name, format, bytes })
      put(codesOf(name), codes)
      put(scalesOf(name), scales)
      if (offsets) put(offsetsOf(name), offsets)
    }
  }
  const session = await InferenceSession.create(stageGraph(architecture, outline, tensors, form), {
    executionProviders: ['wasm'],
    externalData,
    logSeverityLevel: 3,
  })
  const rows = Float32Array.from(seededInt8(99, 0, 3 * architecture.width), (value) => value / 64)
  const past = new Tensor('float32', new Float32Array(0), [1, architecture.kvHeads, 0, architecture.headSize])
  const { logits } = await session.run({
    hidden_in: new Tensor('float32', rows, [1, 3, architecture.width]),
    seqlens_k: new Tensor('int32', [2], [1]),
    total_seq_len: new Tensor('int32', [3], []),
    logit_rows: new Tensor('int64', [3n], [1]),
    'past.0.k': past,
    'past.0.v': past,
  })
  await session.release()
  return logits!.data as Float32Array
}

async function expectSame(model: ModelWeights): Promise<void> {
  const [wanted, got] = [await logitsOf(model, 'expanded'), await logitsOf(model, 'packed')]
  const largest = Math.max(...wanted.map(Math.abs))
  expect(largest).toBeGreaterThan(0.1)
  // Five sums of 256 products each, taken in another order.
  const tolerance = 5 * 256 * 2 ** -24 * largest
  for (const [i, value] of wanted.entries())
    expect(Math.abs(value - got[i]!), `logit ${i}`).toBeLessThan(tolerance)
}

it.each(Object.keys(matMulForms) as WeightFormat[])(
  'the packed graph over %s gives what the expanded one gives',
  async (format) => {
    await expectSame(modelOf(() => format))
  },
)

it('so it does over the mixture of Q4_K_M, where v and the second feed-forward matrix have six bits', async () => {
  const model = modelOf((role) => (['value', 'down', 'head'].includes(role) ? 'q6_k' : 'q4_k'))
  const names = stageWeights(model, outline).map(({ name }) => name)
  expect(names).toEqual(
    expect.arrayContaining(['layers.0.q', 'layers.0.k', 'layers.0.v', 'layers.0.gate_up']),
  )
  await expectSame(model)
})

it('matrices over one input stand in one tensor where they have one format', () => {
  const names = stageWeights(
    modelOf(() => 'q8_0'),
    outline,
  ).map(({ name }: StageTensor) => name)
  expect(names).toEqual([
    'embedding', 'rotations.0.cos', 'rotations.0.sin', 'layers.0.attention_norm', 'layers.0.qkv', 'layers.0.o',
    'layers.0.feed_forward_norm', 'layers.0.gate_up', 'layers.0.down', 'final_norm', 'head',
  ]) // biome-ignore format: a list
})

it('a graph names each weight once, as external data under its own name', () => {
  const tensors = stageWeights(
    modelOf(() => 'q4_1'),
    outline,
  )
  for (const form of ['expanded', 'packed'] as const) {
    const bytes = stageGraph(architecture, outline, tensors, form)
    expect(bytes).toEqual(stageGraph(architecture, outline, tensors, form))
    const { graph } = create(ModelProtoSchema, fromBinary(ModelProtoSchema, bytes))
    const external = graph!.initializer.filter(({ externalData }) => externalData.length > 0)
    expect(new Set(external.map(({ name }) => name)).size).toBe(external.length)
    for (const { name, externalData } of external) {
      expect(externalData).toMatchObject([{ key: 'location', value: name }])
    }
    expect(bytes.length).toBeLessThan(20_000)
  }
})
