import { create, fromBinary, toBinary } from '@bufbuild/protobuf'
import { FunctionProtoSchema, ModelProtoSchema } from 'onnx-buf'
import { InferenceSession, Tensor as OrtTensor, type Tensor } from 'onnxruntime-web/wasm'
import { describe, expect, it } from 'vitest'
import { requireModelFile } from '../requireModelFile.ts'
import { buildModel, float32, type GraphInit, int64, node, valueInfo } from './buildModel.ts'
import { chooseCuts } from './chooseCuts.ts'
import { cutGraph } from './cutGraph.ts'
import { readGraph } from './readGraph.ts'

type Feeds = Readonly<Record<string, Tensor>>

const options = { executionProviders: ['wasm'], logSeverityLevel: 3 } as const

/** The outputs of parts that run one after the other, each reading by name what is there. */
async function run(parts: readonly Uint8Array[], feeds: Feeds): Promise<Map<string, Tensor>> {
  const values = new Map<string, Tensor>(Object.entries(feeds))
  const outputs = new Map<string, Tensor>()
  for (const part of parts) {
    const session = await InferenceSession.create(part, options)
    const given = session.inputNames.map((name) => [name, values.get(name)!] as const)
    for (const [name, tensor] of Object.entries(await session.run(Object.fromEntries(given)))) {
      values.set(name, tensor)
      outputs.set(name, tensor)
    }
    await session.release()
  }
  return outputs
}

const bitsOf = ({ dims, data, type }: Tensor) => {
  const { buffer, byteOffset, byteLength } = data as Float32Array
  return { type, dims, bytes: Buffer.from(buffer, byteOffset, byteLength).toString('base64') }
}

async function expectSameBits(whole: Uint8Array, parts: readonly Uint8Array[], feeds: Feeds): Promise<void> {
  const [wanted, got] = [await run([whole], feeds), await run(parts, feeds)]
  for (const [name, tensor] of wanted) expect(bitsOf(got.get(name)!), name).toEqual(bitsOf(tensor))
}

const image = (dims: readonly number[]): Feeds => {
  const data = Float32Array.from(
    { length: dims.reduce((a, b) => a * b, 1) },
    (_, i) => Math.sin(i * 0.37) * 0.9,
  )
  return { x: new OrtTensor('float32', data, dims) }
}
const sentences = (dims: readonly [number, number]): Feeds => {
  const filled = (value: (i: number) => bigint) =>
    new OrtTensor(
      'int64',
      BigInt64Array.from({ length: dims[0] * dims[1] }, (_, i) => value(i)),
      dims,
    )
  return {
    input_ids: filled((i) => BigInt(1000 + ((i * 577) % 20_000))),
    attention_mask: filled((i) => (i % dims[1] < dims[1] - (i >= dims[1] ? 3 : 0) ? 1n : 0n)),
    token_type_ids: filled(() => 0n),
  }
}

describe('a packaged model cut in parts gives the bits of the whole one', () => {
  it.for([
    { id: 'pp-ocrv4', graph: 'detect', feeds: image([1, 3, 64, 96]) },
    { id: 'pp-ocrv4', graph: 'orient', feeds: image([2, 3, 48, 192]) },
    { id: 'pp-ocrv4', graph: 'recognise', feeds: image([1, 3, 48, 160]) },
    { id: 'all-minilm-l6-v2', graph: 'main', feeds: sentences([2, 11]) },
  ])('$id, $graph', { timeout: 120_000 }, async ({ id, graph, feeds }) => {
    const whole = await requireModelFile(id, graph)
    const input = readGraph(whole).inputs[0]!.name
    const named = feeds.x ? { [input]: feeds.x } : feeds
    for (const count of [2, 3, 5]) {
      const parts = cutGraph(whole, chooseCuts(whole, count))
      expect(parts.length).toBe(count)
      const bytes = parts.reduce((sum, part) => sum + part.length, 0)
      // A weight goes only where it is used: together the parts are hardly larger than the whole.
      expect(bytes).toBeLessThan(1.02 * whole.length + 50_000)
      expect(Math.max(...parts.map((part) => part.length))).toBeLessThan(0.95 * whole.length)
      // Each part is a file that this relay would take by itself.
      for (const part of parts) expect(() => readGraph(part)).not.toThrow()
      await expectSameBits(whole, parts, named)
    }
  })
})

/** x -> a -> b -> c -> y, with a skip from a to c and weights at three places. */
const ladder = (change: GraphInit = {}) =>
  buildModel({
    nodes: [
      node('Add', ['x', 'one'], ['a']),
      node('Mul', ['a', 'two'], ['b']),
      node('Add', ['a', 'b'], ['c']),
      node('Mul', ['c', 'two'], ['y']),
    ],
    initializers: [float32('one', [1], []), float32('two', [2], [])],
    graph: change,
  })
const feeds: Feeds = { x: new OrtTensor('float32', Float32Array.of(1, -2, 3, 0.5, 7, 1e-20), [2, 3]) }
const namesOf = (part: Uint8Array) => {
  const graph = fromBinary(ModelProtoSchema, part).graph!
  return {
    nodes: graph.node.map(({ output }) => output.join()),
    inputs: graph.input.map(({ name }) => name),
    outputs: graph.output.map(({ name }) => name),
    initializers: graph.initializer.map(({ name }) => name),
  }
}

