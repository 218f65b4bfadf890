import { Worker } from 'node:worker_threads'
import { OpentabError } from '../../protocol/errors.ts'
import { buffersOf, type PipelineReply, type PipelineRequest, receiveError } from './pipelineMessages.ts'
import type { PipelineMethods } from './pipelineMethods.ts'

/** What a thread can do, by name: one object in, one out. */
export type ThreadMethods = Record<string, (input: never) => unknown>

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
export class PipelineThread<Methods extends ThreadMethods = PipelineMethods> {
  readonly #entry: URL
  #running: Running | undefined
  #nextId = 0
  #closed = false

  /** @param entry the worker's module, which serves `Methods` by serveMethods */
  constructor(entry = new URL('./pipelineWorker.ts', import.meta.url)) {
    this.#entry = entry
  }

  /**
   * Runs a method on the thread. Every buffer inside `input` changes hands and is empty here afterwards: hand over
   * `ownCopy(bytes)` where someone else may still need them.
   * @param limitMs ends the thread, and with it every call that waits, when the answer takes longer
   * @throws OpentabError what the method threw, `time_limit`, or `internal` when the thread died
   */
  call<Name extends keyof Methods & string>(
    method: Name,
    input: Parameters<Methods[Name]>[0],
    limitMs?: number,
  ): Promise<Awaited<ReturnType<Methods[Name]>>> {
    if (this.#closed) return Promise.reject(new OpentabError('draining', 'The pipeline thread is closed.'))
    const running = this.#start()
    const request: PipelineRequest = { id: this.#nextId++, method, input }
    return new Promise((resolve, reject) => {
      running.worker.postMessage(request, [...buffersOf(input)])
      const call: Waiting = { resolve: resolve as Waiting['resolve'], reject }
      running.waiting.set(
        request.id,
        limitMs === undefined ? call : this.#limited(call, running, method, limitMs),
      )
      running.worker.ref()
    })
  }

  /** A call that ends the thread when it takes too long: nothing else stops code that runs. */
  #limited({ resolve, reject }: Waiting, running: Running, method: string, limitMs: number): Waiting {
    const timer = setTimeout(() => {
      reject(new OpentabError('time_limit', `${method} took longer than ${limitMs} ms.`))
      if (this.#running === running) this.#running = undefined
      void running.worker.terminate()
    }, limitMs)
    return {
      resolve(output) {
        clearTimeout(timer)
        resolve(output)
      },
      reject(error) {
        clearTimeout(timer)
        reject(error)
      },
    }
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
    const worker = new Worker(this.#entry)
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
