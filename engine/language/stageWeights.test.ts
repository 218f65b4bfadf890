import * as ort from 'onnxruntime-web'
import { expect, it, vi } from 'vitest'
import { expandBlocks } from '../../protocol/weights/expandBlocks.ts'
import { matMulBlocks } from '../../protocol/weights/matMulBlocks.ts'
import { packBlocks } from '../../protocol/weights/packBlocks.ts'
import { decodeWeightFile, type WeightTensor } from '../../protocol/weights/weightFile.ts'
import { fixtureModel } from './fixtureModel.ts'
import { embeddingTable, externalFiles } from './stageWeights.ts'

const tensor = (name: string, format: 'f32' | 'q4_1' | 'q8_0', shape: readonly number[]): WeightTensor => {
  const values = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => Math.sin(i))
  return { name, format, shape, bytes: packBlocks(format, values) }
}
const floats = (bytes: Uint8Array) => new Float32Array(bytes.slice().buffer)

it('gives a tensor expanded, and the parts of its packed form, by the names that graphs have', () => {
  const weight = tensor('w', 'q4_1', [2, 64])
  const files = new Map(externalFiles([weight]).map(({ path, data }) => [path, data]))
  expect([...files.keys()]).toEqual(['w', 'w.codes', 'w.scales', 'w.offsets'])
  expect([...files.values()].map((data) => data.byteLength)).toEqual([512, 64, 16, 16])
  expect(floats(files.get('w')!.subarray(0, 512))).toEqual(expandBlocks('q4_1', weight.bytes))
  const { codes, scales, offsets } = matMulBlocks(weight)
  expect(files.get('w.codes')!.subarray(0, 64)).toEqual(codes)
  expect(floats(files.get('w.scales')!.subarray(0, 16))).toEqual(scales)
  expect(floats(files.get('w.offsets')!.subarray(0, 16))).toEqual(offsets)
})

it('gives a tensor that has no packed form, and one whose form has no offsets', () => {
  const files = externalFiles([tensor('n', 'f32', [3]), tensor('e', 'q8_0', [1, 32])])
  expect(files.map(({ path }) => path)).toEqual(['n', 'e', 'e.codes', 'e.scales'])
})

it('gives a small tensor after a large one its own values', () => {
  const [large, small] = [tensor('a', 'f32', [100]), tensor('b', 'q8_0', [1, 32])]
  const files = externalFiles([large, small])
  files[0]!.data.subarray(0, 400)
  expect(floats(files[1]!.data.subarray(0, 128))).toEqual(expandBlocks('q8_0', small.bytes))
})

it('makes what ONNX Runtime reads when it asks for it, once, and nothing that it does not read', async () => {
  ort.env.wasm.numThreads = 1
  const { model, readShard } = await fixtureModel('llama', { stages: 2, format: 'q4_1' })
  const [stage] = model.manifest.language!.stages
  const tensors = decodeWeightFile(await readShard(stage!.weights.sha256))
  const files = externalFiles(tensors.values())
  const asked: string[] = []
  for (const { path, data } of files) {
    const make = data.subarray.bind(data)
    vi.spyOn(data, 'subarray').mockImplementation((begin, end) => {
      asked.push(path)
      return make(begin, end)
    })
  }
  const session = await ort.InferenceSession.create(await readShard(stage!.graph.sha256), {
    executionProviders: ['wasm'],
    externalData: files,
  })
  // The embedding is looked up outside the graph.
  expect(asked.toSorted()).toEqual([...tensors.keys()].filter((name) => name !== 'embedding').toSorted())
  await session.release()
})

it('looks embedding rows up, times the factor of the model, after the file is gone', () => {
  const table = tensor('embedding', 'q8_0', [4, 32])
  const file = table.bytes.slice()
  const model = { vocabulary: 4, width: 32, embeddingScale: 3 }
  const embedding = embeddingTable(
    'stage 0',
    'embedding',
    new Map([['embedding', { ...table, bytes: file }]]),
    model,
  )
  file.fill(0)
  const expected = expandBlocks('q8_0', table.bytes)
  const rows = embedding.rows(Int32Array.of(2, 0, 2))
  expect(rows.length).toBe(96)
  expect(rows.subarray(0, 32)).toEqual(expected.subarray(64, 96).map((value) => value * 3))
  expect(rows.subarray(32, 64)).toEqual(expected.subarray(0, 32).map((value) => value * 3))
  expect(() => embedding.rows(Int32Array.of(4))).toThrow('Row 4')
})

it('refuses a file without the embedding, and one of another shape', () => {
  const model = { vocabulary: 4, width: 32, embeddingScale: 1 }
  expect(() => embeddingTable('stage 0 of m', 'embedding', new Map(), model)).toThrow(
    'The weight file of stage 0 of m has nothing as embedding',
  )
  const other = new Map([['embedding', tensor('embedding', 'q8_0', [5, 32])]])
  expect(() => embeddingTable('stage 0 of m', 'embedding', other, model)).toThrow('[5,32]')
})
