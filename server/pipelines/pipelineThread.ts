import { Worker } from 'node:worker_threads'
import { OpentabError } from '../../protocol/errors.ts'
import { buffersOf, type PipelineReply, type PipelineRequest, receiveError } from './pipelineMessages.ts'
import type { PipelineMethods } from './pipelineMethods.ts'

type Waiting = { resolve: (output: unknown) => void; reject: (error: Error) => void }

/** One running worker with the calls that wait for it. */
interface Running {
  worker: Worker
  waiting: Map<number, Waiting>
  /** Things that the worker has been given to keep, by name. */
  provided: Map<string, Promise<unknown>>
}

/**
 * The one thread that does the relay's pixel work and tokenising, so that the event loop never waits for them. It is
 * started by the first call, does not keep the process alive between calls, and is started anew after a crash.
 */
export class PipelineThread {
  #running: Running | undefined
  #nextId = 0
  #closed = false

  /**
   * Runs a method on the thread. Every buffer inside `input` changes hands and is empty here afterwards: hand over
   * `ownCopy(bytes)` where someone else may still need them.
   * @throws OpentabError what the method threw, or `internal` when the thread died
   */
  call<Name extends keyof PipelineMethods>(
    method: Name,
    input: Parameters<PipelineMethods[Name]>[0],
  ): Promise<Awaited<ReturnType<PipelineMethods[Name]>>> {
    if (this.#closed) return Promise.reject(new OpentabError('draining', 'The pipeline thread is closed.'))
    const running = this.#start()
    const request: PipelineRequest = { id: this.#nextId++, method, input }
    return new Promise((resolve, reject) => {
      running.worker.postMessage(request, [...buffersOf(input)])
      running.waiting.set(request.id, { resolve: resolve as Waiting['resolve'], reject })
      running.worker.ref()
    })
  }

  /** Gives the thread something to keep, once in its life: `give` is called again only after a crash or a failure. */
  async provide(name: string, give: () => Promise<unknown>): Promise<void> {
    const { provided } = this.#start()
    let giving = provided.get(name)
    if (!giving) {
      giving = give()
      provided.set(name, giving)
      giving.catch(() => provided.delete(name))
    }
    await giving
  }

  /** Ends the thread; calls that wait are rejected. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#running?.worker.terminate()
  }

  #start(): Running {
    if (this.#running) return this.#running
    const worker = new Worker(new URL('./pipelineWorker.ts', import.meta.url))
    const running: Running = { worker, waiting: new Map(), provided: new Map() }
    worker.unref()
    worker.on('message', (reply: PipelineReply) => {
      const call = running.waiting.get(reply.id)
      running.waiting.delete(reply.id)
      if (running.waiting.size === 0) worker.unref()
      if ('error' in reply) call?.reject(receiveError(reply.error))
      else call?.resolve(reply.output)
    })
    const lost = (reason: string) => {
      if (this.#running === running) this.#running = undefined
      const error = new OpentabError('internal', `The pipeline thread ended: ${reason}.`)
      for (const call of running.waiting.values()) call.reject(error)
      running.waiting.clear()
    }
    worker.on('error', (error) => lost(String(error)))
    worker.on('exit', (code) => lost(`exit code ${code}`))
    this.#running = running
    return running
  }
}

let shared: PipelineThread | undefined

/** The thread that all flows of this process share unless they are given one. */
export function sharedPipelineThread(): PipelineThread {
  shared ??= new PipelineThread()
  return shared
}
