import { OpentabError } from '../../protocol/errors.ts'
import type { TaskBuffers } from './taskBuffers.ts'

/** Buffer sets kept for a next task; two are enough to overlap one task's read with the next one's work. */
const MAX_IDLE = 4
/** GPU memory that idle sets may hold together, bytes. */
const MAX_IDLE_BYTES = 512 * 1024 * 1024

/** Buffer sets of finished tasks, so that tasks of one shape make no buffers in steady state. */
export interface BufferPool {
  /** An idle set of that key, else a new one; idle sets are given up when memory runs out. */
  take(key: string, make: () => Promise<TaskBuffers>): Promise<TaskBuffers>
  /** Hands a set back whose work is done. */
  put(buffers: TaskBuffers): void
  /** Frees everything, also what is handed back later. */
  dispose(): void
}

export function createBufferPool(): BufferPool {
  /** Oldest first. */
  let idle: TaskBuffers[] = []
  let disposed = false
  const freeIdle = () => {
    for (const buffers of idle) buffers.destroy()
    idle = []
  }
  return {
    async take(key, make) {
      const at = idle.findIndex((buffers) => buffers.key === key)
      if (at >= 0) return idle.splice(at, 1)[0]!
      try {
        return await make()
      } catch (error) {
        if (!(error instanceof OpentabError && error.code === 'out_of_memory') || idle.length === 0)
          throw error
        freeIdle()
        return make()
      }
    },
    put(buffers) {
      if (disposed) return buffers.destroy()
      idle.push(buffers)
      let bytes = idle.reduce((sum, set) => sum + set.bytes, 0)
      while (idle.length > MAX_IDLE || (bytes > MAX_IDLE_BYTES && idle.length > 0)) {
        const oldest = idle.shift()!
        bytes -= oldest.bytes
        oldest.destroy()
      }
    },
    dispose() {
      disposed = true
      freeIdle()
    },
  }
}
