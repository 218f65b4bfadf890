import type { StageRange } from '../../protocol/language.ts'
import type { Clock } from '../clock.ts'
import type { HiddenLog, SessionInputs } from './sessionInputs.ts'

/** How long a ring waits for the next turn of its conversation, ms. */
export const KEPT_MS = 10 * 60_000
/** Rings that are kept at once. */
const MOST_KEPT = 64
/** Common tokens below which it is not worth a detour. */
const FEWEST_TOKENS = 32

/** Some stages of a ring that was kept. */
export interface KeptLeg {
  range: StageRange
  tabId: string
  /** The sequence in its tab. */
  session: number
  /** What went into its first stage; null where that begins the model. */
  inputs: HiddenLog | null
}

/** A ring whose answer is whole and verified: its tabs hold the cache of these rows until they need the room. */
export interface KeptRing {
  requester: string
  /** Hash of the model. */
  model: string
  /** Tokens that went through all parts. */
  rows: number[]
  legs: KeptLeg[]
}

/**
 * Rings that may be gone on with: a follow-up whose beginning a ring has run goes to the same tabs and begins after it.
 * Only for the requester whose they are. Kept for some minutes, as many as there is room for; the latest come last.
 */
export class KeptRings {
  readonly #clock: Clock
  readonly #inputs: SessionInputs
  readonly #onError: (cause: unknown) => void
  readonly #rings = new Map<KeptRing, () => void>()

  constructor(clock: Clock, inputs: SessionInputs, onError: (cause: unknown) => void) {
    this.#clock = clock
    this.#inputs = inputs
    this.#onError = onError
  }

  get size(): number {
    return this.#rings.size
  }

  /** Keeps a ring that has run enough to be of use; what it went by is closed when it is dropped. */
  keep(ring: KeptRing): void {
    if (ring.rows.length < FEWEST_TOKENS) return this.#drop(ring)
    this.#rings.set(
      ring,
      this.#clock.after(KEPT_MS, () => this.#drop(ring)),
    )
    for (const oldest of this.#rings.keys()) {
      // Answers under way need the memory more.
      const fits = this.#rings.size <= MOST_KEPT && this.#inputs.usedBytes <= this.#inputs.memoryBytes / 2
      if (fits) break
      this.#drop(oldest)
    }
  }

  /**
   * The ring that has run most of a sequence's beginning, no longer kept and cut back to it; null where none has run
   * enough. The last token's row is always left to run.
   * @param usable whether a part's tab is there and still holds its stages
   */
  take(
    requester: string,
    model: string,
    sequence: readonly number[],
    usable: (leg: KeptLeg) => boolean,
  ): KeptRing | null {
    const found = [...this.#rings.keys()]
      .filter((ring) => ring.requester === requester && ring.model === model && ring.legs.every(usable))
      .map((ring) => ({ ring, rows: Math.min(commonTokens(ring.rows, sequence), sequence.length - 1) }))
      .filter(({ rows }) => rows >= FEWEST_TOKENS)
      .sort((a, b) => b.rows - a.rows)
    for (const { ring, rows } of found) {
      if (!ring.legs.every(({ inputs }) => inputs === null || inputs.canTruncate(rows))) continue
      for (const { inputs } of ring.legs) inputs?.truncate(rows)
      this.#rings.get(ring)!()
      this.#rings.delete(ring)
      ring.rows.length = rows
      return ring
    }
    return null
  }

  /** Drops the rings of models that are served no longer. */
  modelsChanged(isServed: (modelHash: string) => boolean): void {
    for (const ring of [...this.#rings.keys()]) if (!isServed(ring.model)) this.#drop(ring)
  }

  #drop(ring: KeptRing): void {
    this.#rings.get(ring)?.()
    this.#rings.delete(ring)
    for (const { inputs } of ring.legs) inputs?.close().catch(this.#onError)
  }
}

function commonTokens(a: readonly number[], b: readonly number[]): number {
  let count = 0
  while (count < a.length && a[count] === b[count]) count++
  return count
}
