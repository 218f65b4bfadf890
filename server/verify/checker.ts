import type { TaskSpec } from '../../protocol/task.ts'
import type { Tensor } from '../../protocol/tensor.ts'
import type { Tolerance } from '../kernels/compareOutputs.ts'
import type { OutputComparer } from './outputComparer.ts'

/** The outcome of checking one result. */
export type CheckOutcome =
  | { ok: true; verdict: 'freivalds' | 'recomputed' | 'text-scored' | 'replica' | 'reference' | 'unverified' }
  /**
   * `reason` is a sentence for the contributor, with the values; `place` that of the wrong token of an answer (its length
   * where its end is wrong), of which other tabs may have made a part.
   */
  | { ok: false; reason: string; place?: number }

/**
 * The inputs of a step of a stage from the first row on: `ids` INT32[rows] or `hidden` (and `scales`), as in the task,
 * with `rows` = the task's position and its own rows.
 */
export type StepHistory = () => Promise<Tensor[]>

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
   * The check itself: Freivalds for matmul kernels, recomputation on WASM for ONNX graphs and stages, and for answers
   * one pass over prompt and answer that scores each token (of outputs without `finish` all but the end). Where the check itself fails
   * (thread lost, queue full, model missing, damaged or too large) the promise is rejected with an OpentabError: that is
   * not the tab's fault, the result counts as not checked and the check is to be tried again later.
   * @param signal aborted when nobody waits for the outcome any more: a check that has not begun is left out then
   */
  check(
    spec: TaskSpec,
    outputs: readonly Tensor[],
    history?: StepHistory,
    signal?: AbortSignal,
  ): Promise<CheckOutcome> | CheckOutcome
  /** What compares outputs of a custom kernel with each other, or with what is right; large ones off the event loop. */
  comparerOf(sets: readonly (readonly Tensor[])[], tolerance: Tolerance): OutputComparer
  close(): Promise<void>
}
