import { patienceMs } from './patienceMs.ts'

/** Between two looks, ms. */
const LOOK_EVERY_MS = 25

/**
 * Looks again and again until there is something to see, and gives it back: what tests do instead of sleeping.
 * @param what the condition in words, for the message
 * @throws Error with the last thing seen, after `timeoutMs`
 */
export async function until<T>(
  what: string,
  look: () => T | false | null | undefined | Promise<T | false | null | undefined>,
  timeoutMs = patienceMs,
): Promise<T> {
  const startedAt = performance.now()
  for (;;) {
    const seen = await look()
    if (seen !== false && seen !== null && seen !== undefined) return seen
    if (performance.now() - startedAt > timeoutMs) {
      throw new Error(`Waited ${timeoutMs} ms in vain until ${what}.`)
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
  }
}
