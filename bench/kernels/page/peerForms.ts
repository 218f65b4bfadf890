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

/** By kernel and form. */
export const peerForms: Readonly<Record<string, Readonly<Record<string, PeerForm>>>> = {
  'matmul-f32': { MatMul: matMul },
  'matvec-q4': { MatMulNBits: matMulNBits },
  'matvec-f32': { 'MatMul of a column': matvecRows, 'MatMul of a row': matvecColumns },
}
