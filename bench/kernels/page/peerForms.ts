import type { TestGraph } from '../../../engine/onnx/testGraph.ts'
import type { TensorSpec } from '../../../protocol/manifest.ts'
import { elementsOf, type Tensor, tensorOf } from '../../../protocol/tensor.ts'
import type { Shape } from '../../../shaders/size.ts'

/** How ONNX computes what a kernel of the library computes. */
export interface PeerForm {
  graph(shape: Shape): TestGraph
  /** From the kernel's inputs to the graph's, and from the graph's output to the kernel's; absent: as they are. */
  given?(inputs: readonly Tensor[], shape: Shape): Tensor[]
  taken?(output: Tensor, shape: Shape): Tensor
}

const float = (name: string, ...shape: number[]): TensorSpec => ({ name, datatype: 'FP32', shape })

const matMul: PeerForm = {
  graph: ({ m, k, n }) => ({
    nodes: [{ op: 'MatMul', inputs: ['a', 'b'], outputs: ['c'] }],
    inputs: [float('a', m!, k!), float('b', k!, n!)],
    outputs: [float('c', m!, n!)],
  }),
}

/** W[n,k] times a column. */
const matvecRows: PeerForm = {
  graph: ({ k, n }) => ({
    nodes: [{ op: 'MatMul', inputs: ['weights', 'x'], outputs: ['y'] }],
    inputs: [float('weights', n!, k!), float('x', k!, 1)],
    outputs: [float('y', n!, 1)],
  }),
  given: ([weights, x], { k }) => [weights!, { ...x!, shape: [k!, 1] }],
  taken: (y, { n }) => ({ ...y, shape: [n!] }),
}

/** A row times the transposed W[k,n], as models store it. */
const matvecColumns: PeerForm = {
  graph: ({ k, n }) => ({
    nodes: [{ op: 'MatMul', inputs: ['x', 'columns'], outputs: ['y'] }],
    inputs: [float('x', 1, k!), float('columns', k!, n!)],
    outputs: [float('y', 1, n!)],
  }),
  given: ([weights, x], { k, n }) => [
    { ...x!, shape: [1, k!] },
    tensorOf(
      'columns',
      'FP32',
      [k!, n!],
      transposed(elementsOf(weights!) as Float32Array, { rows: n!, n: k! }),
    ),
  ],
  taken: (y, { n }) => ({ ...y, shape: [n!] }),
}

function transposed(x: Float32Array, { rows, n }: { rows: number; n: number }): Float32Array<ArrayBuffer> {
  const out = new Float32Array(x.length)
  for (let row = 0; row < rows; row++) for (let at = 0; at < n; at++) out[at * rows + row] = x[row * n + at]!
  return out
}

/** W[n,k] in 4-bit blocks; the layout is its own. */
const matMulNBits: PeerForm = {
  graph: ({ k, n }) => ({
    nodes: [
      {
        op: 'MatMulNBits',
        domain: 'com.microsoft',
        inputs: ['x', 'codes', 'scales', 'zeroPoints'],
        outputs: ['y'],
        attributes: { N: n!, K: k!, bits: 4, block_size: 32, accuracy_level: 1 },
      },
    ],
    inputs: [
      float('x', 1, k!),
      { name: 'codes', datatype: 'UINT8', shape: [n!, Math.ceil(k! / 32), 16] },
      float('scales', n!, Math.ceil(k! / 32)),
      { name: 'zeroPoints', datatype: 'UINT8', shape: [n!, Math.ceil(k! / 64)] },
    ],
    outputs: [float('y', 1, n!)],
  }),
  given: ([codes, scales, zeroPoints, x], { k }) => [{ ...x!, shape: [1, k!] }, codes!, scales!, zeroPoints!],
  taken: (y, { n }) => ({ ...y, shape: [n!] }),
}

const scaleOf = (scale: number): TestGraph['nodes'][number]['attributes'] => ({ value: { float: scale } })

/**
 * One row of queries over all keys, a head of keys and values for each head of queries. Keys and values lie as is best for
 * the graph: keys as columns of each head.
 */
const attentionGraph: PeerForm = {
  graph: ({ keys, kvHeads, width, scale }) => ({
    nodes: [
      { op: 'MatMul', inputs: ['queries', 'columns'], outputs: ['products'] },
      {
        op: 'ConstantOfShape',
        inputs: ['one'],
        outputs: ['scale'],
        attributes: scaleOf(scale!),
      },
      { op: 'Mul', inputs: ['products', 'scale'], outputs: ['scores'] },
      { op: 'Softmax', inputs: ['scores'], outputs: ['weights'], attributes: { axis: -1 } },
      { op: 'MatMul', inputs: ['weights', 'rows'], outputs: ['y'] },
    ],
    integers: { one: [1] },
    inputs: [
      float('queries', kvHeads!, 1, width!),
      float('columns', kvHeads!, width!, keys!),
      float('rows', kvHeads!, keys!, width!),
    ],
    outputs: [float('y', kvHeads!, 1, width!)],
  }),
  given([queries, keys, values], shape) {
    const { keys: count, kvHeads, width } = shape
    const heads = { rows: count!, n: kvHeads! * width! }
    const byHead = transposed(elementsOf(keys!) as Float32Array, heads)
    const rows = new Float32Array(byHead.length)
    const from = elementsOf(values!) as Float32Array
    for (let key = 0; key < count!; key++) {
      for (let head = 0; head < kvHeads!; head++) {
        const at = (key * kvHeads! + head) * width!
        rows.set(from.subarray(at, at + width!), (head * count! + key) * width!)
      }
    }
    return [
      { ...queries!, shape: [kvHeads!, 1, width!] },
      tensorOf('columns', 'FP32', [kvHeads!, width!, count!], byHead),
      tensorOf('rows', 'FP32', [kvHeads!, count!, width!], rows),
    ]
  },
  taken: (y, { kvHeads, width }) => ({ ...y, shape: [kvHeads!, width!] }),
}

/** The same in one operator of ONNX Runtime's own. */
const fusedAttention: PeerForm = {
  graph: ({ keys, kvHeads, width, scale }) => ({
    nodes: [
      {
        op: 'MultiHeadAttention',
        domain: 'com.microsoft',
        inputs: ['queries', 'keys', 'values'],
        outputs: ['y'],
        attributes: { num_heads: kvHeads!, scale: { scalar: scale! } },
      },
    ],
    inputs: [
      float('queries', 1, 1, kvHeads! * width!),
      float('keys', 1, keys!, kvHeads! * width!),
      float('values', 1, keys!, kvHeads! * width!),
    ],
    outputs: [float('y', 1, 1, kvHeads! * width!)],
  }),
  given: ([queries, keys, values], { keys: count, kvHeads, width }) => [
    { ...queries!, shape: [1, 1, kvHeads! * width!] },
    { ...keys!, shape: [1, count!, kvHeads! * width!] },
    { ...values!, shape: [1, count!, kvHeads! * width!] },
  ],
  taken: (y, { kvHeads, width }) => ({ ...y, shape: [kvHeads!, width!] }),
}

/** By kernel and form. */
export const peerForms: Readonly<Record<string, Readonly<Record<string, PeerForm>>>> = {
  'matmul-f32': { MatMul: matMul },
  'attention-decode': { 'MatMul Softmax MatMul': attentionGraph, MultiHeadAttention: fusedAttention },
  'matvec-q4': { MatMulNBits: matMulNBits },
  'matvec-f32': { 'MatMul of a column': matvecRows, 'MatMul of a row': matvecColumns },
}
