import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { OnnxRunner } from '../engine/onnx/onnxRunner.ts'
import { type TestGraph, type TestNode, testModel } from '../engine/onnx/testGraph.ts'
import { createWasmRunner } from '../engine/onnx/wasmRunner.ts'
import { type Datatype, elementsOf, type Tensor, tensorOf } from '../protocol/tensor.ts'
import { unpackCodes } from './exact/codes.ts'
import { floatMismatch, type KernelSuite, mismatchOf } from './kernelSuite.ts'
import { kernelSuites } from './kernelSuites.ts'
import type { Shape } from './size.ts'

// The plain references are right only if somebody else says so too: ONNX Runtime, wherever ONNX has the operator. What
// ONNX leaves open (sums that wrap, NaN, empty rows) and what it lacks is held against definitions beside each reference.

interface OnnxForm {
  graph: Omit<TestGraph, 'inputs' | 'outputs'>
  /** Names, datatypes and ranks of the graph's inputs and outputs. */
  inputs: readonly [name: string, datatype: Datatype, rank: number][]
  outputs: readonly [name: string, datatype: Datatype, rank: number][]
  /** From the kernel's inputs to the graph's, and from the graph's outputs to the kernel's; absent: as they are. */
  given?: (inputs: readonly Tensor[], shape: Shape) => Tensor[]
  /** Shapes that the graph stands for; absent: all. */
  only?: (shape: Shape) => boolean
  taken?: (outputs: readonly Tensor[], shape: Shape) => Tensor[]
  /** Where ONNX Runtime's own formula is coarser than the suite allows: how far an element may be, from its input. */
  coarse?: (input: number) => number
}

const productOf = (op: string, from: Datatype, to: Datatype): OnnxForm => ({
  graph: { nodes: [{ op, inputs: ['a', 'b'], outputs: ['c'] }] },
  inputs: [
    ['a', from, 2],
    ['b', from, 2],
  ],
  outputs: [['c', to, 2]],
})

const reduction = (op: string, datatype: Datatype): OnnxForm => ({
  graph:
    op === 'ReduceSum'
      ? {
          nodes: [{ op, inputs: ['x', 'axes'], outputs: ['y'], attributes: { keepdims: 0 } }],
          integers: { axes: [1] },
        }
      : { nodes: [{ op, inputs: ['x'], outputs: ['y'], attributes: { keepdims: 0, axes: [1] } }] },
  inputs: [['x', datatype, 2]],
  outputs: [['y', datatype, 1]],
})

const prefixSum = (datatype: Datatype): OnnxForm => ({
  graph: {
    nodes: [
      { op: 'CumSum', inputs: ['x', 'axis'], outputs: ['inclusive'] },
      { op: 'CumSum', inputs: ['x', 'axis'], outputs: ['exclusive'], attributes: { exclusive: 1 } },
    ],
    integers: { axis: [1] },
  },
  inputs: [['x', datatype, 2]],
  outputs: [
    ['inclusive', datatype, 2],
    ['exclusive', datatype, 2],
  ],
  taken: (outputs, { exclusive }) => [{ ...outputs[exclusive!]!, name: 'y' }],
})

/** A norm of rows, whose graph has one epsilon. */
const norm = (op: string, opset: number, vectors: readonly string[]): OnnxForm => ({
  graph: {
    opset,
    nodes: [
      { op, inputs: ['x', ...vectors], outputs: ['y'], attributes: { axis: -1, epsilon: { scalar: 1e-5 } } },
    ],
  },
  inputs: [['x', 'FP32', 2], ...vectors.map((name): OnnxForm['inputs'][number] => [name, 'FP32', 1])],
  outputs: [['y', 'FP32', 2]],
  only: ({ epsilon }) => epsilon === 1e-5,
})

/** Indices of i64 as the kernels' u32. */
const wordsOf = (name: string, tensor: Tensor): Tensor =>
  tensorOf(name, 'UINT32', tensor.shape, Uint32Array.from(elementsOf(tensor) as BigInt64Array, Number))

/** Rows of packed codes of one plane as the int8 matrix [rows, n] that they hold. */
const codesOf = (name: string, words: Tensor, { rows, n }: { rows: number; n: number }): Tensor =>
  tensorOf(
    name,
    'INT8',
    [rows, n],
    Int8Array.from(unpackCodes(elementsOf(words) as Uint32Array, { rows, n, planes: 1 })),
  )

