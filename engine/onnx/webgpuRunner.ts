import type { OnnxRunner } from './onnxRunner.ts'
import type { ExecutionProvider, OrtDevice } from './ortDevice.ts'
import { createOrtRunner } from './ortRunner.ts'
import type { OrtRuntime } from './ortRuntime.ts'
import { standingOn } from './runnerLibrary.ts'

export interface WebgpuRunnerOptions {
  /** The device that the kernels use too. */
  device: OrtDevice
  /** The `.wasm` of the native WebGPU build. */
  wasmBinary: ArrayBuffer
  /** Loads the native WebGPU build of the library. */
  loadRuntime: () => Promise<OrtRuntime>
}

/**
 * A runner on ONNX Runtime Web's native WebGPU build, on a device that is shared with the kernels. Operators that WebGPU
 * lacks run on this build's own CPU kernels. A hung run does not end by itself: whoever calls watches `device.lost`.
 */
export async function createWebgpuRunner(options: WebgpuRunnerOptions): Promise<OnnxRunner> {
  const ort = await options.loadRuntime()
  ort.env.wasm.numThreads = 1
  ort.env.wasm.wasmBinary = options.wasmBinary
  ort.env.logLevel = 'error'
  const provider: ExecutionProvider = { name: 'webgpu', device: options.device }
  const runner = createOrtRunner(ort, 'webgpu', () => ({
    executionProviders: [provider],
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
  }))
  return standingOn({ ort, device: options.device }, runner)
}
