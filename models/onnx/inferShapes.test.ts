import { TensorProto_DataType as Code } from 'onnx-buf'
import { Tensor } from 'onnxruntime-web/wasm'
import { describe, expect, it } from 'vitest'
import { OpentabError } from '../../protocol/errors.ts'
import { requireModelFile } from '../requireModelFile.ts'
import { buildModel, type GraphInit, int64, node, valueInfo } from './buildModel.ts'
import { datatypeOf } from './elementType.ts'
import { inferShapes, problemOf } from './inferShapes.ts'
import { readGraph } from './readGraph.ts'
import { runEveryTensor } from './runEveryTensor.ts'

const count = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1)
const image = (shape: number[]): Record<string, Tensor> => ({
  x: new Tensor('float32', new Float32Array(count(shape)).fill(0.3), shape),
})
const sentences = (shape: number[]): Record<string, Tensor> => {
  const filled = (value: bigint) => new Tensor('int64', new BigInt64Array(count(shape)).fill(value), shape)
  return { input_ids: filled(2000n), attention_mask: filled(1n), token_type_ids: filled(0n) }
}

/** ONNX Runtime's name of an element type, e.g. `float32`, in the protocol's names. */
const datatypeNamed = (type: string) =>
  datatypeOf(Code[({ float32: 'FLOAT', float64: 'DOUBLE' }[type] ?? type.toUpperCase()) as keyof typeof Code])

describe('every tensor of a packaged graph has the shape and type that ONNX Runtime really gives it', () => {
  it.for([
    {
      id: 'pp-ocrv4',
      graph: 'detect',
      shapes: [
        [1, 3, 32, 32],
        [2, 3, 64, 96],
      ],
      feed: image,
    },
    {
      id: 'pp-ocrv4',
      graph: 'orient',
      shapes: [
        [1, 3, 48, 192],
        [3, 3, 48, 100],
      ],
      feed: image,
    },
    {
      id: 'pp-ocrv4',
      graph: 'recognise',
      shapes: [
        [1, 3, 48, 48],
        [2, 3, 48, 101],
      ],
      feed: image,
    },
    {
      id: 'all-minilm-l6-v2',
      graph: 'main',
      shapes: [
        [1, 1],
        [3, 17],
        [1, 64],
      ],
      feed: sentences,
    },
  ])('$id $graph', { timeout: 120_000 }, async ({ id, graph: name, shapes, feed }) => {
    const bytes = await requireModelFile(id, name)
    const graph = readGraph(bytes)
    const runs = await runEveryTensor(bytes, shapes.map(feed))
    expect(runs).toHaveLength(shapes.length)
    for (const [index, real] of runs.entries()) {
      const shape = shapes[index] ?? []
      const { facts } = inferShapes(graph, new Map(graph.inputs.map((input) => [input.name, shape])))
      expect(real.size).toBeGreaterThan(300)
      const inferred = new Map([...real.keys()].map((tensor) => [tensor, facts.get(tensor)]))
      expect([...inferred].map(([tensor, fact]) => [tensor, fact?.type, fact?.shape])).toEqual(
        [...real].map(([tensor, { type, shape: dims }]) => [tensor, datatypeNamed(type), dims]),
      )
    }
  })
})

describe('inputs', () => {
  const graph = readGraph(
    buildModel({
      nodes: [node('Relu', ['x'], ['y'])],
      inputs: [valueInfo('x', ['batch', 3])],
      outputs: [valueInfo('y', ['batch', 3])],
    }),
  )
  const refused = (shape: readonly number[] | undefined) => {
    try {
      inferShapes(graph, new Map(shape ? [['x', shape]] : []))
    } catch (error) {
      return error
    }
    return undefined
  }

  it('of a free dimension may have any size, also none', () => {
    for (const batch of [0, 1, 77]) {
      expect(inferShapes(graph, new Map([['x', [batch, 3]]])).facts.get('y')?.shape).toEqual([batch, 3])
    }
  })

  it.for([[[2, 4]], [[2]], [[2, 3, 1]], [[-1, 3]], [[1.5, 3]], [[Number.NaN, 3]], [[2 ** 40, 3]]])(
    'of shape %j are refused by name',
    ([shape]) => {
      expect(refused(shape)).toMatchObject({ code: 'invalid_value', param: 'x' })
    },
  )

  it('that are missing are refused by name', () => {
    expect(refused(undefined)).toMatchObject({
      code: 'invalid_value',
      message: expect.stringContaining('"x" is missing'),
    })
  })
})

