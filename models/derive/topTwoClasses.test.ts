import { createHash } from 'node:crypto'
import { fromBinary, toBinary } from '@bufbuild/protobuf'
import { ModelProtoSchema } from 'onnx-buf'
import { InferenceSession, Tensor } from 'onnxruntime-web/wasm'
import { beforeAll, describe, expect, it } from 'vitest'
import { catalogueEntry } from '../catalogue.ts'
import { buildModel, type ModelParts, node, valueInfo } from '../onnx/buildModel.ts'
import { graphSpecs } from '../onnx/graphSpecs.ts'
import { inferShapes } from '../onnx/inferShapes.ts'
import { readGraph } from '../onnx/readGraph.ts'
import { runEveryTensor } from '../onnx/runEveryTensor.ts'
import { requireModelFile } from '../requireModelFile.ts'
import { deriveFile } from './deriveFile.ts'
import { lowerOpset } from './lowerOpset.ts'
import { topTwoClasses } from './topTwoClasses.ts'

const kept = { output: 'p', classes: 5, spaceClass: 4 }
const source = (parts: Partial<ModelParts> = {}) =>
  buildModel({
    nodes: [node('Identity', ['x'], ['p'])],
    inputs: [valueInfo('x', ['lines', 'steps', 5])],
    outputs: [valueInfo('p', ['lines', 'steps', 5])],
    opset: 9,
    ...parts,
  })
const run = async (rows: readonly (readonly number[])[]) => {
  const session = await InferenceSession.create(topTwoClasses(source(), kept), {
    executionProviders: ['wasm'],
  })
  const x = new Tensor('float32', new Float32Array(rows.flat()), [1, rows.length, 5])
  const { values, indices, space } = await session.run({ x })
  return [values, indices, space].map((tensor) => [tensor?.dims, Array.from(tensor?.data as never, Number)])
}

describe('the derived graph', () => {
  it('gives the two best classes and the space', async () => {
    expect(
      await run([
        [0.5, 0, 0.25, 0, 0.125],
        [0, 0.125, 0, 0, 0.75],
      ]),
    ).toEqual([
      [
        [1, 2, 2],
        [0.5, 0.25, 0.75, 0.125],
      ],
      [
        [1, 2, 2],
        [0, 2, 4, 1],
      ],
      [
        [1, 2],
        [0.125, 0.75],
      ],
    ])
  })

  it('names the lower class first where two are equal, as a search for the maximum does', async () => {
    const [, indices] = await run([[0.1, 0.4, 0.1, 0.4, 0]])
    expect(indices).toEqual([
      [1, 1, 2],
      [1, 3],
    ])
  })

  it('is described with its three outputs, and inferred', () => {
    const graph = readGraph(topTwoClasses(source(), kept))
    expect(graphSpecs(graph).outputs).toEqual([
      { name: 'values', datatype: 'FP32', shape: ['lines', 'steps', 2] },
      { name: 'indices', datatype: 'INT64', shape: ['lines', 'steps', 2] },
      { name: 'space', datatype: 'FP32', shape: ['lines', 'steps'] },
    ])
    const { facts, operations } = inferShapes(graph, new Map([['x', [3, 7, 5]]]))
    expect(['values', 'indices', 'space'].map((name) => facts.get(name)?.shape)).toEqual([
      [3, 7, 2],
      [3, 7, 2],
      [3, 7],
    ])
    // Identity and TopK look at every element, Gather gives one a step.
    const before = inferShapes(readGraph(source()), new Map([['x', [3, 7, 5]]])).operations
    expect(operations - before).toBe(3 * 7 * 5 + 3 * 7)
  })
})

describe('a source is refused', () => {
  const outputs = (...infos: ReturnType<typeof valueInfo>[]) => source({ outputs: infos })
  it.for([
    ['with another output', outputs(valueInfo('q', ['lines', 'steps', 5]))],
    ['with another number of classes', outputs(valueInfo('p', ['lines', 'steps', 6]))],
    ['with a free number of classes', outputs(valueInfo('p', ['lines', 'steps', 'classes']))],
    ['with two dimensions', outputs(valueInfo('p', ['steps', 5]))],
    ['of other numbers', outputs(valueInfo('p', ['lines', 'steps', 5], 'INT64'))],
    ['without a shape', outputs(valueInfo('p', null))],
    ['with two outputs', outputs(valueInfo('p', ['l', 's', 5]), valueInfo('x', ['l', 's', 5]))],
    ['of a later operator set', source({ opset: 10 })],
  ] as const)('%s', ([, bytes]) => {
    expect(() => topTwoClasses(bytes, kept)).toThrow(expect.objectContaining({ code: 'model_refused' }))
  })

  it('for a space that is no class', () => {
    expect(() => topTwoClasses(source(), { ...kept, spaceClass: 5 })).toThrow(/no class 5 among 5/)
  })
})

describe('the recognition graph of pp-ocrv4', () => {
  const entry = catalogueEntry('pp-ocrv4')!.graphs.find(({ name }) => name === 'recognise')!
  const { sha256, bytes, topTwoClasses: kept } = entry.derived!
  const options = kept!
  const identity = (bytes: Uint8Array) => ({
    sha256: createHash('sha256').update(bytes).digest('hex'),
    bytes: bytes.length,
  })
  let served: Uint8Array<ArrayBuffer>
  beforeAll(async () => {
    served = await requireModelFile('pp-ocrv4', 'recognise')
  })

  it('is the published file with operators appended, and nothing else', () => {
    const model = fromBinary(ModelProtoSchema, lowerOpset(served))
    const graph = model.graph!
    graph.node.splice(-2)
    graph.initializer.splice(-1)
    const [values] = graph.output
    const type = values!.type!.value
    if (type.case === 'tensorType')
      type.value.shape!.dim[2]!.value = { case: 'dimValue', value: BigInt(options.classes) }
    graph.output = [{ ...values!, name: options.output }]
    const published = toBinary(ModelProtoSchema, model)
    expect(identity(published)).toEqual({ sha256: entry.file.sha256, bytes: entry.file.bytes })
    expect(identity(deriveFile(published, entry.derived!))).toEqual({ sha256, bytes })
  })

  it('gives what the probabilities of all classes give', { timeout: 60_000 }, async () => {
    const dims = [2, 3, 48, 96]
    const pixels = Float32Array.from({ length: 2 * 3 * 48 * 96 }, (_, i) => Math.sin(i * i))
    const [tensors] = await runEveryTensor(served, [{ x: new Tensor('float32', pixels, dims) }])
    const all = tensors!.get(options.output)!
    expect(all.shape).toEqual([2, 12, options.classes])
    const steps = Array.from({ length: 24 }, (_, step) =>
      all.values.slice(step * options.classes, (step + 1) * options.classes),
    )
    const best = steps.map((step) =>
      step
        .map((value, index) => ({ value, index }))
        .sort((a, b) => b.value - a.value || a.index - b.index)
        .slice(0, 2),
    )
    expect(tensors!.get('values')?.values).toEqual(best.flat().map(({ value }) => value))
    expect(tensors!.get('indices')?.values).toEqual(best.flat().map(({ index }) => index))
    expect(tensors!.get('space')?.values).toEqual(steps.map((step) => step[options.spaceClass]))
  })
})
