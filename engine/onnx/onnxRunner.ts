import type { ServedModel } from '../../protocol/manifest.ts'
import type { InferTask } from '../../protocol/task.ts'
import type { Tensor } from '../../protocol/tensor.ts'

export type OnnxBackend = 'wasm' | 'webgpu'

/** Runs ONNX graphs. One operation at a time: calls wait for each other. */
export interface OnnxRunner {
  readonly backend: OnnxBackend
  /**
   * Makes the sessions of a model; a model that is loaded already is left alone.
   * @throws OpentabError `wrong_hash`, `model_failed`, `out_of_memory`
   */
  load(model: ServedModel, readShard: (sha256: string) => Promise<Uint8Array<ArrayBuffer>>): Promise<void>
  /** Manifest hashes of the models that can run now. */
  loaded(): string[]
  unload(modelHash: string): Promise<void>
  /**
   * Runs one graph; outputs come in the graph's declared order.
   * @throws OpentabError `model_not_found` when it is not loaded, `model_failed`, `out_of_memory`, `device_lost`
   */
  run(task: InferTask): Promise<Tensor[]>
  dispose(): Promise<void>
}