const transposed = (name: string, matrix: Tensor): Tensor => {
  const [rows, columns] = matrix.shape as [number, number]
  const values = elementsOf(matrix) as Int8Array
  const turned = Int8Array.from(values, (_, at) => values[(at % rows) * columns + Math.floor(at / rows)]!)
  return tensorOf(name, 'INT8', [columns, rows], turned)
}

/** Attention of queries [rows, heads, width] that are masked as the kernels' arguments say. */
const attention = (rowsOf: (shape: Shape) => { rows: number; before: number }): OnnxForm => ({
  graph: {
    opset: 23,
    nodes: [
      ...['queries', 'keys', 'values'].flatMap((name) => [
        { op: 'Transpose', inputs: [name], outputs: [`${name}Heads`], attributes: { perm: [1, 0, 2] } },
        { op: 'Unsqueeze', inputs: [`${name}Heads`, 'first'], outputs: [`${name}Batch`] },
      ]),
      { op: 'Attention', inputs: ['queriesBatch', 'keysBatch', 'valuesBatch', 'mask'], outputs: ['yBatch'] },
      { op: 'Squeeze', inputs: ['yBatch', 'first'], outputs: ['yHeads'] },
      { op: 'Transpose', inputs: ['yHeads'], outputs: ['y'], attributes: { perm: [1, 0, 2] } },
    ],
    integers: { first: [0] },
  },
  inputs: [
    ['queries', 'FP32', 3],
    ['keys', 'FP32', 3],
    ['values', 'FP32', 3],
    ['mask', 'FP32', 2],
  ],
  outputs: [['y', 'FP32', 3]],
  given([queries, keys, values], shape) {
    const { rows, before } = rowsOf(shape)
    const all = before + rows
    const mask = Float32Array.from({ length: rows * all }, (_, at) => {
      const distance = before + Math.floor(at / all) - (at % all)
      return distance >= 0 && distance < shape.window! ? 0 : -1e9
    })
    const wide = { ...queries!, shape: [rows, ...queries!.shape.slice(-2)] }
    return [wide, keys!, values!, tensorOf('mask', 'FP32', [rows, all], mask)]
  },
})

