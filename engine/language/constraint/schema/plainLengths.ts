import type { GrammarRules } from './grammarRules.ts'
import { PLAIN } from './jsonRules.ts'

/** Characters of the shortest run that has a rule. */
const RUN = 16
/** Longest text that is written out: up to here that compiles fast enough, and is matched ten times faster than runs. */
const MAX_WRITTEN_OUT = 24

/**
 * Characters of JSON strings in given numbers. Each place of a text that is written out, `c{0,200}`, costs the grammar's
 * compiler a look at the whole vocabulary, so long ones are made of runs of 16, 32, 64, ... characters, whose rules all
 * strings share.
 */
export class PlainLengths {
  readonly #rules: GrammarRules
  /** Rules of just 16 * 2^k characters, and of fewer. */
  readonly #runs: string[] = []
  readonly #shorter: string[] = []

  constructor(rules: GrammarRules) {
    this.#rules = rules
  }

  /** From `least` to `most` characters. */
  between(least: number, most: number): string {
    if (most <= MAX_WRITTEN_OUT) return `${PLAIN}{${least},${most}}`
    return `${this.exactly(least)} ${this.#atMost(most - least)}`
  }

  exactly(count: number): string {
    if (count <= MAX_WRITTEN_OUT) return count === 0 ? '""' : `${PLAIN}{${count}}`
    const k = Math.floor(Math.log2(count / RUN))
    return `${this.#run(k)} ${this.exactly(count - RUN * 2 ** k)}`
  }

  #atMost(count: number): string {
    if (count < RUN) return count === 0 ? '""' : `${PLAIN}{0,${count}}`
    const k = Math.floor(Math.log2(count / RUN))
    return this.#rules.add(`${this.#run(k)} ${this.#atMost(count - RUN * 2 ** k)} | ${this.#less(k)}`)
  }

  #run(k: number): string {
    this.#runs[k] ??= this.#rules.add(
      k === 0 ? `${PLAIN}{${RUN}}` : `${this.#run(k - 1)} ${this.#run(k - 1)}`,
    )
    return this.#runs[k]
  }

  /** Fewer characters than a run has. */
  #less(k: number): string {
    this.#shorter[k] ??= this.#rules.add(
      k === 0 ? `${PLAIN}{0,${RUN - 1}}` : `${this.#run(k - 1)} ${this.#less(k - 1)} | ${this.#less(k - 1)}`,
    )
    return this.#shorter[k]
  }
}
