import { get, update } from 'idb-keyval'
import type { KeyValues } from './keyValues.ts'

/** Small values in IndexedDB; forgotten with the tab where there is none (a private window). */
export function browserKeyValues(): KeyValues {
  const memory = new Map<string, unknown>()
  return {
    async get(key) {
      return await get(key).catch(() => memory.get(key))
    },
    async update(key, change) {
      await update(key, change).catch(() => memory.set(key, change(memory.get(key))))
    },
  }
}
