import type { ServedModel } from '../../../protocol/manifest.ts'
import type { GenerateTask, StageTask } from '../../../protocol/task.ts'
import type { Tensor } from '../../../protocol/tensor.ts'

/** What the thread of language models is sent; the tensors' memory belongs to it. */
export interface LanguageCheck {
  task: GenerateTask | StageTask
  outputs: Tensor[]
  /** Of a step: the inputs of all rows up to and with its own. */
  history: Tensor[]
  model: ServedModel
  /** File of each shard, by its SHA-256. */
  paths: ReadonlyMap<string, string>
}
