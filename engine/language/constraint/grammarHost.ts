import { OpentabError } from '../../../protocol/errors.ts'
import type { GrammarCall, GrammarCalls, GrammarReply } from './grammarMessages.ts'
import { type GrammarWorker, type StartGrammarWorker, startGrammarWorker } from './startGrammarWorker.ts'

/** Longest time of one call, ms: a start with its library and a vocabulary; a grammar; a token. */
const limitsMs = { addVocabulary: 30_000, open: 10_000, step: 5000, close: 5000 }
export type GrammarLimits = Record<GrammarCall, number>

/** A call failed; the worker may have been replaced. */
export class GrammarFailure extends Error {
  /** Whether the grammar is to blame, and not the worker's start. */
  readonly isOfGrammar: boolean

  constructor(message: string, isOfGrammar: boolean) {
    super(message)
    this.name = 'GrammarFailure'
    this.isOfGrammar = isOfGrammar
  }
}

/** Calls the worker as it is now. `life` changes when it was replaced: nothing that was opened is there any more. */
export interface GrammarSession {
  readonly life: number
  call<Name extends GrammarCall>(
    name: Name,
    input: Parameters<GrammarCalls[Name]>[0],
  ): Promise<Awaited<ReturnType<GrammarCalls[Name]>>>
}

interface Waiting {
  id: number
  resolve(value: unknown): void
  reject(failure: GrammarFailure): void
}

/**
 * Owns the grammars' worker: starts it with the first call, does one thing at a time, and ends and replaces it when a call
 * takes too long or breaks it.
 */
export class GrammarHost {
  readonly #start: StartGrammarWorker
  readonly #limitsMs: GrammarLimits
  #worker: GrammarWorker | null = null
  #life = 0
  #calls = 0
  #waiting: Waiting | null = null
  #last: Promise<unknown> = Promise.resolve()

  constructor(start: StartGrammarWorker = startGrammarWorker, limits: Partial<GrammarLimits> = {}) {
    this.#start = start
    this.#limitsMs = { ...limitsMs, ...limits }
  }

  /** Does some calls with no others between them. */
  run<Result>(work: (session: GrammarSession) => Promise<Result>): Promise<Result> {
    const result = this.#last.then(() => {
      this.#worker ??= this.#startWorker()
      return work({ life: this.#life, call: (name, input) => this.#call(name, input) as never })
    })
    this.#last = result.catch(() => {})
    return result
  }

  /** Whether the worker of a life is still the one that is called. */
  isAlive(life: number): boolean {
    return this.#worker !== null && life === this.#life
  }

  /** Ends the worker and fails the call in hand; the next call starts another one. */
  end(): void {
    this.#giveUp(new GrammarFailure("The grammars' worker was ended.", false))
  }

  #startWorker(): GrammarWorker {
    const life = ++this.#life
    const ifAlive =
      <Value>(then: (value: Value) => void) =>
      (value: Value): void => {
        if (this.isAlive(life)) then(value)
      }
    return this.#start({
      onReply: ifAlive((reply: GrammarReply) => this.#take(reply)),
      onFailure: ifAlive((reason: string) => {
        this.#giveUp(new GrammarFailure(`The grammars' worker failed: ${reason}.`, false))
      }),
    })
  }

  async #call(name: GrammarCall, input: unknown): Promise<unknown> {
    const worker = this.#worker
    if (!worker) throw new GrammarFailure("The grammars' worker was ended.", false)
    const limitMs = this.#limitsMs[name]
    const id = ++this.#calls
    const timer = setTimeout(() => {
      this.#giveUp(new GrammarFailure(`It takes more than ${limitMs / 1000} s.`, name !== 'addVocabulary'))
    }, limitMs)
    worker.hold(true)
    try {
      return await new Promise((resolve, reject) => {
        this.#waiting = { id, resolve, reject }
        worker.post({ id, call: name, input })
      })
    } finally {
      clearTimeout(timer)
      worker.hold(false)
    }
  }

  #take(reply: GrammarReply): void {
    const waiting = this.#waiting
    if (reply.id !== waiting?.id) return
    this.#waiting = null
    if ('value' in reply) waiting.resolve(reply.value)
    else {
      if (reply.broken) this.#drop()
      waiting.reject(new GrammarFailure(reply.error, true))
    }
  }

  #giveUp(failure: GrammarFailure): void {
    const waiting = this.#waiting
    this.#waiting = null
    this.#drop()
    waiting?.reject(failure)
  }

  #drop(): void {
    this.#worker?.end()
    this.#worker = null
  }
}

/** What a failure is to the one who asked for the answer. */
export function errorOf(failure: unknown, what: string): OpentabError {
  if (failure instanceof OpentabError) return failure
  if (failure instanceof GrammarFailure && failure.isOfGrammar) {
    return new OpentabError('invalid_value', `${what} cannot be kept to: ${failure.message}`, {
      param: 'constraint',
      fix: 'Make it smaller or simpler; long `maxLength`s and `maxItems` cost the most.',
      cause: failure,
    })
  }
  return new OpentabError('model_failed', failure instanceof Error ? failure.message : String(failure), {
    cause: failure,
  })
}
