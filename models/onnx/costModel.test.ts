import { describe, expect, it } from 'vitest'
import { requireModelFile } from '../requireModelFile.ts'
import { type AttributeValue, buildModel, float32, node, valueInfo } from './buildModel.ts'
import { operationsOf, quoteOf } from './costModel.ts'
import { readGraph } from './readGraph.ts'

/** Cost of one operator on float inputs of these shapes. */
function costOf(
  op: string,
  shapes: readonly (readonly number[])[],
  attributes: Record<string, AttributeValue> = {},
  opset = 17,
) {
  const names = shapes.map((_, index) => `in${index}`)
  const graph = readGraph(
    buildModel({
      opset,
      nodes: [node(op, names, ['y'], attributes)],
      inputs: shapes.map((shape, index) => valueInfo(`in${index}`, shape)),
      outputs: [valueInfo('y', null)],
    }),
  )
  return operationsOf(graph, new Map(names.map((name, index) => [name, shapes[index] ?? []])))
}

describe('the price list', () => {
  it.for([
    [
      'MatMul: a multiply-add is two',
      'MatMul',
      [
        [3, 4],
        [4, 5],
      ],
      {},
      2 * 3 * 4 * 5,
    ],
    [
      'MatMul of a batch',
      'MatMul',
      [
        [2, 3, 4],
        [4, 5],
      ],
      {},
      2 * 2 * 3 * 4 * 5,
    ],
    ['Gemm with a bias', 'Gemm', [[3, 4], [4, 5], [5]], {}, 2 * 3 * 4 * 5 + 3 * 5],
    [
      'Conv',
      'Conv',
      [
        [1, 3, 8, 8],
        [16, 3, 3, 3],
      ],
      { pads: [1, 1, 1, 1] },
      2 * 16 * 64 * 27,
    ],
    [
      'Conv with a bias',
      'Conv',
      [[1, 3, 8, 8], [16, 3, 3, 3], [16]],
      { pads: [1, 1, 1, 1] },
      2 * 16 * 64 * 27 + 16 * 64,
    ],
    [
      'Conv in groups',
      'Conv',
      [
        [1, 16, 8, 8],
        [16, 1, 3, 3],
      ],
      { group: 16, pads: [1, 1, 1, 1] },
      2 * 16 * 64 * 9,
    ],
    [
      'ConvTranspose',
      'ConvTranspose',
      [
        [1, 4, 5, 5],
        [4, 3, 2, 2],
      ],
      { strides: [2, 2] },
      2 * 100 * 3 * 4,
    ],
    [
      'Einsum',
      'Einsum',
      [
        [2, 3, 4],
        [2, 4, 5],
      ],
      { equation: 'bij,bjk->bik' },
      2 * 2 * 3 * 4 * 5,
    ],
    ['Add: one an output element', 'Add', [[2, 3, 4], [4]], {}, 24],
    [
      'Add that broadcasts both ways',
      'Add',
      [
        [4, 1],
        [1, 5],
      ],
      {},
      20,
    ],
    ['Transpose moves', 'Transpose', [[2, 3]], {}, 6],
    ['Flatten does nothing', 'Flatten', [[2, 3]], {}, 0],
    ['ReduceMean: one an input element', 'ReduceMean', [[2, 3, 4]], { axes: [1] }, 24],
    ['GlobalAveragePool', 'GlobalAveragePool', [[1, 4, 5, 5]], {}, 100],
    [
      'MaxPool: its window an output element',
      'MaxPool',
      [[1, 4, 6, 6]],
      { kernel_shape: [3, 2], strides: [3, 2] },
      4 * 2 * 3 * 6,
    ],
    ['Softmax', 'Softmax', [[2, 3]], {}, 24],
    ['LayerNormalization', 'LayerNormalization', [[2, 3, 4], [4]], {}, 6 * 24],
    [
      'LSTM',
      'LSTM',
      [
        [5, 2, 3],
        [1, 16, 3],
        [1, 16, 4],
      ],
      { hidden_size: 4 },
      5 * 2 * (2 * 4 * 4 * 7 + 4 * 4 * 4),
    ],
  ] as const)('%s', ([, op, shapes, attributes, operations]) => {
    expect(costOf(op, shapes, attributes)).toBe(operations)
  })

  it('charges nothing for what follows from weights alone', () => {
    const graph = readGraph(
      buildModel({
        nodes: [node('Mul', ['w', 'w'], ['w2']), node('Add', ['x', 'w2'], ['y'])],
        initializers: [float32('w', [1, 2, 3])],
      }),
    )
    expect(operationsOf(graph, new Map([['x', [2, 3]]]))).toBe(6)
  })
})

describe('the packaged models', () => {
  it('cost what their layers add up to', async () => {
    const graph = readGraph(await requireModelFile('all-minilm-l6-v2', 'main'))
    const [batch, tokens, width] = [4, 32, 384]
    const layer = 2 * tokens * width * (4 * width + 8 * width) + 2 * 2 * tokens * tokens * width
    const cost = operationsOf(graph, new Map(graph.inputs.map(({ name }) => [name, [batch, tokens]])))
    // Matrix products alone make more than nine tenths; the rest is softmax, normalization and activation.
    expect((batch * 6 * layer) / cost).toBeGreaterThan(0.9)
    expect((batch * 6 * layer) / cost).toBeLessThan(1)
  })

  it.for([
    ['pp-ocrv4', 'detect', [1, 3, 640, 480]],
    ['pp-ocrv4', 'recognise', [6, 3, 48, 320]],
    ['all-minilm-l6-v2', 'main', [8, 128]],
  ] as const)(
    '%s %s is priced in a few milliseconds, and at once for shapes seen before',
    async ([id, name, shape]) => {
      const graph = readGraph(await requireModelFile(id, name))
      const shapes = (batch: number) =>
        new Map(graph.inputs.map((input) => [input.name, [batch, ...shape.slice(1)]]))
      const times: number[] = []
      for (let batch = 1; batch <= 20; batch++) {
        const start = performance.now()
        quoteOf(graph, shapes(batch))
        times.push(performance.now() - start)
      }
      // The best of twenty, so that a busy machine does not fail it; a quadratic rule would.
      expect(Math.min(...times)).toBeLessThan(10)
      expect(quoteOf(graph, shapes(3))).toBe(quoteOf(graph, shapes(3)))
    },
  )
})