const forms: Readonly<Record<string, OnnxForm>> = {
  'matmul-i8': productOf('MatMulInteger', 'INT8', 'INT32'),
  'matmul-i8-rows': {
    ...productOf('MatMulInteger', 'INT8', 'INT32'),
    // Two planes are more than int8.
    only: ({ planes, k }) => planes === 1 && k! > 0,
    given: ([codes, weights], { m, n, k }) => [
      codesOf('a', codes!, { rows: m!, n: k! }),
      transposed('b', codesOf('b', weights!, { rows: n!, n: k! })),
    ],
    taken: ([c]) => [{ ...c!, name: 'accumulators' }],
  },
  'matvec-i8': {
    ...productOf('MatMulInteger', 'INT8', 'INT32'),
    only: ({ planes, k }) => planes === 1 && k! > 0,
    given: ([codes, weights], { n, k }) => [
      codesOf('a', codes!, { rows: 1, n: k! }),
      transposed('b', codesOf('b', weights!, { rows: n!, n: k! })),
    ],
    taken: ([c], { n }) => [{ ...c!, name: 'accumulators', shape: [n!] }],
  },
  'matmul-f32': productOf('MatMul', 'FP32', 'FP32'),
  'matmul-f16': productOf('MatMul', 'FP16', 'FP16'),
  'matvec-f32': {
    graph: { nodes: [{ op: 'MatMul', inputs: ['weights', 'x'], outputs: ['y'] }] },
    inputs: [
      ['weights', 'FP32', 2],
      ['x', 'FP32', 1],
    ],
    outputs: [['y', 'FP32', 1]],
  },
  'sum-i32': {
    // Its sums of i32 saturate, so these are of i64.
    ...reduction('ReduceSum', 'INT64'),
    given: ([x]) => [
      tensorOf('x', 'INT64', x!.shape, BigInt64Array.from(elementsOf(x!) as Int32Array, BigInt)),
    ],
    taken([y]) {
      const sums = Int32Array.from(elementsOf(y!) as BigInt64Array, (sum) => Number(BigInt.asIntN(32, sum)))
      return [tensorOf('y', 'INT32', y!.shape, sums)]
    },
  },
  'reduce-max-i32': reduction('ReduceMax', 'INT32'),
  'reduce-min-i32': reduction('ReduceMin', 'INT32'),
  'reduce-sum-f32': reduction('ReduceSum', 'FP32'),
  'reduce-max-f32': reduction('ReduceMax', 'FP32'),
  'reduce-min-f32': reduction('ReduceMin', 'FP32'),
  'scan-i32': prefixSum('INT32'),
  'scan-f32': prefixSum('FP32'),
  transpose: {
    graph: { nodes: [{ op: 'Transpose', inputs: ['x'], outputs: ['y'], attributes: { perm: [1, 0] } }] },
    inputs: [['x', 'UINT32', 2]],
    outputs: [['y', 'UINT32', 2]],
  },
  rmsnorm: norm('RMSNormalization', 23, ['weights']),
  layernorm: norm('LayerNormalization', 17, ['weights', 'bias']),
  rope: {
    graph: {
      opset: 23,
      nodes: [
        { op: 'Transpose', inputs: ['x'], outputs: ['heads'], attributes: { perm: [1, 0, 2] } },
        { op: 'Unsqueeze', inputs: ['heads', 'first'], outputs: ['batch'] },
        { op: 'Unsqueeze', inputs: ['position', 'first'], outputs: ['positions'] },
        ...['halves', 'neighbours'].flatMap((name, interleaved): TestNode[] => [
          {
            op: 'RotaryEmbedding',
            inputs: ['batch', 'cosines', 'sines', 'positions'],
            outputs: [`${name}Batch`],
            attributes: { interleaved },
          },
          { op: 'Squeeze', inputs: [`${name}Batch`, 'first'], outputs: [`${name}Heads`] },
          { op: 'Transpose', inputs: [`${name}Heads`], outputs: [name], attributes: { perm: [1, 0, 2] } },
        ]),
      ],
      integers: { first: [0] },
    },
    inputs: [
      ['x', 'FP32', 3],
      ['position', 'INT64', 1],
      ['cosines', 'FP32', 2],
      ['sines', 'FP32', 2],
    ],
    outputs: [
      ['halves', 'FP32', 3],
      ['neighbours', 'FP32', 3],
    ],
    // Positions past the end are an error there.
    given([x, position, ...tables], { positions }) {
      const within = BigInt64Array.from(elementsOf(position!) as Uint32Array, (at) =>
        BigInt(Math.min(at, positions! - 1)),
      )
      return [x!, tensorOf('position', 'INT64', position!.shape, within), ...tables]
    },
    taken: (outputs, { interleaved }) => [{ ...outputs[interleaved!]!, name: 'y' }],
  },
  softmax: {
    graph: { nodes: [{ op: 'Softmax', inputs: ['x'], outputs: ['y'], attributes: { axis: -1 } }] },
    inputs: [['x', 'FP32', 2]],
    outputs: [['y', 'FP32', 2]],
  },
  'silu-mul': {
    graph: {
      nodes: [
        { op: 'Split', inputs: ['gateUp'], outputs: ['gate', 'up'], attributes: { axis: 1 } },
        // By its definition: ONNX Runtime's own Sigmoid is a quotient of polynomials, good for units in the last place of 1.
        { op: 'Neg', inputs: ['gate'], outputs: ['negative'] },
        { op: 'Exp', inputs: ['negative'], outputs: ['power'] },
        { op: 'Cast', inputs: ['middle'], outputs: ['one'], attributes: { to: 1 } },
        { op: 'Add', inputs: ['power', 'one'], outputs: ['below'] },
        { op: 'Div', inputs: ['gate', 'below'], outputs: ['silu'] },
        { op: 'Mul', inputs: ['silu', 'up'], outputs: ['product'] },
        { op: 'Squeeze', inputs: ['product', 'middle'], outputs: ['y'] },
      ],
      integers: { middle: [1] },
    },
    inputs: [['gateUp', 'FP32', 3]],
    outputs: [['y', 'FP32', 2]],
  },
  gelu: {
    graph: {
      opset: 20,
      nodes: ['none', 'tanh'].map((text) => ({
        op: 'Gelu',
        inputs: ['x'],
        outputs: [text],
        attributes: { approximate: { text } },
      })),
    },
    inputs: [['x', 'FP32', 2]],
    outputs: [
      ['none', 'FP32', 2],
      ['tanh', 'FP32', 2],
    ],
    taken: (outputs, { tanh }) => [{ ...outputs[tanh!]!, name: 'y' }],
    // It takes 1 from a hyperbolic tangent near -1: units in the last place of 1, of which eight are allowed.
    coarse: (x) => Math.abs(x) * 8 * 2 ** -24,
  },
  argmax: {
    graph: { nodes: [{ op: 'ArgMax', inputs: ['x'], outputs: ['y'], attributes: { axis: 1, keepdims: 0 } }] },
    inputs: [['x', 'FP32', 2]],
    outputs: [['y', 'INT64', 1]],
    taken: ([y]) => [wordsOf('y', y!)],
  },
  'top-k': {
    graph: { nodes: [{ op: 'TopK', inputs: ['x', 'k'], outputs: ['values', 'indices'] }] },
    inputs: [
      ['x', 'FP32', 2],
      ['k', 'INT64', 1],
    ],
    outputs: [
      ['values', 'FP32', 2],
      ['indices', 'INT64', 2],
    ],
    given: ([x], { k }) => [x!, tensorOf('k', 'INT64', [1], BigInt64Array.of(BigInt(k!)))],
    taken: ([values, indices]) => [values!, wordsOf('indices', indices!)],
  },
  'attention-decode': {
    ...attention(({ keys }) => ({ rows: 1, before: keys! - 1 })),
    taken: ([y]) => [{ ...y!, shape: y!.shape.slice(1) }],
  },
  'attention-prefill': attention(({ rows, before }) => ({ rows: rows!, before: before! })),
  'sort-u32': {
    graph: {
      nodes: [
        {
          op: 'TopK',
          inputs: ['keys', 'count'],
          outputs: ['sorted', 'places'],
          attributes: { largest: 0, sorted: 1 },
        },
      ],
    },
    inputs: [
      ['keys', 'INT64', 1],
      ['count', 'INT64', 1],
    ],
    outputs: [
      ['sorted', 'INT64', 1],
      ['places', 'INT64', 1],
    ],
    given([keys], { n }) {
      const wide = BigInt64Array.from(elementsOf(keys!) as Uint32Array, BigInt)
      return [
        tensorOf('keys', 'INT64', [n!], wide),
        tensorOf('count', 'INT64', [1], BigInt64Array.of(BigInt(n!))),
      ]
    },
    // The values of the suite are the places that the keys had.
    taken(outputs, { n, payload }) {
      const [sorted, places] = outputs.map((tensor) =>
        Uint32Array.from(elementsOf(tensor) as BigInt64Array, Number),
      )
      return [
        tensorOf('sortedKeys', 'UINT32', [n!], sorted!),
        tensorOf('sortedValues', 'UINT32', [payload!, n!], places!.subarray(0, payload! * n!)),
      ]
    },
  },
}