describe('an If', () => {
  const branch = (nodes: GraphInit['node'], output: string): { graph: GraphInit } => ({
    graph: { node: nodes, output: [valueInfo(output)] },
  })
  /** One branch adds once, the other one three times. */
  const unequal = (condition: string) =>
    node('If', [condition], ['y'], {
      then_branch: branch([node('Add', ['x', 'x'], ['a'])], 'a'),
      else_branch: branch(
        [node('Add', ['x', 'x'], ['b']), node('Add', ['b', 'b'], ['c']), node('Add', ['c', 'x'], ['d'])],
        'd',
      ),
    })
  const shapes = new Map([
    ['x', [2, 3]],
    ['condition', []],
  ])

  it('costs its dearer branch when an input decides', () => {
    const inputs = [valueInfo('x'), valueInfo('condition', [], 'BOOL')]
    const { operations, facts } = inferShapes(
      readGraph(buildModel({ nodes: [unequal('condition')], inputs })),
      shapes,
    )
    expect(operations).toBe(3 * 6)
    expect(facts.get('y')?.shape).toEqual([2, 3])
  })

  it('costs the branch that is taken when the shapes decide', () => {
    const nodes = [
      node('Shape', ['x'], ['shape']),
      node('Gather', ['shape', 'first'], ['size']),
      node('Equal', ['size', 'two'], ['condition']),
      unequal('condition'),
    ]
    const graph = readGraph(
      buildModel({
        nodes,
        inputs: [valueInfo('x', ['n', 3])],
        outputs: [valueInfo('y', ['n', 3])],
        initializers: [int64('first', [0], []), int64('two', [2], [])],
      }),
    )
    const added = (n: number) => inferShapes(graph, new Map([['x', [n, 3]]])).operations
    // Beside the branch: one Gather and one Equal of a scalar.
    expect(added(2)).toBe(2 + 6)
    expect(added(4)).toBe(2 + 3 * 12)
  })

  it('takes the shapes that one branch can take, when the other one cannot', () => {
    const nodes = [
      node('If', ['condition'], ['y'], {
        then_branch: branch([node('Reshape', ['x', 'six'], ['a'])], 'a'),
        else_branch: branch([node('Reshape', ['x', 'seven'], ['b'])], 'b'),
      }),
    ]
    const inputs = [valueInfo('x'), valueInfo('condition', [], 'BOOL')]
    const initializers = [int64('six', [6]), int64('seven', [7])]
    const graph = readGraph(buildModel({ nodes, inputs, initializers, outputs: [valueInfo('y', ['n'])] }))
    expect(inferShapes(graph, shapes).facts.get('y')?.shape).toEqual([6])
  })
})

describe('a failure', () => {
  it('names the node, its values and the kind of problem', () => {
    const graph = readGraph(
      buildModel({
        nodes: [node('Concat', ['x', 'z'], ['y'], { axis: 0 })],
        inputs: [valueInfo('x', ['n', 3]), valueInfo('z', ['m', 'k'])],
        outputs: [valueInfo('y', ['n', 3])],
      }),
    )
    const shapes = new Map([
      ['x', [2, 3]],
      ['z', [2, 4]],
    ])
    const failure = (() => {
      try {
        inferShapes(graph, shapes)
      } catch (error) {
        return error
      }
      return undefined
    })()
    expect(failure).toBeInstanceOf(OpentabError)
    expect(problemOf(failure)).toBe('mismatch')
    expect(failure).toMatchObject({
      code: 'invalid_value',
      message:
        'Concat "Concat_y" cannot take these input shapes: [2, 3] and [2, 4] cannot be joined along axis 0.',
    })
  })
})
