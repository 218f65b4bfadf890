import { OpentabError } from '../protocol/errors.ts'
import type { CustomTask, KernelTask, TaskSpec } from '../protocol/task.ts'
import type { Tensor } from '../protocol/tensor.ts'
import type { LanguageRunner, TokenChunk } from './language/languageRunner.ts'
import type { OnnxRunner } from './onnx/onnxRunner.ts'

/** What runs tasks on this device; null where it cannot run that kind. */
export interface TaskRunners {
  kernels: { run(task: KernelTask, signal?: AbortSignal): Promise<Tensor[]> } | null
  onnx: OnnxRunner | null
  language: LanguageRunner | null
  /** Runs programs that requesters wrote. */
  custom?: { run(task: CustomTask, signal: AbortSignal): Promise<Tensor[]> } | null
}

/**
 * Runs one task on the runner of its kind. `signal` ends kernels between two submits and answers between two tokens;
 * an ONNX graph always runs to its end. `onTokens` hears an answer's tokens as they are made.
 * @throws OpentabError `kernel_failed`, `kernel_refused`, `kernel_ended`, `kernel_lost_device`, `model_failed`, `model_not_found`, `invalid_value`, `out_of_memory`, `device_lost`, `cancelled`
 */
export async function runTask(
  spec: TaskSpec,
  runners: TaskRunners,
  signal: AbortSignal,
  onTokens: (chunk: TokenChunk) => void = () => {},
): Promise<Tensor[]> {
  switch (spec.kind) {
    case 'kernel':
      if (!runners.kernels) {
        throw new OpentabError('kernel_failed', `There is no WebGPU device here to run ${spec.kernel} on.`)
      }
      return runners.kernels.run(spec, signal)
    case 'infer':
      if (!runners.onnx) throw new OpentabError('model_failed', 'There is no ONNX backend here.')
      return runners.onnx.run(spec)
    case 'generate':
    case 'stage':
      if (!runners.language) throw new OpentabError('model_failed', 'There are no language models here.')
      return spec.kind === 'generate'
        ? runners.language.generate(spec, onTokens, signal)
        : runners.language.stage(spec, signal)
    case 'custom':
      if (!runners.custom)
        throw new OpentabError('kernel_failed', 'There is no WebGPU device here to run a custom kernel on.')
      return runners.custom.run(spec, signal)
    default:
      return spec satisfies never
  }
}