let runner: OnnxRunner
beforeAll(async () => {
  runner = await createWasmRunner({ threads: 1 })
})
afterAll(() => runner.dispose())

const specsOf = (tensors: OnnxForm['inputs']) =>
  tensors.map(([name, datatype, rank]) => ({
    name,
    datatype,
    shape: Array.from({ length: rank }, (_, at) => `${name}${at}`),
  }))

describe.each(Object.entries(forms))('ONNX Runtime and the reference of %s', (name, form) => {
  const suite = kernelSuites.find(({ kernel }) => kernel.name === name) as KernelSuite
  const inputs = specsOf(form.inputs)
  const outputs = specsOf(form.outputs)
  const { model: unnamed, readShard } = testModel([{ ...form.graph, inputs, outputs }], inputs, outputs)
  const hash = Object.keys(forms).indexOf(name).toString(16).padStart(64, '0')
  const model = { ...unnamed, hash }
  const { only = () => true } = form
  const seeded = suite.cases.filter(
    ({ inputs, shape }) => !inputs && !Object.values(shape).slice(0, 2).includes(0) && only(shape),
  )

  it.for(seeded)('agree on $name', async ({ shape, seed }) => {
    if (!runner.loaded().includes(hash)) await runner.load(model, readShard)
    const given = suite.inputs(shape, seed)
    const results = await runner.run({
      kind: 'infer',
      model: hash,
      graph: 0,
      inputs: form.given ? form.given(given, shape) : given,
    })
    const taken = form.taken ? form.taken(results, shape) : results
    const { coarse } = form
    if (!coarse) return expect(mismatchOf(suite, taken, given, shape)).toBe(null)
    const [expected] = suite.reference(given, shape)
    const values = elementsOf(expected!) as Float32Array
    const numbers = elementsOf(given[0]!) as Float32Array
    const far = floatMismatch(taken[0], { ...expected!, values }, (at) => coarse(numbers[at]!))
    expect(far).toBe(null)
  })
})
