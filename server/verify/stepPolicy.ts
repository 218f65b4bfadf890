import { FIRST_RESULTS_CHECKED } from '../../protocol/limits.ts'

export interface StepPolicyOptions {
  /** Verdicts on an address that passed a check since its last rejection. */
  verifiedSinceReset(address: string): number
  /** Whether something of an address in this state is drawn for a check. */
  draw(verifiedSinceReset: number): boolean
}

/** Steps that wait for their verdict. Exactly one of the two is called, once. */
export interface PartJudging {
  /** Takes them without a look at their values. */
  accept(): void
  /** Checks one of them; `over` is called once the verdict is there, or can never be. */
  check(over: () => void): void
}

interface AddressState {
  /** First parts that are being checked. */
  pending: number
  /** Parts that wait for these. */
  held: PartJudging[]
}

/**
 * Which parts of answers' rings are checked. It is asked when a part is over, so that nothing that its tab hears before
 * tells whether it will be. Of an address's first ten parts each is checked; what ends meanwhile waits for these.
 */
export class StepPolicy {
  readonly #options: StepPolicyOptions
  readonly #addresses = new Map<string, AddressState>()

  constructor(options: StepPolicyOptions) {
    this.#options = options
  }

  /** The steps that an address made of a part. Their verdict is asked for now, or when its first ones are there. */
  offer(address: string, judging: PartJudging): void {
    const verified = this.#options.verifiedSinceReset(address)
    const state = this.#addresses.get(address)
    const pending = state?.pending ?? 0
    // Of an address of which so few are verified everything is drawn, unless nothing is checked at all.
    if (verified + pending < FIRST_RESULTS_CHECKED && this.#options.draw(verified))
      return this.#checkFirst(address, judging)
    if (state) state.held.push(judging)
    else if (this.#options.draw(verified)) judging.check(() => {})
    else judging.accept()
  }

  #checkFirst(address: string, judging: PartJudging): void {
    const state = this.#addresses.get(address) ?? { pending: 0, held: [] }
    this.#addresses.set(address, state)
    state.pending++
    let isOver = false
    judging.check(() => {
      if (isOver) return
      isOver = true
      if (--state.pending > 0) return
      this.#addresses.delete(address)
      for (const held of state.held) this.offer(address, held)
    })
  }
}
