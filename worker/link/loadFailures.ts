import type { ErrorCode } from '../../protocol/errors.ts'
import type { FailedLoad } from '../../protocol/messages.ts'

/** First pause after a load that failed and that another try can mend, ms; doubled up to the longest. */
export const FIRST_RETRY_MS = 1_000
export const LONGEST_RETRY_MS = 60_000
/** Tries of such a load before it waits for the relay's next list, too. */
export const MOST_TRIES = 8
/** Shortest time before a load that waits for the relay's next list is tried again, ms; doubled up to the longest. */
export const FIRST_WAIT_MS = 60_000
export const LONGEST_WAIT_MS = 3_600_000
/** Longest reason that the relay is told, characters. */
const LONGEST_REASON = 300

/** Errors that another try can mend. */
const passing = new Set<ErrorCode>(['source_unreachable', 'not_found', 'internal'])

interface Failure {
  error: { code: ErrorCode; message: string }
  /** Failed tries since it last waited for a list. */
  tries: number
  /** How often it came to wait for the relay's next list. */
  waits: number
  /** Whether it waits for it now: a try before would be in vain. */
  waiting: boolean
  /** Epoch ms before which it is not tried again. */
  notBefore: number
}

/**
 * Which models could not be loaded here and when each may be tried again: a passing trouble a few times by itself, with
 * growing pauses, anything else once after the relay's next list, and with growing pauses as well, since a tab whose
 * connection is bad gets a list every few seconds.
 */
export class LoadFailures {
  readonly #failures = new Map<string, Failure>()

  /** A load failed at `now`, epoch ms. */
  add(hash: string, error: Failure['error'], now: number): void {
    const before = this.#failures.get(hash)
    const tries = (before?.tries ?? 0) + 1
    const waiting = !passing.has(error.code) || tries >= MOST_TRIES
    const waits = (before?.waits ?? 0) + Number(waiting)
    const pauseMs = waiting
      ? Math.min(FIRST_WAIT_MS * 2 ** (waits - 1), LONGEST_WAIT_MS)
      : Math.min(FIRST_RETRY_MS * 2 ** (tries - 1), LONGEST_RETRY_MS)
    this.#failures.set(hash, { error, tries, waits, waiting, notBefore: now + pauseMs })
  }

  /** It was loaded, or there is no reason any more to expect that it fails again. */
  forget(hash: string): void {
    this.#failures.delete(hash)
  }

  /** There is more room than there was. */
  forgetWantOfRoom(): void {
    for (const [hash, { error }] of this.#failures)
      if (error.code === 'storage_full') this.#failures.delete(hash)
  }

  /** The relay's list has come: what is not in it is forgotten, what waited for it is tried again at its time. */
  listCame(wanted: ReadonlySet<string>): void {
    for (const [hash, failure] of this.#failures) {
      if (!wanted.has(hash)) this.#failures.delete(hash)
      else if (failure.waiting) Object.assign(failure, { waiting: false, tries: 0 })
    }
  }

  /** Epoch ms from which the model may be tried; Infinity while it waits for the relay's next list. */
  notBefore(hash: string): number {
    const failure = this.#failures.get(hash)
    if (!failure) return Number.NEGATIVE_INFINITY
    return failure.waiting ? Number.POSITIVE_INFINITY : failure.notBefore
  }

  /** Why the model is not there; null where nothing failed. */
  errorOf(hash: string): Failure['error'] | null {
    return this.#failures.get(hash)?.error ?? null
  }

  /** Those that tries by themselves did not help, for the relay. */
  get told(): FailedLoad[] {
    return [...this.#failures].flatMap(([hash, { error, waits }]) =>
      waits === 0 ? [] : [[hash, error.code, error.message.slice(0, LONGEST_REASON)] as FailedLoad],
    )
  }
}
