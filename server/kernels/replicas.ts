import type { CustomTask } from '../../protocol/task.ts'
import type { Tensor } from '../../protocol/tensor.ts'
import { untilAborted } from '../jobs/untilAborted.ts'
import type { CheckOutcome } from '../verify/checker.ts'

/** Takes the outputs of one tab and settles when those of the others are there. */
export type ReplicaJudge = (outputs: readonly Tensor[]) => Promise<CheckOutcome>

const judges = new WeakMap<CustomTask, ReplicaJudge>()

/** Says who judges the outputs of this task: nothing but other tabs' outputs can tell whether they are right. */
export function judgeBesideReplicas(task: CustomTask, judge: ReplicaJudge): void {
  judges.set(task, judge)
}

/**
 * The verdict on a custom kernel's outputs; one that nobody waits for any more is not verified.
 * @param signal aborted when the job has ended without its outcome: there is no verdict then, and nothing is held for it
 */
export async function besideReplicas(
  task: CustomTask,
  outputs: readonly Tensor[],
  signal: AbortSignal | undefined,
): Promise<CheckOutcome> {
  const judge = judges.get(task)
  return judge ? untilAborted(judge(outputs), signal) : { ok: true, verdict: 'unverified' }
}
