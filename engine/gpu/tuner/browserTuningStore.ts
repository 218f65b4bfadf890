import { createStore, get, set } from 'idb-keyval'
import type { KernelTuning, TuningStore } from './tuningStore.ts'

/** A store in this site's IndexedDB; where the browser has none (or refuses), nothing is kept and nothing fails. */
export function createBrowserTuningStore(): TuningStore {
  const store = createStore('opentab-tuning', 'kernels')
  return {
    read: (scope) => get<KernelTuning>(scope, store).catch(() => undefined),
    write: (scope, tuning) => set(scope, tuning, store).catch(() => undefined),
  }
}
