import { OpentabError } from '../../protocol/errors.ts'
import type { TaskSpec } from '../../protocol/task.ts'
import type { Tensor } from '../../protocol/tensor.ts'
import type { ComputeOutcome } from './computeApi.ts'

/** Kernel tasks that the kernel layer holds at once: one computes while the next one's inputs are brought to the GPU. */
const KERNELS_AT_ONCE = 2

interface Waiting {
  spec: TaskSpec
  resolve(outcome: ComputeOutcome): void
  reject(error: unknown): void
}

export interface TaskLine {
  /** Runs one task after those before it. Rejects with the runner's error, or with that of `clear`. */
  run(spec: TaskSpec): Promise<ComputeOutcome>
  /** Rejects what waits and what runs, and aborts the signal of what runs. Later calls run again. */
  clear(error: OpentabError): void
}

/**
 * The line of tasks of one tab: worked off in order. `start` begins a task; `now` gives milliseconds. Of kernel tasks
 * that follow each other the next one is started while the last one runs.
 */
export function createTaskLine(
  start: (spec: TaskSpec, signal: AbortSignal) => Promise<Tensor[]>,
  now: () => number,
): TaskLine {
  const waiting: Waiting[] = []
  const running = new Set<Waiting>()
  let abort = new AbortController()
  let lastEndMs = 0

  function mayStart(spec: TaskSpec): boolean {
    if (running.size === 0) return true
    if (spec.kind !== 'kernel' || running.size >= KERNELS_AT_ONCE) return false
    return [...running].every((task) => task.spec.kind === 'kernel')
  }

  async function work(task: Waiting): Promise<void> {
    running.add(task)
    const startedMs = now()
    try {
      const outputs = await start(task.spec, abort.signal)
      // Time that a task waited for the one before it on the GPU is that one's.
      const computeMicros = Math.round((now() - Math.max(startedMs, lastEndMs)) * 1000)
      task.resolve({ outputs, computeMicros })
    } catch (error) {
      task.reject(error)
    } finally {
      lastEndMs = now()
      running.delete(task)
      advance()
    }
  }

  function advance(): void {
    for (let next = waiting[0]; next && mayStart(next.spec); next = waiting[0]) {
      waiting.shift()
      void work(next)
    }
  }

  return {
    run: (spec) =>
      new Promise((resolve, reject) => {
        waiting.push({ spec, resolve, reject })
        advance()
      }),
    clear(error) {
      for (const task of [...waiting.splice(0), ...running]) task.reject(error)
      abort.abort(error)
      abort = new AbortController()
    },
  }
}

/** What a stopped task rejects with. */
export const stopped = (): OpentabError =>
  new OpentabError('cancelled', 'The tab was stopped before the task ended.', {
    fix: 'Nothing to do: the lease is handed back.',
  })
