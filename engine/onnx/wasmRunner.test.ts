import { expect, it } from 'vitest'
import { OpentabError } from '../../protocol/errors.ts'
import type { TensorSpec } from '../../protocol/manifest.ts'
import { type Datatype, datatypes, elementsOf, type Tensor, tensorOf } from '../../protocol/tensor.ts'
import { encodeStrings } from './ortTensor.ts'
import { onnxFile, testModel } from './testGraph.ts'
import { createWasmRunner } from './wasmRunner.ts'

const vector = (name: string, datatype: Datatype = 'FP32'): TensorSpec => ({ name, datatype, shape: ['n'] })
const floats = (name: string, values: number[]): Tensor =>
  tensorOf(name, 'FP32', [values.length], Float32Array.from(values))

const identityModel = (datatype: Datatype) => {
  const graph = {
    inputs: [vector('x', datatype)],
    outputs: [vector('y', datatype)],
    nodes: [{ op: 'Identity', inputs: ['x'], outputs: ['y'] }],
  }
  return testModel([graph], graph.inputs, graph.outputs)
}

/** x -> x + x -> (x + x) * x, a shard for each step; the second reads an input of the whole graph too. */
const twoShards = () =>
  testModel(
    [
      {
        inputs: [vector('x')],
        outputs: [vector('double')],
        nodes: [{ op: 'Add', inputs: ['x', 'x'], outputs: ['double'] }],
      },
      {
        inputs: [vector('double'), vector('x')],
        outputs: [vector('y'), vector('unread')],
        nodes: [
          { op: 'Mul', inputs: ['double', 'x'], outputs: ['y'] },
          { op: 'Neg', inputs: ['x'], outputs: ['unread'] },
        ],
      },
    ],
    [vector('x')],
    [vector('y')],
  )

const failure = async (promise: Promise<unknown>): Promise<OpentabError> => {
  const error = await promise.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof OpentabError)) throw new Error(`expected an OpentabError, got ${String(error)}`)
  return error
}

const infer = (inputs: Tensor[], model = 'f'.repeat(64), graph = 0) => ({
  kind: 'infer' as const,
  model,
  graph,
  inputs,
})

it('refuses a thread count of 0', async () => {
  expect(await failure(createWasmRunner({ threads: 0 }))).toMatchObject({
    code: 'invalid_value',
    param: 'threads',
  })
})

it('refuses to run a model that is not loaded', async () => {
  const runner = await createWasmRunner({ threads: 1 })
  expect((await failure(runner.run(infer([])))).code).toBe('model_not_found')
})

it('names a file that is not ONNX as model_failed, and can load a good one afterwards', async () => {
  const runner = await createWasmRunner({ threads: 1 })
  const { model, readShard } = identityModel('FP32')
  const bad = await failure(runner.load(model, async () => new Uint8Array([1, 2, 3])))
  expect(bad.code).toBe('model_failed')
  expect(bad.message).toContain('3 bytes')
  expect(runner.loaded()).toEqual([])
  await runner.load(model, readShard)
  expect(runner.loaded()).toEqual([model.hash])
  await runner.dispose()
})

it('names an operator that the runtime lacks as model_failed', async () => {
  const runner = await createWasmRunner({ threads: 1 })
  const { model } = identityModel('FP32')
  const file = onnxFile({
    inputs: [vector('x')],
    outputs: [vector('y')],
    nodes: [{ op: 'NoSuchOperator', inputs: ['x'], outputs: ['y'] }],
  })
  const error = await failure(runner.load(model, async () => file))
  expect(error.code).toBe('model_failed')
  expect(error.message).toContain('NoSuchOperator')
})

it('refuses inputs that do not fit the graph, with the values', async () => {
  const runner = await createWasmRunner({ threads: 1 })
  const { model, readShard } = twoShards()
  await runner.load(model, readShard)
  const missing = await failure(runner.run(infer([])))
  expect(missing).toMatchObject({ code: 'invalid_value', param: 'x' })
  const wrongType = await failure(runner.run(infer([tensorOf('x', 'INT32', [1], new Int32Array(1))])))
  expect(wrongType.message).toContain('INT32[1]')
  const unknown = await failure(runner.run(infer([floats('x', [1]), floats('z', [1])])))
  expect(unknown.param).toBe('z')
  const noGraph = await failure(runner.run(infer([floats('x', [1])], model.hash, 1)))
  expect(noGraph.param).toBe('graph')
  await runner.dispose()
})

it('runs the shards of a graph one after the other and gives only the declared outputs', async () => {
  const runner = await createWasmRunner({ threads: 1 })
  const { model, readShard } = twoShards()
  await runner.load(model, readShard)
  const outputs = await runner.run(infer([floats('x', [1, 2, 3])]))
  expect(outputs.map(({ name }) => name)).toEqual(['y'])
  expect([...elementsOf(outputs[0]!)]).toEqual([2, 8, 18])
  await runner.dispose()
})

it('keeps calls in order when they are made at once', async () => {
  const runner = await createWasmRunner({ threads: 1 })
  const { model, readShard } = twoShards()
  const loading = runner.load(model, readShard)
  const results = await Promise.all([1, 2, 3, 4].map((value) => runner.run(infer([floats('x', [value])]))))
  await loading
  expect(results.map(([y]) => elementsOf(y!)[0])).toEqual([2, 8, 18, 32])
  await runner.dispose()
})

