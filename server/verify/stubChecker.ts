import type { TaskSpec } from '../../protocol/task.ts'
import { type Tensor, tensorOf } from '../../protocol/tensor.ts'
import type { Checker, CheckOutcome } from './checker.ts'

/** What the stub checker takes for the right result of a task. */
export const rightOutputs = (spec: TaskSpec): Tensor[] => [
  tensorOf('c', 'INT32', [1, 1], Int32Array.of(spec.kind === 'kernel' ? (spec.seed ?? 0) + 1 : 1)),
]
export const wrongOutputs = (): Tensor[] => [tensorOf('c', 'INT32', [1, 1], Int32Array.of(-1))]

/** A checker without arithmetic: right is what `rightOutputs` makes. */
export class StubChecker implements Checker {
  always = true
  /** Set to let checks take until the promise settles. */
  wait: Promise<void> | null = null
  /** Set to make checks fail by themselves. */
  broken: Error | null = null
  checked = 0

  checkForm(_spec: TaskSpec, outputs: readonly Tensor[]): string | null {
    return outputs.length === 1 ? null : `The task has 1 outputs (c) and ${outputs.length} came.`
  }

  alwaysChecked(): boolean {
    return this.always
  }

  check(spec: TaskSpec, outputs: readonly Tensor[]): Promise<CheckOutcome> | CheckOutcome {
    this.checked++
    const judge = (): CheckOutcome => {
      if (this.broken) throw this.broken
      const right = Buffer.from(rightOutputs(spec)[0]!.bytes).equals(outputs[0]!.bytes)
      if (right) return { ok: true, verdict: spec.kind === 'kernel' ? 'freivalds' : 'recomputed' }
      return { ok: false, reason: 'c[0,0] is wrong.' }
    }
    return this.wait === null ? judge() : this.wait.then(judge)
  }

  async close(): Promise<void> {}
}
