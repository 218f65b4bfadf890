import type { KernelVariant } from '../../shaders/kernel.ts'
import type { Shape } from '../../shaders/size.ts'

/** A side of a comparison, before a kernel and a shape are put in. */
export type SideName =
  | 'opentab'
  /** The best of Opentab's variants that share through workgroup memory. */
  | 'opentab, workgroup memory'
  | 'TensorFlow.js WebGPU'
  | `ONNX Runtime ${'WebGPU' | 'WASM'}, ${string}`

/** The families that a side with workgroup memory may take. */
export const workgroupFamily: KernelVariant['family'] = 'workgroupTile'

/** What Opentab's speed is divided by, and how large the quotient must be. */
export interface Quotient {
  of: 'opentab' | 'opentab, workgroup memory'
  /** Of several the fastest one counts. */
  by: readonly SideName[]
  /** Least quotient on a software adapter; null: printed without a mark. */
  software: number | null
  /** Likewise on a real GPU. */
  hardware: number | null
}

export interface Comparison {
  kernel: string
  shape: Shape
  quotients: readonly Quotient[]
  /** Runs of its slowest side take seconds: left out of runs that only try the program out. */
  isLong?: boolean
}

const square = (size: number): Shape => ({ m: size, k: size, n: size })

const matmul = (shape: Shape, software: number): Comparison => ({
  kernel: 'matmul-f32',
  shape,
  quotients: [
    { of: 'opentab', by: ['ONNX Runtime WebGPU, MatMul'], software, hardware: 1 },
    { of: 'opentab', by: ['TensorFlow.js WebGPU'], software: 8, hardware: null },
    // A guard against tuning to software adapters only.
    { of: 'opentab, workgroup memory', by: ['ONNX Runtime WebGPU, MatMul'], software: 4, hardware: null },
    { of: 'opentab', by: ['ONNX Runtime WASM, MatMul'], software: null, hardware: null },
  ],
})

/** What is compared in one page, smallest first. */
export const comparisons: readonly Comparison[] = [
  {
    kernel: 'matvec-f32',
    shape: { n: 2048, k: 2048 },
    quotients: [
      {
        of: 'opentab',
        by: ['ONNX Runtime WebGPU, MatMul of a row', 'ONNX Runtime WebGPU, MatMul of a column'],
        software: 1,
        hardware: 1,
      },
      { of: 'opentab', by: ['ONNX Runtime WASM, MatMul of a column'], software: null, hardware: null },
    ],
  },
  {
    kernel: 'matvec-q4',
    shape: { n: 2048, k: 2048 },
    quotients: [
      { of: 'opentab', by: ['ONNX Runtime WebGPU, MatMulNBits'], software: 4, hardware: 1 },
      { of: 'opentab', by: ['ONNX Runtime WASM, MatMulNBits'], software: null, hardware: null },
    ],
  },
  {
    kernel: 'attention-decode',
    shape: { keys: 2048, kvHeads: 32, group: 1, width: 64, window: 2048, scale: 0.125 },
    quotients: [
      {
        of: 'opentab',
        by: ['ONNX Runtime WebGPU, MatMul Softmax MatMul', 'ONNX Runtime WebGPU, MultiHeadAttention'],
        software: 4,
        hardware: 1,
      },
      { of: 'opentab', by: ['ONNX Runtime WASM, MatMul Softmax MatMul'], software: null, hardware: null },
    ],
  },
  matmul(square(256), 5),
  matmul({ m: 16, k: 1024, n: 1024 }, 5),
  matmul(square(512), 10),
  { ...matmul(square(1024), 10), isLong: true },
]

/** Kernels and shapes for which the tuner's pick is held against all variants and tunings. */
export const searched: readonly { kernel: string; shape: Shape }[] = [
  { kernel: 'matmul-f32', shape: square(256) },
  { kernel: 'matmul-f32', shape: { m: 16, k: 1024, n: 1024 } },
  { kernel: 'matvec-f32', shape: { n: 2048, k: 2048 } },
  { kernel: 'matvec-i8', shape: { n: 2048, k: 2048, planes: 1 } },
  { kernel: 'matvec-q4', shape: { n: 2048, k: 2048 } },
]
