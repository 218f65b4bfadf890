import { decodeResults, encodeLeases } from '../../protocol/frames.ts'
import {
  decodeFromTab,
  encodeMessage,
  type FromRelay,
  type FromTab,
  type TunedKernel,
} from '../../protocol/messages.ts'
import type { Lease, TaskResult } from '../../protocol/task.ts'
import type { SocketListener, TabSocket } from './tabEnvironment.ts'

/** What a tab told the relay: a message, or the results of one frame. */
export type Heard = FromTab | { type: 'results'; results: TaskResult[] }

interface FakeWelcome {
  resumed?: boolean
  tab?: string
  version?: number
  tuning?: TunedKernel[]
}

/** A relay in memory, for tests: it hears everything, with the real codec, and says what a test tells it to say. */
export class FakeRelay {
  /** Everything heard on all connections, in order. */
  heard: Heard[] = []
  /** Close codes with which the tab closed. */
  closedBy: number[] = []
  connections = 0
  #listener: SocketListener | null = null

  /** For TabEnvironment.openSocket. The test opens it with `accept` or refuses it with `close`. */
  openSocket = (listener: SocketListener): TabSocket => {
    this.connections++
    this.#listener = listener
    return {
      send: (data) => {
        if (this.#listener !== listener) return
        if (typeof data === 'string') this.heard.push(decodeFromTab(data))
        else this.heard.push({ type: 'results', results: decodeResults(data) })
      },
      close: (code) => {
        if (this.#listener !== listener) return
        this.closedBy.push(code)
        this.#listener = null
      },
    }
  }

  get connected(): boolean {
    return this.#listener !== null
  }

  /** Opens the socket and greets. */
  accept(welcome: FakeWelcome = {}): void {
    this.opened()
    this.welcome(welcome)
  }

  /** Greets on a socket that is open. */
  welcome(welcome: FakeWelcome = {}): void {
    this.say({
      type: 'welcome',
      version: welcome.version ?? 1,
      tab: welcome.tab ?? 'tab-1',
      resume: `token-${this.connections}`,
      resumed: welcome.resumed ?? false,
      relay: { name: 'test relay', version: '0.1.0' },
      heartbeatMs: 4000,
      deviceClass: 'test-class',
      ...(welcome.tuning && { tuning: welcome.tuning }),
    })
  }

  opened(): void {
    this.#listener?.opened()
  }

  say(message: FromRelay): void {
    this.#listener?.text(encodeMessage(message))
  }

  sayRaw(text: string): void {
    this.#listener?.text(text)
  }

  lease(...leases: Lease[]): void {
    this.#listener?.binary(encodeLeases(leases))
  }

  close(code: number): void {
    const listener = this.#listener
    this.#listener = null
    listener?.closed(code)
  }

  /** Messages heard of one type. */
  all<T extends Heard['type']>(type: T): Extract<Heard, { type: T }>[] {
    return this.heard.filter((heard): heard is Extract<Heard, { type: T }> => heard.type === type)
  }

  /** Results heard, frames joined. */
  get results(): TaskResult[] {
    return this.all('results').flatMap(({ results }) => results)
  }
}

/** A lease of an answer of a language model. */
export const generateLease = (task: number, model = 'f'.repeat(64), generation = 1): Lease => ({
  task,
  generation,
  leaseMs: 15_000,
  spec: { kind: 'generate', model, inputs: [] },
})

/** A seeded kernel task's lease. */
export const kernelLease = (task: number, generation = 1): Lease => ({
  task,
  generation,
  leaseMs: 15_000,
  spec: {
    kind: 'kernel',
    kernel: 'matmul-i8',
    subject: '0'.repeat(64),
    shape: { m: 8, k: 8, n: 8 },
    seed: 1,
    inputs: [],
  },
})
