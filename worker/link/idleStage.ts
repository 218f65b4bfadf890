import { finishCodes } from '../../protocol/generation.ts'
import type { LanguageModel } from '../../protocol/language.ts'
import type { StageTask } from '../../protocol/task.ts'
import { type Tensor, tensorOf } from '../../protocol/tensor.ts'

/** How long a stage waits that does not compute, ms. */
export const IDLE_STAGE_MS = 40
/** The token that its tail gives. */
const TOKEN = 5

/** Outputs of the right form for a step of a stage, of nothing: for measuring what a ring costs beside its stages. */
export function idleOutputs(model: LanguageModel, task: StageTask): Tensor[] {
  const last = model.stages[task.last]
  if (last?.head) {
    return [
      tensorOf('ids', 'INT32', [1], Int32Array.of(TOKEN)),
      tensorOf('finish', 'INT32', [1], Int32Array.of(finishCodes.length)),
    ]
  }
  const rows = task.inputs[0]?.shape[0] ?? 0
  return [tensorOf('hidden', 'FP32', [rows, model.width], new Float32Array(rows * model.width))]
}
