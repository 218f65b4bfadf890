import { microCreditsOf } from '../../protocol/limits.ts'
import type { StageTask } from '../../protocol/task.ts'
import type { Tensor } from '../../protocol/tensor.ts'
import type { Core } from '../core.ts'
import { receiptSalts } from '../ledger/receipts/commitment.ts'
import { StepCommitments } from '../ledger/receipts/stepCommitments.ts'
import { countInputs } from './addTask.ts'
import type { Judging } from './answerPart.ts'
import type { BegunStretch, CheckedStep } from './begunStretch.ts'
import { receiptIdOf, type Task } from './jobRecords.ts'

/**
 * Steps of one tab over the same stages of one answer that one account pays: they get one verdict, one receipt and one
 * credit. The first step's task stands for all of them and stays with the job, `returned`, until the verdict; of the others
 * only the commitments are kept, and the one step that would be checked.
 */
export class Stretch implements BegunStretch {
  readonly first: Task
  /** [task, generation] of the steps after the first. */
  readonly later: [task: number, generation: number][] = []
  /** Called when its verdict is there. */
  over: () => void = () => {}
  readonly #core: Core
  readonly #judging: Judging
  readonly #commitments: StepCommitments
  #operations = 0
  #checked: CheckedStep | null = null

  /** @param judging the first step's: it is for all of them */
  constructor(core: Core, first: Task, judging: Judging) {
    this.#core = core
    this.first = first
    this.#judging = judging
    this.#commitments = new StepCommitments(
      receiptSalts(first.job.saltKey, receiptIdOf(first.id, first.generation)),
    )
  }

  get steps(): number {
    return this.#commitments.steps
  }

  /**
   * Adds a returned step of the right form; they come in the order of their positions.
   * @param random an integer from 0 to `below` - 1 that nobody can foresee: each step is as likely to be the checked one
   */
  add(
    task: Task,
    outputs: readonly Tensor[],
    history: CheckedStep['history'],
    random: (below: number) => number,
  ): void {
    const spec = task.spec as StageTask
    this.#commitments.add(spec, outputs)
    this.#operations += task.operations
    if (random(this.steps) === 0) this.#checked = { spec, outputs, history }
    countInputs(this.#core, task.job, spec, -1)
    task.spec = { ...spec, inputs: [] }
    if (task === this.first) return
    this.later.push([task.id, task.generation])
    task.job.tasks.delete(task.index)
  }

  /** No more steps come: the task is worth all of them now. Exactly one of the judging's calls is due. */
  close(): Judging {
    this.first.operations = this.#operations
    this.first.microCredits = microCreditsOf(this.#operations)
    return this.#judging
  }

  /** Canonical operations of its steps. */
  get operations(): number {
    return this.#operations
  }

  /** The one step that is checked for all, where it comes to that: it has one at least. */
  get checked(): CheckedStep {
    return this.#checked!
  }

  /** What the receipt commits to, hex. */
  get commitments(): { input: string; output: string } {
    return this.#commitments.sums
  }
}
