import { Worker } from 'node:worker_threads'
import { type ErrorCode, isErrorCode, OpentabError } from '../../protocol/errors.ts'

export interface ThreadPoolOptions {
  /** The thread's script; it answers every `ThreadRequest` with a `ThreadAnswer`, one after the other. */
  script: URL
  /** Most threads; each is started when there is work that no other thread is free for. */
  threads: number
  /** Most requests that may wait for a free thread. */
  maxQueued: number
  /** Longest time one request may take before its thread is ended, ms. */
  timeoutMs: number
  /** Handed to each thread at its start. */
  workerData?: unknown
}

export interface ThreadRequest<Body> {
  id: number
  body: Body
}

/** `code` may be any ErrorCode; a text that is none is shown as `check_unavailable`. */
export type ThreadAnswer<Answer> =
  | { id: number; answer: Answer; cpuMs: number }
  | { id: number; error: { code: string; message: string }; cpuMs: number; restart: boolean }

/** A request's body and the memory in it that moves to the thread. */
export interface Parcel<Body> {
  body: Body
  transfer: ArrayBuffer[]
}

/** The refusal of a request for which no more room is: it may be made again when others are answered. */
export class QueueFull extends OpentabError {
  constructor(waiting: number, limit: number) {
    super('check_unavailable', `${waiting} checks wait already; the limit is ${limit}.`)
  }
}

interface Waiting<Body, Answer> {
  prepare(): Promise<Parcel<Body>>
  resolve(answer: Answer): void
  reject(error: OpentabError): void
}

interface Thread<Body, Answer> {
  worker: Worker
  id: number
  current: Waiting<Body, Answer> | null
  timer: NodeJS.Timeout | undefined
}

/**
 * Worker threads that answer requests, one request at a time each, started when they are first needed. A thread that
 * crashes, hangs or asks for it is replaced when the next request comes; what it worked on is rejected with
 * `check_unavailable`.
 */
export class ThreadPool<Body, Answer> {
  readonly #options: ThreadPoolOptions
  readonly #threads = new Set<Thread<Body, Answer>>()
  readonly #queue: Waiting<Body, Answer>[] = []
  #closed = false
  /** CPU time that the threads say they spent on requests, ms. */
  cpuMs = 0
  /** Requests answered, failures included. */
  answered = 0

  constructor(options: ThreadPoolOptions) {
    this.#options = options
  }

  /** Requests that wait for a free thread. */
  get queued(): number {
    return this.#queue.length
  }

  /** Threads that run now. */
  get threads(): number {
    return this.#threads.size
  }

  /**
   * `prepare` is called when a thread is free, so that what waits holds no copies.
   * @param signal aborted when nobody wants the answer any more: a request that still waits then is left out
   * @throws OpentabError (as a rejection) what the thread answered, or `check_unavailable`: QueueFull, or another
   */
  run(prepare: () => Promise<Parcel<Body>>, signal?: AbortSignal): Promise<Answer> {
    if (this.#closed) return Promise.reject(unavailable('The checker is closed.'))
    if (signal?.aborted) return Promise.reject(unwanted())
    const { maxQueued } = this.#options
    if (this.#queue.length >= maxQueued) return Promise.reject(new QueueFull(this.#queue.length, maxQueued))
    return new Promise<Answer>((resolve, reject) => {
      const leave = (): void => {
        const place = this.#queue.indexOf(waiting)
        if (place < 0) return
        this.#queue.splice(place, 1)
        reject(unwanted())
      }
      const waiting: Waiting<Body, Answer> = {
        prepare() {
          signal?.removeEventListener('abort', leave)
          return prepare()
        },
        resolve,
        reject,
      }
      signal?.addEventListener('abort', leave, { once: true })
      this.#queue.push(waiting)
      this.#assign()
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const waiting of this.#queue.splice(0)) waiting.reject(unavailable('The checker is closed.'))
    await Promise.all(
      [...this.#threads].map((thread) => this.#end(thread, unavailable('The checker is closed.'))),
    )
  }

  #assign(): void {
    while (this.#queue.length > 0) {
      const thread = this.#freeThread()
      if (thread === undefined) return
      const waiting = this.#queue.shift()!
      thread.current = waiting
      thread.worker.ref()
      const { timeoutMs } = this.#options
      thread.timer = setTimeout(() => {
        void this.#end(thread, unavailable(`A check took longer than ${timeoutMs} ms.`))
      }, timeoutMs)
      void this.#post(thread, waiting)
    }
  }

  async #post(thread: Thread<Body, Answer>, waiting: Waiting<Body, Answer>): Promise<void> {
    let parcel: Parcel<Body>
    try {
      parcel = await waiting.prepare()
    } catch (cause) {
      // What cannot be put together is this request's misfortune; the thread has done nothing wrong.
      if (thread.current !== waiting) return
      clearTimeout(thread.timer)
      thread.current = null
      thread.worker.unref()
      this.answered++
      waiting.reject(
        cause instanceof OpentabError ? cause : unavailable('A check could not be put together.', cause),
      )
      this.#assign()
      return
    }
    try {
      const { body, transfer } = parcel
      // The thread may have ended meanwhile.
      if (thread.current !== waiting) return
      const request: ThreadRequest<Body> = { id: ++thread.id, body }
      thread.worker.postMessage(request, transfer)
    } catch (cause) {
      void this.#end(thread, unavailable('A check could not be handed to its thread.', cause))
    }
  }

  #freeThread(): Thread<Body, Answer> | undefined {
    for (const thread of this.#threads) if (thread.current === null) return thread
    return this.#threads.size < this.#options.threads ? this.#start() : undefined
  }

  #start(): Thread<Body, Answer> {
    const worker = new Worker(this.#options.script, { workerData: this.#options.workerData })
    const thread: Thread<Body, Answer> = { worker, id: 0, current: null, timer: undefined }
    this.#threads.add(thread)
    worker.on('message', (message: ThreadAnswer<Answer>) => this.#answer(thread, message))
    worker.on('error', (cause) => void this.#end(thread, unavailable('A checking thread failed.', cause)))
    worker.on('exit', () => void this.#end(thread, unavailable('A checking thread ended.')))
    return thread
  }

  #answer(thread: Thread<Body, Answer>, message: ThreadAnswer<Answer>): void {
    const waiting = thread.current
    if (waiting === null || message.id !== thread.id) return
    this.cpuMs += message.cpuMs
    if ('error' in message && message.restart) {
      void this.#end(thread, errorOf(message.error))
      return
    }
    clearTimeout(thread.timer)
    thread.current = null
    thread.worker.unref()
    this.answered++
    if ('error' in message) waiting.reject(errorOf(message.error))
    else waiting.resolve(message.answer)
    this.#assign()
  }

  async #end(thread: Thread<Body, Answer>, error: OpentabError): Promise<void> {
    if (!this.#threads.delete(thread)) return
    clearTimeout(thread.timer)
    const waiting = thread.current
    thread.current = null
    if (waiting !== null) {
      this.answered++
      waiting.reject(error)
    }
    if (!this.#closed) this.#assign()
    await thread.worker.terminate()
  }
}

function errorOf({ code, message }: { code: string; message: string }): OpentabError {
  return isErrorCode(code) ? new OpentabError(code satisfies ErrorCode, message) : unavailable(message)
}

const unwanted = (): OpentabError => unavailable('Nobody waits for the check any more.')

function unavailable(message: string, cause?: unknown): OpentabError {
  return new OpentabError('check_unavailable', message, { cause })
}
