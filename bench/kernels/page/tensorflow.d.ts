// As much of TensorFlow.js as the benchmark uses: its packages are only there once a benchmark has installed them.
declare module '@tensorflow/tfjs-core' {
  export interface Tensor {
    data(): Promise<Float32Array>
    dispose(): void
  }
  export function tensor2d(values: Float32Array, shape: [number, number]): Tensor
  export function matMul(a: Tensor, b: Tensor): Tensor
  export function setBackend(name: string): Promise<boolean>
  export function ready(): Promise<void>
  export function backend(): unknown
}

declare module '@tensorflow/tfjs-backend-webgpu' {
  /** The backend that the import registers as `webgpu`. */
  export interface WebGPUBackend {
    readonly queue: GPUQueue
    endComputePassEncoder(): void
    submitQueue(): void
  }
}
