import { createEndpoint, wrap } from 'comlink'
import type { ComputeApi } from '../compute/computeApi.ts'

/** Spawns and kills the compute worker on the page, so that it can later live in a frame of another origin. */
export interface ComputeSpawner {
  /** A comlink port to a fresh worker; an older one is killed. */
  spawn(): Promise<MessagePort>
  kill(): void
}

/** `failed` hears of errors outside of calls: a script that does not load, a worker that ran out of memory. */
export function createComputeSpawner(
  makeWorker: () => Worker,
  failed: (message: string) => void,
): ComputeSpawner {
  let worker: Worker | null = null
  const kill = () => {
    worker?.terminate()
    worker = null
  }
  return {
    async spawn() {
      kill()
      const fresh = makeWorker()
      worker = fresh
      fresh.onerror = (event) => {
        if (worker === fresh) failed(event.message || 'The compute worker could not be loaded.')
      }
      return await wrap<ComputeApi>(fresh)[createEndpoint]()
    },
    kill,
  }
}
