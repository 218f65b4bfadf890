import type { StageTask } from '../../protocol/task.ts'
import type { Tensor } from '../../protocol/tensor.ts'
import type { Task } from './jobRecords.ts'

/** A step as a check needs it. */
export interface CheckedStep {
  spec: StageTask
  outputs: readonly Tensor[]
  /** What went into the stages from the first row on. */
  history: () => Promise<Tensor[]>
}

/** Steps of stages that get one verdict, as whoever books that sees them. */
export interface BegunStretch {
  /** Stands for all of them. */
  readonly first: Task
  /** [task, generation] of the steps after the first. */
  readonly later: [task: number, generation: number][]
  /** Called when its verdict is there. */
  over: () => void
  /** Canonical operations of its steps. */
  readonly operations: number
  /** The one step that is checked for all. */
  readonly checked: CheckedStep
  /** What the receipt commits to, hex. */
  readonly commitments: { input: string; output: string }
}
