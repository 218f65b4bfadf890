import { seededFloat32, seededInt8 } from '../../../protocol/seededInputs.ts'
import type { KernelTask } from '../../../protocol/task.ts'
import { type Tensor, tensorOf } from '../../../protocol/tensor.ts'
import type { MatmulShape } from './matmulShape.ts'

/** Plain references and tasks for the tests of the matmul checks. */

/** c[m,n] modulo 2^32, summed in the order of k tiles of `tile`, the last tile first. */
export function productInt8(
  a: Int8Array,
  b: Int8Array,
  { m, k, n }: MatmulShape,
  tile = k,
): Int32Array<ArrayBuffer> {
  const c = new Int32Array(m * n)
  for (let from = Math.floor((k - 1) / tile) * tile; from >= 0; from -= tile) {
    const to = Math.min(k, from + tile)
    for (let i = 0; i < m; i++) {
      for (let p = from; p < to; p++) {
        const factor = a[i * k + p]!
        for (let j = 0; j < n; j++) c[i * n + j]! += factor * b[p * n + j]!
      }
    }
  }
  return c
}

/** How one element of an f32 product may be summed. */
export type Summation = (products: number[]) => number

/** c[m,n] with every element summed by `sum` from its k exact products. */
export function productFloat32(
  a: Float32Array,
  b: Float32Array,
  { m, k, n }: MatmulShape,
  sum: Summation,
): Float32Array<ArrayBuffer> {
  const c = new Float32Array(m * n)
  const products: number[] = new Array(k).fill(0)
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      for (let p = 0; p < k; p++) products[p] = a[i * k + p]! * b[p * n + j]!
      c[i * n + j] = sum(products)
    }
  }
  return c
}

export function int8Task(
  shape: MatmulShape,
  inputs: { a: Int8Array; b: Int8Array } | { seed: number },
): KernelTask {
  const tensors: Tensor[] =
    'seed' in inputs
      ? []
      : [
          tensorOf('a', 'INT8', [shape.m, shape.k], inputs.a),
          tensorOf('b', 'INT8', [shape.k, shape.n], inputs.b),
        ]
  const seed = 'seed' in inputs ? inputs.seed : null
  return { kind: 'kernel', kernel: 'matmul-i8', subject: '', shape, seed, inputs: tensors }
}

export function float32Task(
  shape: MatmulShape,
  inputs: { a: Float32Array; b: Float32Array } | { seed: number },
): KernelTask {
  const tensors: Tensor[] =
    'seed' in inputs
      ? []
      : [
          tensorOf('a', 'FP32', [shape.m, shape.k], inputs.a),
          tensorOf('b', 'FP32', [shape.k, shape.n], inputs.b),
        ]
  const seed = 'seed' in inputs ? inputs.seed : null
  return { kind: 'kernel', kernel: 'matmul-f32', subject: '', shape, seed, inputs: tensors }
}

export const seededPairInt8 = (seed: number, { m, k, n }: MatmulShape) => ({
  a: seededInt8(seed, 0, m * k),
  b: seededInt8(seed, 1, k * n),
})

export const seededPairFloat32 = (seed: number, { m, k, n }: MatmulShape) => ({
  a: seededFloat32(seed, 0, m * k),
  b: seededFloat32(seed, 1, k * n),
})

export const cInt32 = ({ m, n }: MatmulShape, c: Int32Array): Tensor => tensorOf('c', 'INT32', [m, n], c)
export const cFloat32 = ({ m, n }: MatmulShape, c: Float32Array): Tensor => tensorOf('c', 'FP32', [m, n], c)