it('runs on after a run that failed', async () => {
  const runner = await createWasmRunner({ threads: 1 })
  const graph = {
    inputs: [vector('x'), { name: 'z', datatype: 'FP32' as const, shape: ['m'] }],
    outputs: [vector('y')],
    nodes: [{ op: 'Add', inputs: ['x', 'z'], outputs: ['y'] }],
  }
  const { model, readShard } = testModel([graph], graph.inputs, graph.outputs)
  await runner.load(model, readShard)
  const error = await failure(runner.run(infer([floats('x', [1, 2]), floats('z', [1, 2, 3])])))
  expect(error.code).toBe('model_failed')
  expect(error.message).toContain('x FP32[2], z FP32[3]')
  const [y] = await runner.run(infer([floats('x', [1, 2]), floats('z', [3, 4])]))
  expect([...elementsOf(y!)]).toEqual([4, 6])
  await runner.dispose()
})

it('unloads a model, after which it does not run', async () => {
  const runner = await createWasmRunner({ threads: 1 })
  const { model, readShard } = twoShards()
  await runner.load(model, readShard)
  await runner.unload(model.hash)
  expect((await failure(runner.run(infer([floats('x', [1])])))).code).toBe('model_not_found')
})

const names = Object.keys(datatypes).filter((name): name is Datatype => name !== 'BYTES')

it.each(names)('passes %s through with its bits unchanged, also from unaligned memory', async (datatype) => {
  const runner = await createWasmRunner({ threads: 1 })
  const { model, readShard } = identityModel(datatype)
  await runner.load(model, readShard)
  const size = datatypes[datatype].bytes
  // One byte off, so that nothing wider than a byte is aligned.
  const bytes = new Uint8Array(3 * size + 1).subarray(1)
  bytes.set(datatype === 'BOOL' ? [1, 0, 1] : Array.from({ length: 3 * size }, (_, at) => (at * 37) % 120))
  const [y] = await runner.run(infer([{ name: 'x', datatype, shape: [3], bytes }]))
  expect(y).toMatchObject({ name: 'y', datatype, shape: [3] })
  expect([...y!.bytes]).toEqual([...bytes])
  await runner.dispose()
})

it('passes strings through, with empty ones and characters outside ASCII', async () => {
  const runner = await createWasmRunner({ threads: 1 })
  const { model, readShard } = identityModel('BYTES')
  await runner.load(model, readShard)
  const bytes = encodeStrings(['', 'タブ', 'a', ''])
  const [y] = await runner.run(infer([{ name: 'x', datatype: 'BYTES', shape: [4], bytes }]))
  expect([...y!.bytes]).toEqual([...bytes])
  await runner.dispose()
})

it.each([
  ['a string that goes past the end', new Uint8Array([5, 0, 0, 0, 65])],
  ['a missing length', new Uint8Array([1, 0, 0])],
  ['bytes left over', new Uint8Array([1, 0, 0, 0, 65, 66])],
  ['bytes that are not UTF-8', new Uint8Array([1, 0, 0, 0, 0xff])],
])('refuses strings with %s', async (_, bytes) => {
  const runner = await createWasmRunner({ threads: 1 })
  const { model, readShard } = identityModel('BYTES')
  await runner.load(model, readShard)
  const error = await failure(runner.run(infer([{ name: 'x', datatype: 'BYTES', shape: [1], bytes }])))
  expect(error.code).toBe('invalid_value')
  await runner.dispose()
})

it('passes a tensor without elements', async () => {
  const runner = await createWasmRunner({ threads: 1 })
  const { model, readShard } = identityModel('FP32')
  await runner.load(model, readShard)
  const [y] = await runner.run(infer([floats('x', [])]))
  expect(y).toMatchObject({ shape: [0] })
  expect(y!.bytes.byteLength).toBe(0)
  await runner.dispose()
})

it.each([
  ['that the heap has no room for', [65_536n, 16_383n]],
  ['whose size overflows 32 bits', [2n ** 20n, 2n ** 20n]],
])('says out_of_memory for an output %s, and runs on', async (_, sizes) => {
  const runner = await createWasmRunner({ threads: 1 })
  const graph = {
    inputs: [{ name: 'shape', datatype: 'INT64' as const, shape: [2] }],
    outputs: [{ name: 'y', datatype: 'FP32' as const, shape: ['a', 'b'] }],
    nodes: [{ op: 'ConstantOfShape', inputs: ['shape'], outputs: ['y'] }],
  }
  const { model, readShard } = testModel([graph], graph.inputs, graph.outputs)
  await runner.load(model, readShard)
  const huge = tensorOf('shape', 'INT64', [2], BigInt64Array.from(sizes))
  const error = await failure(runner.run(infer([huge])))
  expect(error.code).toBe('out_of_memory')
  const small = tensorOf('shape', 'INT64', [2], BigInt64Array.of(1n, 2n))
  const [y] = await runner.run(infer([small]))
  expect([...elementsOf(y!)]).toEqual([0, 0])
  await runner.dispose()
})
