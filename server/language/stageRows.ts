import type { StageRange } from '../../protocol/language.ts'

/** How many rows of one answer's sequence went through each stage at somebody's expense. */
export class StageRows {
  readonly #rows: number[]

  /** @param stages how many the model has */
  constructor(stages: number) {
    this.#rows = new Array<number>(stages).fill(0)
  }

  /** Rows that went through at least one of these stages. */
  of({ first, last }: StageRange): number {
    return Math.max(...this.#rows.slice(first, last + 1))
  }

  /** Rows that went through some stage. */
  get most(): number {
    return Math.max(...this.#rows)
  }

  /** Rows up to `to` have come out of these stages. */
  reach({ first, last }: StageRange, to: number): void {
    for (let stage = first; stage <= last; stage++) this.#rows[stage] = Math.max(this.#rows[stage]!, to)
  }

  /** Rows from `from` on were not paid after all. */
  unreach({ first, last }: StageRange, from: number): void {
    for (let stage = first; stage <= last; stage++) this.#rows[stage] = Math.min(this.#rows[stage]!, from)
  }
}
