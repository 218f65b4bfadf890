import type { Tensor } from '../../protocol/tensor.ts'
import type { Core } from '../core.ts'
import type { Judging } from '../jobs/answerPart.ts'
import type { CheckedStep } from '../jobs/begunStretch.ts'
import type { Task } from '../jobs/jobRecords.ts'
import { Stretch } from '../jobs/stretch.ts'
import type { StepPolicy } from '../verify/stepPolicy.ts'
import type { StepExpense } from './stepAccounts.ts'

/** Steps after which the verdict on a part is asked for and the next ones are counted anew: what a killed relay costs its tab. */
const STRETCH_STEPS = 256

/** A step's result of the right form, with how its verdict is asked for. */
export interface JoiningStep {
  task: Task
  outputs: readonly Tensor[]
  judging: Judging
  history: CheckedStep['history']
  expense: StepExpense
}

/**
 * The steps that one tab makes of one part of an answer, gathered for their verdict: that comes at the part's end, whether
 * it is drawn for a check or not. It comes earlier after many steps, and where another account pays for the next one.
 */
export class LegStretches {
  readonly #core: Core
  readonly #policy: StepPolicy
  readonly #address: string
  readonly #random: (below: number) => number
  #open: Stretch | null = null
  #expense: StepExpense = 'first'
  #ended = false

  /** @param random an integer from 0 to `below` - 1 that nobody can foresee */
  constructor(core: Core, policy: StepPolicy, address: string, random: (below: number) => number) {
    this.#core = core
    this.#policy = policy
    this.#address = address
    this.#random = random
  }

  /**
   * Takes a step.
   * @param onBegun called with the stretch that it begins, where it does, before this can have its verdict
   */
  join({ task, outputs, judging, history, expense }: JoiningStep, onBegun: (stretch: Stretch) => void): void {
    const isOther = this.#open?.first.payer !== task.payer || this.#expense !== expense
    if (this.#open && (this.#open.steps >= STRETCH_STEPS || isOther)) this.#close()
    this.#expense = expense
    const stretch = this.#open ?? new Stretch(this.#core, task, judging)
    if (this.#open === null) onBegun(stretch)
    this.#open = stretch
    stretch.add(task, outputs, history, this.#random)
    if (this.#ended) this.#close()
  }

  /** No more steps come. */
  end(): void {
    this.#ended = true
    this.#close()
  }

  #close(): void {
    const stretch = this.#open
    if (!stretch) return
    this.#open = null
    const judging = stretch.close()
    this.#policy.offer(this.#address, {
      accept: () => judging.accept(),
      check: (over) => {
        stretch.over = over
        judging.check()
      },
    })
  }
}
