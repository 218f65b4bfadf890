import { quotedName, refuseWeights } from '../../../protocol/weights/refuseWeights.ts'

/** Largest size that a header may name: past every model there is, small enough that products stay exact. */
const MAX_SIZE = 1 << 24

/** Reads fields of a config.json or of GGUF metadata, with a refusal that names the field and its value. */
export interface FieldReader {
  has(key: string): boolean
  /** A whole number from 1 to 2^24. */
  size(key: string): number
  /** A finite number above 0. */
  positive(key: string): number
  flag(key: string): boolean
  text(key: string): string
  /** The value as it is; undefined where it is absent or null. */
  raw(key: string): unknown
  refuse(key: string, wanted: string): never
}

/** @param what the file, for messages, e.g. `config.json` */
export function fieldReader(get: (key: string) => unknown, what: string): FieldReader {
  const refuse = (key: string, wanted: string): never => {
    const value = get(key)
    const found =
      value === undefined || value === null
        ? `${what} has no ${quotedName(key)}`
        : `${what} has ${quotedName(key)} = ${shown(value)}`
    throw refuseWeights(`${found}; it must be ${wanted}.`)
  }
  const numeric = (key: string): number => {
    const value = get(key)
    return typeof value === 'bigint' ? Number(value) : typeof value === 'number' ? value : Number.NaN
  }
  return {
    has: (key) => get(key) !== undefined && get(key) !== null,
    raw: (key) => get(key) ?? undefined,
    size(key) {
      const value = numeric(key)
      if (Number.isInteger(value) && value >= 1 && value <= MAX_SIZE) return value
      return refuse(key, `a whole number from 1 to ${MAX_SIZE}`)
    },
    positive(key) {
      const value = numeric(key)
      return Number.isFinite(value) && value > 0 ? value : refuse(key, 'a number above 0')
    },
    flag(key) {
      const value = get(key)
      return typeof value === 'boolean' ? value : refuse(key, 'true or false')
    },
    text(key) {
      const value = get(key)
      return typeof value === 'string' ? value : refuse(key, 'a text')
    },
    refuse,
  }
}

const shown = (value: unknown): string =>
  (typeof value === 'bigint' ? String(value) : (JSON.stringify(value) ?? String(value))).slice(0, 120)
