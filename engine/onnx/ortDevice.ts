import type { OrtRuntime } from './ortRuntime.ts'

/** One way to compute, as a session's options name it. */
export type ExecutionProvider = NonNullable<
  NonNullable<Parameters<OrtRuntime['InferenceSession']['create']>[1]>['executionProviders']
>[number]

/** The WebGPU device of the kernel layer, as ONNX Runtime's types name it. */
export type OrtDevice = NonNullable<Extract<ExecutionProvider, { name: 'webgpu' }>['device']>
