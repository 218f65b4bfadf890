/** A seed that may have more digits than a double keeps. */
const LONG_SEED = /"seed"\s*:\s*-?\d{16}/

type Holder = Record<string, unknown>

/**
 * Puts `seed` into a parsed body with all its digits, as a bigint, where a JSON number lost some: the body's own, and
 * that of the `body` of a job, where they name a `model`: kernels have small seeds. Nothing else is changed. Where the runtime does not tell digits the seed stays as it is.
 * @param text the JSON that `body` was parsed from
 */
export function withExactSeeds(text: string, body: unknown): unknown {
  if (!LONG_SEED.test(text)) return body
  const digitsOf = new Map<unknown, string>()
  const root: unknown = JSON.parse(text, function (this: unknown, key, value, context?: { source?: string }) {
    if (key === 'seed' && Number.isInteger(value) && context?.source !== undefined)
      digitsOf.set(this, context.source)
    return value
  } satisfies (this: unknown, key: string, value: unknown, context?: { source?: string }) => unknown)
  const give = (from: unknown, to: unknown): void => {
    const digits = digitsOf.get(from)
    if (digits === undefined || !isHolder(to) || typeof to.model !== 'string') return
    if (/^-?\d+$/.test(digits) && !Number.isSafeInteger(Number(digits))) to.seed = BigInt(digits)
  }
  give(root, body)
  if (isHolder(root) && isHolder(body)) give(root.body, body.body)
  return body
}

const isHolder = (value: unknown): value is Holder => typeof value === 'object' && value !== null