describe('a cut', () => {
  it('makes its tensors outputs of one part and inputs of the next, with weights where they are used', async () => {
    const parts = cutGraph(ladder(), [['a', 'b'], ['c']])
    expect(parts.map(namesOf)).toEqual([
      { nodes: ['a', 'b'], inputs: ['x'], outputs: ['a', 'b'], initializers: ['one', 'two'] },
      { nodes: ['c'], inputs: ['a', 'b'], outputs: ['c'], initializers: [] },
      { nodes: ['y'], inputs: ['c'], outputs: ['y'], initializers: ['two'] },
    ])
    await expectSameBits(ladder(), parts, feeds)
  })

  it('of no tensors at all leaves the graph whole', async () => {
    const [whole, ...others] = cutGraph(ladder(), [])
    expect(others).toEqual([])
    await expectSameBits(ladder(), [whole!], feeds)
  })

  it('may go through an output of the graph, which stays one', async () => {
    const graph = ladder({ output: [valueInfo('a'), valueInfo('y')] })
    const parts = cutGraph(graph, [['a']])
    expect(parts.map((part) => namesOf(part).outputs)).toEqual([['a'], ['y']])
    await expectSameBits(graph, parts, feeds)
  })

  it('passes a tensor on that only the part after next reads', async () => {
    const graph = buildModel({
      nodes: [
        node('Neg', ['x'], ['a']),
        node('Abs', ['a'], ['b']),
        node('Exp', ['b'], ['c']),
        node('Add', ['a', 'c'], ['y']),
      ],
    })
    const parts = cutGraph(graph, [
      ['a', 'b'],
      ['a', 'c'],
    ])
    expect(parts.map((part) => namesOf(part).inputs)).toEqual([['x'], ['b'], ['a', 'c']])
    await expectSameBits(graph, parts, feeds)
  })

  it('copies what hangs on constants alone to every part that reads it', async () => {
    const graph = buildModel({
      nodes: [
        node('Reshape', ['flat', 'shape'], ['bias']),
        node('Add', ['x', 'bias'], ['a']),
        node('Relu', ['a'], ['b']),
        node('Mul', ['b', 'bias'], ['y']),
      ],
      initializers: [float32('flat', [1, 2, 3]), int64('shape', [1, 3])],
    })
    const parts = cutGraph(graph, [['b']])
    expect(parts.map((part) => namesOf(part).nodes)).toEqual([
      ['bias', 'a', 'b'],
      ['bias', 'y'],
    ])
    await expectSameBits(graph, parts, feeds)
  })

  it('counts what the branches of an If read', () => {
    const branch = (operator: string) => ({
      graph: { name: operator, node: [node(operator, ['a'], ['z'])], output: [valueInfo('z')] },
    })
    const graph = buildModel({
      nodes: [
        node('Neg', ['x'], ['a']),
        node('If', ['flag'], ['y'], { then_branch: branch('Abs'), else_branch: branch('Exp') }),
      ],
      inputs: [valueInfo('x'), valueInfo('flag', [], 'BOOL')],
    })
    expect(cutGraph(graph, [['a']]).map((part) => namesOf(part).inputs)).toEqual([['x'], ['flag', 'a']])
  })

  it('takes a type that the file declares, and infers the others', () => {
    const [, second] = cutGraph(ladder({ valueInfo: [valueInfo('a', ['rows', 3])] }), [['a']])
    const declared = (part: Uint8Array) => fromBinary(ModelProtoSchema, part).graph!.input[0]!.type!.value
    expect(declared(second!)).toMatchObject({ value: { shape: { dim: [{ value: { value: 'rows' } }, {}] } } })
    const [, inferred] = cutGraph(ladder(), [['a']])
    expect(declared(inferred!)).toMatchObject({
      value: { shape: { dim: [{ value: { value: 'a_0' } }, {}] } },
    })
  })
})

describe('a cut is refused', () => {
  it.each([
    ['through a tensor that there is not', [['nothing']], 'The graph has no tensor "nothing".'],
    ['through an input', [['x']], 'Tensor "x" is an input; a cut goes through computed tensors.'],
    ['through a constant', [['two']], 'Tensor "two" is a constant; a cut goes through computed tensors.'],
    ['that another tensor crosses', [['b']], 'Tensor "a" is made before cut 0 and read behind it, and is not in it.'],
    ['in the wrong order', [['c'], ['a']], 'Cut 1 ("a") leaves part 1 without nodes.'],
    ['twice at one place', [['a'], ['a']], 'Cut 1 ("a") leaves part 1 without nodes.'],
    ['at the end', [['y']], 'Behind cut 0 there is no node left.'],
    ['of no tensors', [[]], 'Cut 0 names no tensor.'],
    ['with a tensor that nobody reads behind it', [['a', 'b'], ['b', 'c']], 'Nothing behind cut 1 reads tensor "b".'],
  ])('%s', (_, cuts, message) => {
    expect(() => cutGraph(ladder(), cuts)).toThrow(message)
  }) // biome-ignore format: a table

  it('where a node reads what only a later one makes', () => {
    const graph = buildModel({ nodes: [node('Abs', ['a'], ['y']), node('Neg', ['x'], ['a'])] })
    expect(() => cutGraph(graph, [['a']])).toThrow('reads "a", which nothing before it makes.')
  })

  it('of a file that is no ONNX, or that defines functions', () => {
    expect(() => cutGraph(Uint8Array.of(1, 2, 3), [])).toThrow(/ONNX/)
    const model = fromBinary(ModelProtoSchema, ladder())
    const withFunction = create(ModelProtoSchema, {
      ...model,
      functions: [create(FunctionProtoSchema, { name: 'mine' })],
    })
    expect(() => cutGraph(toBinary(ModelProtoSchema, withFunction), [['a']])).toThrow(
      'its own function "mine"',
    )
  })

  it('into more parts than there are borders', async () => {
    expect(() => chooseCuts(ladder(), 9)).toThrow('too few for 9 parts.')
  })
})
