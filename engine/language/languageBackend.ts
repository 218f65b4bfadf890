import type { LanguageModel, StageRange } from '../../protocol/language.ts'
import type { OrtRuntime } from '../onnx/ortRuntime.ts'
import type { LoadedStage, SessionOptions } from './loadedStage.ts'
import type { StageChain } from './stageChain.ts'
import { createWasmChain } from './wasmChain.ts'
import { createWebgpuChain } from './webgpuChain.ts'

/** What language models run on: one copy of ONNX Runtime Web with one execution provider. */
export interface LanguageBackend {
  readonly ort: OrtRuntime
  /** Whether stages' packed graphs are read where there are any. */
  readonly packed: boolean
  sessionOptions(): SessionOptions
  createChain(model: LanguageModel, range: StageRange, stages: readonly LoadedStage[]): StageChain
}

/** The WASM backend. Its MatMulNBits is about ten times slower than a matmul in f32: weights are expanded. */
export const wasmBackend = (ort: OrtRuntime): LanguageBackend => ({
  ort,
  packed: false,
  sessionOptions: () => ({
    executionProviders: ['wasm'],
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
  }),
  createChain: (model, range, stages) => createWasmChain(ort, model, range, stages),
})

/** The native WebGPU backend. `packed` where there is hardware: a software adapter has no use for small weights. */
export const webgpuBackend = (ort: OrtRuntime, device: GPUDevice, packed: boolean): LanguageBackend => ({
  ort,
  packed,
  sessionOptions: () => ({
    executionProviders: [{ name: 'webgpu', device }],
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
    preferredOutputLocation: 'gpu-buffer',
    // ONNX Runtime 1.30 hands the attention its 2D input where it fuses the norms of queries and keys that stand between
    // two reshapes: "Inputs 0 (query) shall be 3 dimensions". Can go when tiny-qwen3 passes without.
    extra: { optimization: { disable_specified_optimizers: 'GroupQueryAttentionPreNormFusion' } },
  }),
  createChain: (model, range, stages) => createWebgpuChain(ort, device, model, range, stages),
})
