import type { Tensor } from '../../protocol/tensor.ts'
import type { Task } from './jobRecords.ts'

/** What is known of a job's tasks from before a restart, by index. */
export interface KnownTasks {
  /** Outputs that were verified. */
  outputs: ReadonlyMap<number, Tensor[]>
  /** Attempts that were counted. */
  attempts: ReadonlyMap<number, Pick<Task, 'failed' | 'vanished'>>
}
