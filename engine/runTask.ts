import { OpentabError } from '../protocol/errors.ts'
import type { KernelTask, TaskSpec } from '../protocol/task.ts'
import type { Tensor } from '../protocol/tensor.ts'
import type { OnnxRunner } from './onnx/onnxRunner.ts'

/** What runs tasks on this device; null where it cannot run that kind. */
export interface TaskRunners {
  kernels: { run(task: KernelTask, signal?: AbortSignal): Promise<Tensor[]> } | null
  onnx: OnnxRunner | null
}

/**
 * Runs one task on the runner of its kind. `signal` ends kernels between two submits; an ONNX graph always runs to its
 * end.
 * @throws OpentabError `kernel_failed`, `model_failed`, `model_not_found`, `invalid_value`, `out_of_memory`, `device_lost`, `cancelled`
 */
export async function runTask(spec: TaskSpec, runners: TaskRunners, signal?: AbortSignal): Promise<Tensor[]> {
  switch (spec.kind) {
    case 'kernel':
      if (!runners.kernels) {
        throw new OpentabError('kernel_failed', `There is no WebGPU device here to run ${spec.kernel} on.`)
      }
      return runners.kernels.run(spec, signal)
    case 'infer':
      if (!runners.onnx) throw new OpentabError('model_failed', 'There is no ONNX backend here.')
      return runners.onnx.run(spec)
    default:
      return spec satisfies never
  }
}
