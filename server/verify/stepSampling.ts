import { FIRST_RESULTS_CHECKED } from '../../protocol/limits.ts'
import type { Judging } from '../jobs/answerPart.ts'

export interface StepPolicyOptions {
  /** Results of an address that passed a check since its last rejection. */
  verifiedSinceReset(address: string): number
  /** Whether something of an address in this state is drawn for a check. */
  draw(verifiedSinceReset: number): boolean
  /** A random integer from 0 to `below` - 1 that nobody can foresee. */
  random(below: number): number
}

/** A step's result that waits for its verdict. */
export interface OfferedStep extends Judging {
  /** Told before the check of one of the address's first results: `StepPolicy.count(address, -1)` is due after it. */
  first(): void
}

interface Held {
  sampling: StepSampling
  step: OfferedStep
}

interface AddressState {
  /** First results that are being checked. */
  pending: number
  /** Results that wait for these. */
  held: Held[]
}

/**
 * Which steps of stages are checked. A check runs the sequence up to its step again, so not each step is drawn but each
 * part that an address has in an answer: of a part that is drawn one random step is checked, at its end, and is paid then.
 * Of an address whose first results are not verified yet, these are checked one by one; what comes meanwhile is held back.
 */
export class StepPolicy {
  readonly #options: StepPolicyOptions
  readonly #addresses = new Map<string, AddressState>()

  constructor(options: StepPolicyOptions) {
    this.#options = options
  }

  /** For the steps that one address makes of one part of an answer. */
  sampling(address: string): StepSampling {
    return new StepSampling(this, address)
  }

  /** One of the address's first results: it is being checked, or (-1) its check is over. */
  count(address: string, change: 1 | -1): void {
    const state = this.#stateOf(address)
    state.pending += change
    if (state.pending > 0) return
    this.#addresses.delete(address)
    for (const { sampling, step } of state.held) sampling.offer(step)
  }

  /** @internal */
  isFirst(address: string): boolean {
    const pending = this.#addresses.get(address)?.pending ?? 0
    const verified = this.#options.verifiedSinceReset(address)
    // Of an address of which so few are verified everything is drawn, unless nothing is checked at all.
    return verified + pending < FIRST_RESULTS_CHECKED && this.#options.draw(verified)
  }

  /** Whether the result has to wait for the address's first ones; it is offered again then. @internal */
  holds(address: string, held: Held): boolean {
    const state = this.#addresses.get(address)
    if (!state || state.pending === 0) return false
    state.held.push(held)
    return true
  }

  /** @internal */
  draw(address: string): boolean {
    return this.#options.draw(this.#options.verifiedSinceReset(address))
  }

  /** @internal */
  random(below: number): number {
    return this.#options.random(below)
  }

  #stateOf(address: string): AddressState {
    let state = this.#addresses.get(address)
    if (!state) {
      state = { pending: 0, held: [] }
      this.#addresses.set(address, state)
    }
    return state
  }
}

/** The steps that one address makes of one part of an answer: which of them are checked. */
export class StepSampling {
  readonly #policy: StepPolicy
  readonly #address: string
  #drawn: boolean | null = null
  /** Steps of a drawn part so far: each is the candidate with the same chance in the end. */
  #seen = 0
  #candidate: Judging | null = null
  #ended = false

  constructor(policy: StepPolicy, address: string) {
    this.#policy = policy
    this.#address = address
  }

  /** A step's result of the right form. Its verdict may come now, with a later step, or at the end. */
  offer(step: OfferedStep): void {
    if (this.#policy.isFirst(this.#address)) {
      this.#policy.count(this.#address, 1)
      step.first()
      return step.check()
    }
    if (this.#policy.holds(this.#address, { sampling: this, step })) return
    this.#drawn ??= this.#policy.draw(this.#address)
    if (!this.#drawn) return step.accept()
    this.#seen++
    if (this.#policy.random(this.#seen) > 0) return step.accept()
    this.#candidate?.accept()
    this.#candidate = null
    if (this.#ended) step.check()
    else this.#candidate = step
  }

  /** No more steps come: the one that was drawn is checked. */
  end(): void {
    this.#ended = true
    const candidate = this.#candidate
    this.#candidate = null
    candidate?.check()
  }
}
