import type { TaskSpec } from '../../protocol/task.ts'
import type { Tensor } from '../../protocol/tensor.ts'

/** The outcome of checking one result. */
export type CheckOutcome =
  | { ok: true; verdict: 'freivalds' | 'recomputed' }
  /** `reason` is a sentence for the contributor, with the values. */
  | { ok: false; reason: string }

/** Checks results. What costs more than a millisecond runs off the event loop and answers with a promise. */
export interface Checker {
  /**
   * Names, datatypes and shapes of the outputs, which are always looked at, whether or not the result is drawn for a
   * check. Gives the sentence for the contributor, or null when they are right.
   */
  checkForm(spec: TaskSpec, outputs: readonly Tensor[]): Promise<string | null> | string | null
  /** Whether every result of this kind is checked, cheap as the check is (integer and float matmul kernels). */
  alwaysChecked(spec: TaskSpec): boolean
  /**
   * The check itself: Freivalds for matmul kernels, recomputation on WASM for ONNX graphs. Where the check itself fails
   * (thread lost, queue full, model missing, damaged or too large) the promise is rejected with an OpentabError: that is
   * not the tab's fault, the result counts as not checked and the check is to be tried again later.
   */
  check(spec: TaskSpec, outputs: readonly Tensor[]): Promise<CheckOutcome> | CheckOutcome
  close(): Promise<void>
}
