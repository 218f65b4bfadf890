import type { TaskSpec } from '../../protocol/task.ts'
import type { FlowContext } from './flow.ts'

/** The kind under which custom kernels are kept; outside they are kernels like the library's. */
export const CUSTOM_KERNEL_JOB = 'custom-kernel'

/** A kind of job: how its body becomes tasks, and their outputs an answer. */
export interface JobKind {
  name: string
  /**
   * For jobs whose tasks are all known from the body: the specs, in order. Their answer is their tasks' outputs.
   * Exactly one of `plan` and `flow` is there.
   */
  plan?: (body: unknown) => Promise<TaskSpec[]> | TaskSpec[]
  /** For jobs of several steps: the answer's body. */
  flow?: (body: unknown, context: FlowContext) => Promise<unknown>
  /**
   * Job numbers in a row that it takes, at most ANSWERS_JOB_SPAN: a flow that asks for answers needs that many, since
   * each step of a stage is a task. 1 where it is left out.
   */
  span?: number
  /**
   * False: what was found right of it is charged also where it is cancelled or fails. True where left out: the operator
   * gives the money back.
   */
  refunds?: false
  /** Open jobs of it that one requester may have; as many as there is room for where it is left out. */
  mostOpen?: number
  /** Canonical operations of one task of it. */
  operationsOf: (spec: TaskSpec) => Promise<number> | number
}
