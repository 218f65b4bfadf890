import type { TokenChunk } from '../../engine/language/languageRunner.ts'
import type { StageRange } from '../../protocol/language.ts'
import type { ServedModel } from '../../protocol/manifest.ts'
import type { DeviceReport, TunedKernel, TuningReport } from '../../protocol/messages.ts'
import type { TaskSpec } from '../../protocol/task.ts'
import type { Tensor } from '../../protocol/tensor.ts'

export type { TokenChunk }

/** What a finished task gives. `computeMicros` is wall time in the engine, microseconds. */
export interface ComputeOutcome {
  outputs: Tensor[]
  computeMicros: number
}

/** What `open` finds out about the device. */
export interface OpenedDevice {
  report: DeviceReport
  /** Kernels of the library that can run here, by name. */
  kernels: string[]
  /** WebGPU limits, for the device card. */
  limits: Record<string, number>
}

export interface OpenOptions {
  /** Most threads of the WASM backend; fewer are used where one is as fast. */
  wasmThreads: number
  /** ONNX Runtime's WASM build (worker/compute/runtimeFiles.ts). */
  wasmBinary: ArrayBuffer
  /** ONNX Runtime's native WebGPU build; only worth its bytes where there is a hardware adapter. Without it graphs run on WASM. */
  webgpuBinary?: ArrayBuffer
  /** Bytes that language models may take: their weights and the caches of conversations. */
  memoryBytes: number
  /** Makes the fault switches of ComputeFaults work, and takes `wasmThreads` as they are instead of measuring. */
  test?: boolean
}

/**
 * The compute worker as the link worker sees it, over a comlink MessagePort. It has no network: model bytes and the
 * ONNX Runtime's WASM arrive by message. It can be killed and made anew at any time. Errors cross as
 * `{code, message, fix}` (worker/compute/transferError.ts), never as plain strings.
 */
export interface ComputeApi {
  /** Opens the GPU (if there is one) and the ONNX backends, measures which backend is faster, once. */
  open(options: OpenOptions): Promise<OpenedDevice>
  /**
   * Makes the sessions of a model, or of a run of a language model's stages; another run of the same model is given up
   * first. `shards` maps SHA-256 to the bytes, which are transferred. @throws `model_failed`, `out_of_memory`
   */
  loadModel(
    model: ServedModel,
    shards: Map<string, ArrayBuffer>,
    range: StageRange | null,
  ): Promise<{ loadMs: number }>
  unloadModel(modelHash: string): Promise<void>
  /**
   * Runs one task; calls are worked off in order, the next one's inputs are prepared while one runs. Answers of language
   * models go on beside the others, token by token in turn. `run` names the call for `endRun` and `hearTokens`.
   */
  run(spec: TaskSpec, run: number): Promise<ComputeOutcome>
  /** Ends an answer after its token: its call rejects with `cancelled`. Another task goes on. */
  endRun(run: number): Promise<void>
  /** Calls back with the tokens of answers as they are made. */
  hearTokens(listener: (run: number, chunk: TokenChunk) => void): Promise<void>
  /** Takes over what tabs of the same device class measured of kernels, where nothing was measured here. */
  adoptTuning(choices: readonly TunedKernel[]): Promise<void>
  /** Calls back with what was measured of kernels on this device: what is known already, and each time there is more. */
  hearTuning(listener: (report: TuningReport) => void): Promise<void>
  /** Stops at once: no GPU submit happens later than 250 ms after this; running and waiting calls reject with `cancelled`. */
  stop(): Promise<void>
}

/** Faults for tests. They answer `not_available` unless `open` was called with `test: true`. */
export interface ComputeFaults {
  /** Loses the GPU device while the next kernel task runs. */
  loseDevice(): Promise<void>
}
