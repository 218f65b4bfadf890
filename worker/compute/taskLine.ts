import { OpentabError } from '../../protocol/errors.ts'
import type { TaskSpec } from '../../protocol/task.ts'
import type { Tensor } from '../../protocol/tensor.ts'
import type { ComputeOutcome } from './computeApi.ts'

/** Kernel tasks that the kernel layer holds at once: one computes while the next one's inputs are brought to the GPU. */
const KERNELS_AT_ONCE = 2

interface Call {
  spec: TaskSpec
  /** The caller's name for it. */
  run: number
  abort: AbortController
  resolve(outcome: ComputeOutcome): void
  reject(error: unknown): void
}

export interface TaskLine {
  /** Runs one task after those before it. Rejects with the runner's error, or with that of `end` or `clear`. */
  run(spec: TaskSpec, run: number): Promise<ComputeOutcome>
  /** Ends an answer that runs; without effect on other tasks. */
  end(run: number, error: OpentabError): void
  /** Rejects what waits and what runs, and aborts the signals of what runs. Later calls run again. */
  clear(error: OpentabError): void
}

/**
 * The line of tasks of one tab: worked off in order. `start` begins a task; `now` gives milliseconds. Of kernel tasks
 * that follow each other the next one is started while the last one runs. Answers of language models take many small
 * steps: they do not stand in the line but go on beside it, and the runners give every operation its turn.
 */
export function createTaskLine(
  start: (spec: TaskSpec, run: number, signal: AbortSignal) => Promise<Tensor[]>,
  now: () => number,
): TaskLine {
  const waiting: Call[] = []
  const running = new Set<Call>()
  const answering = new Set<Call>()
  let lastEndMs = 0

  function mayStart(spec: TaskSpec): boolean {
    if (running.size === 0) return true
    if (spec.kind !== 'kernel' || running.size >= KERNELS_AT_ONCE) return false
    return [...running].every((task) => task.spec.kind === 'kernel')
  }

  async function work(call: Call): Promise<void> {
    running.add(call)
    const startedMs = now()
    try {
      const outputs = await start(call.spec, call.run, call.abort.signal)
      // Time that a task waited for the one before it on the GPU is that one's.
      const computeMicros = Math.round((now() - Math.max(startedMs, lastEndMs)) * 1000)
      call.resolve({ outputs, computeMicros })
    } catch (error) {
      call.reject(error)
    } finally {
      lastEndMs = now()
      running.delete(call)
      advance()
    }
  }

  async function answer(call: Call): Promise<void> {
    answering.add(call)
    const startedMs = now()
    try {
      const outputs = await start(call.spec, call.run, call.abort.signal)
      call.resolve({ outputs, computeMicros: Math.round((now() - startedMs) * 1000) })
    } catch (error) {
      call.reject(error)
    } finally {
      answering.delete(call)
    }
  }

  function advance(): void {
    for (let next = waiting[0]; next && mayStart(next.spec); next = waiting[0]) {
      waiting.shift()
      void work(next)
    }
  }

  return {
    run: (spec, run) =>
      new Promise((resolve, reject) => {
        const call: Call = { spec, run, abort: new AbortController(), resolve, reject }
        if (spec.kind === 'generate') {
          void answer(call)
          return
        }
        waiting.push(call)
        advance()
      }),
    end(run, error) {
      for (const call of answering) {
        if (call.run !== run) continue
        call.reject(error)
        call.abort.abort(error)
      }
    },
    clear(error) {
      for (const call of [...waiting.splice(0), ...running, ...answering]) {
        call.reject(error)
        call.abort.abort(error)
      }
    },
  }
}

/** What a stopped task rejects with. */
export const stopped = (): OpentabError =>
  new OpentabError('cancelled', 'The tab was stopped before the task ended.', {
    fix: 'Nothing to do: the lease is handed back.',
  })

/** What an answer rejects with that nobody waits for any more. */
export const notWanted = (): OpentabError =>
  new OpentabError('cancelled', 'The answer is not wanted any more.', {
    fix: 'Nothing to do: the requester has left.',
  })
