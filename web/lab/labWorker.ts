import { wrap } from 'comlink'
import { transferErrors } from '../../worker/compute/transferError.ts'

/** A worker that can be asked, and killed when it hangs. */
export interface LabWorker<Api> {
  /**
   * Asks the worker, starting it where there is none.
   * @throws WorkerHung when the answer takes longer than `withinMs`: the worker is gone then
   */
  ask<T>(question: (api: Api) => Promise<T>, withinMs: number): Promise<T>
  /** Kills the worker, if there is one; what was asked of it rejects. */
  kill(): void
  /** Whether a worker runs. */
  alive(): boolean
}

/** A worker took too long and was killed. */
export class WorkerHung extends Error {
  override readonly name = 'WorkerHung'
  /** How long it was waited for, ms. */
  readonly waitedMs: number
  constructor(waitedMs: number) {
    super(`No answer within ${waitedMs} ms.`)
    this.waitedMs = waitedMs
  }
}

/** Was killed while it was asked something: not hung itself. */
export class WorkerKilled extends Error {
  override readonly name = 'WorkerKilled'
}

/**
 * @param start makes the worker; every method of its Api is asynchronous
 * @param greet asks the first of it
 */
export function createLabWorker<Api>(
  start: () => Worker,
  greet: (api: Api) => void = () => {},
): LabWorker<Api> {
  transferErrors()
  let running: { worker: Worker; api: Api; killed: PromiseWithResolvers<never> } | null = null

  function kill(): void {
    running?.worker.terminate()
    running?.killed.reject(new WorkerKilled('The worker was ended.'))
    running = null
  }
  return {
    kill,
    alive: () => running !== null,
    async ask(question, withinMs) {
      if (!running) {
        const worker = start()
        const killed = Promise.withResolvers<never>()
        killed.promise.catch(() => {})
        const api = wrap(worker) as Api
        running = { worker, api, killed }
        greet(api)
        worker.addEventListener('error', (event) => {
          killed.reject(new Error(event.message || 'The worker could not be started.'))
        })
      }
      const asked = running
      const late = Promise.withResolvers<never>()
      const timer = setTimeout(() => {
        late.reject(new WorkerHung(withinMs))
        if (running === asked) kill()
      }, withinMs)
      try {
        return await Promise.race([question(asked.api), late.promise, asked.killed.promise])
      } finally {
        clearTimeout(timer)
      }
    },
  }
}
