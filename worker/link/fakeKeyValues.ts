import type { KeyValues } from './keyValues.ts'

/** Small values in memory, for tests. */
export function fakeKeyValues(): KeyValues {
  const values = new Map<string, unknown>()
  return {
    get: async (key) => values.get(key),
    update: async (key, change) => {
      values.set(key, change(values.get(key)))
    },
  }
}
