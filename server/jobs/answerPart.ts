import type { OpentabError } from '../../protocol/errors.ts'
import type { Verdict } from '../../protocol/receipt.ts'
import type { TaskSpec } from '../../protocol/task.ts'
import type { Tensor } from '../../protocol/tensor.ts'
import type { AnswerChunk } from '../language/answer.ts'
import type { Tab } from '../placement/tab.ts'
import type { BegunStretch } from './begunStretch.ts'
import type { Task } from './jobRecords.ts'

/** How the verdict on a result is asked for. Exactly one of the two is called, once. */
export interface Judging {
  /** Takes the result without a look at its values. */
  accept(): void
  /** Checks it now. */
  check(): void
}

/**
 * What a task of a language model's answer adds to any other task: how the answer hears of it, and what it knows that
 * the task's specification does not say. Other tasks have none.
 */
export interface AnswerPart {
  /** Id of the tab that goes before others while it is not overloaded; null where none does. */
  readonly preferredTab: string | null
  /** The specification for the next lease: another tab goes on where the last one was lost. */
  specAgain(): TaskSpec
  /**
   * Takes tokens that the tab streams. What does not follow the tokens that are known is left alone: only the result
   * counts.
   */
  tokens(tab: Tab, from: number, ids: readonly number[], logprobs: AnswerChunk['logprobs']): void
  /** Whether tokens were taken under the newest lease: then it is no longer untouched. */
  hasStreamed?(): boolean
  /** The sentence for the contributor where a result of the right form contradicts what is known; else null. */
  faultOf(outputs: readonly Tensor[]): string | null
  /** A result of the right form is there: before its check, and before it is on disk. */
  returned(outputs: readonly Tensor[], tab: Tab): void
  /** Takes a result of the right form whose verdict comes together with others'; without it each result has its own. */
  join?(task: Task, tab: Tab, outputs: readonly Tensor[], judging: Judging): void
  /** The results that this one stands for. */
  stretch?: BegunStretch | null
  /** Addresses of the tabs whose tokens the result goes on from and that were not judged: each may be drawn as well. */
  addressesBefore?(): string[]
  /** What is checked instead of the task and its outputs: with the tokens before it that were not judged; null without such. */
  scored?(outputs: readonly Tensor[]): { spec: TaskSpec; outputs: readonly Tensor[] } | null
  /** Whether `scored` gives something else to check now that what it gave was found right. */
  hasMoreToCheck?(): boolean
  /** The result was accepted: so are the tokens before it. */
  settleBefore?(verdict: Verdict): void
  /** Whether the wrong token is another tab's: that one was rejected then, and `rejected` is called for the answer. */
  blamesAnother?(outcome: { reason: string; place?: number }): boolean
  /**
   * Canonical operations of a result of the right form.
   * @param payee address that is paid for them: what it was paid for before is left out
   */
  operationsOf(outputs: readonly Tensor[], payee?: string): number
  /** Who pays a result that costs this much, where that shows only now. */
  payer?(microCredits: number): string
  /** A result was verified and costs this much. */
  paid(microCredits: number): void
  /** A result was rejected. @returns what the task dies of, null where it can be done again */
  rejected(reason: string): OpentabError | null
}
