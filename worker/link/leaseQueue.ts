import type { ErrorCode } from '../../protocol/errors.ts'
import { ANSWERS_AT_ONCE, MAX_LEASES } from '../../protocol/limits.ts'
import type { FromTab } from '../../protocol/messages.ts'
import type { Lease, TaskResult, TaskSpec } from '../../protocol/task.ts'
import type { ComputeOutcome, TokenChunk } from '../compute/computeApi.ts'
import { failureOf } from './failureOf.ts'
import { resultFrames } from './resultFrames.ts'
import type { Clock } from './tabEnvironment.ts'

export type HandbackReason = Extract<FromTab, { type: 'handback' }>['reason']

/** One task is prepared behind one that takes less than this, ms: behind a longer one nothing is gained by it. */
export const PREPARE_BELOW_MS = 1_000
/** Tasks so short that this much work holds several of them are handed over together, ms: it hides the way to compute. */
export const AHEAD_MS = 20
/** Most tasks that compute has at once. */
export const MOST_AHEAD = 8
/** How many (task, generation) pairs are remembered against duplicates. */
const REMEMBERED = 1024
/** What the page is told about a lease. */
export interface LeaseEvents {
  started(lease: Lease): void
  finished(lease: Lease, computeMs: number): void
  failed(lease: Lease, code: string, message: string): void
  handedBack(lease: Lease): void
}

export interface LeaseQueueOptions {
  clock: Pick<Clock, 'now' | 'after' | 'soon'>
  /** `run` names this run in `tokens` and `endRun`. */
  run(spec: TaskSpec, run: number): Promise<ComputeOutcome>
  /** Nobody waits for the answer any more: compute may end it. */
  endRun(run: number): void
  /** Why leases are not taken now; null when they are. */
  refusal(): HandbackReason | null
  /** Whether a task may start now. */
  mayStart(): boolean
  /** Whether the task's model or kernel is ready here. */
  canRun(spec: TaskSpec): boolean
  /** Rest after a task of `taskMs`, ms. */
  restAfter(taskMs: number): number
  /** To the relay; kept over a reconnect that resumes. */
  deliver(data: FromTab | Uint8Array<ArrayBuffer>): void
  /** The device was lost under the task that runs; the caller then calls `abandon`. */
  deviceLost(message: string): void
  events: LeaseEvents
}

interface Held {
  lease: Lease
  /** Epoch ms at which compute got it; null while it waits. */
  startedAt: number | null
  /** What a task like it took last time, ms. */
  expectedMs: number
  /** Number of its run; 0 before it starts. */
  run: number
}

const isAnswer = ({ lease }: Held): boolean => lease.spec.kind === 'generate'

/** Tasks of one key take about as long as each other. */
function keyOf(spec: TaskSpec): string {
  switch (spec.kind) {
    case 'infer':
      return `${spec.model}/${spec.graph}`
    case 'kernel':
      return `${spec.kernel}/${spec.shape.m}/${spec.shape.k}/${spec.shape.n}`
    case 'generate':
      return `${spec.model}/generate`
    case 'stage':
      return `${spec.model}/${spec.first}-${spec.last}`
    case 'custom':
      return `custom/${spec.subject}`
    default:
      return spec satisfies never
  }
}

/** The leases in hand, in order: one runs, the next is prepared, results go out in one frame per turn. */
export class LeaseQueue {
  readonly #options: LeaseQueueOptions
  /** By task id, in the order of arrival. */
  readonly #held = new Map<number, Held>()
  /** Newest generation seen of recent tasks: what is not newer is a duplicate. */
  readonly #seen = new Map<number, number>()
  /** Calls that compute has not answered, dropped leases included; answers of language models apart. */
  #running = 0
  #answering = 0
  #lastRun = 0
  /** Answers under way, by the number of their run. */
  readonly #answers = new Map<number, Held>()
  /** Answers of an older compute worker are not heard. */
  #epoch = 0
  /** Epoch ms until which nothing starts. */
  #restUntil = 0
  /** Work that compute has, ms as expected. */
  #aheadMs = 0
  /** What the last task of each key took, ms. */
  readonly #tookMs = new Map<string, number>()
  #results: TaskResult[] = []
  #callOffRest: () => void = () => {}

  constructor(options: LeaseQueueOptions) {
    this.#options = options
  }

  /** [task, generation] of each lease whose result has not been sent. */
  held(): [number, number][] {
    const pairs: [number, number][] = []
    for (const { lease } of this.#held.values()) pairs.push([lease.task, lease.generation])
    for (const { task, generation } of this.#results) pairs.push([task, generation])
    return pairs.slice(0, MAX_LEASES)
  }

  /** Leases held, started or not. */
  get size(): number {
    return this.#held.size
  }

  /** Nothing is held and every result has been sent. */
  get empty(): boolean {
    return this.#held.size === 0 && this.#results.length === 0
  }

  /** The lease that compute works on; null when there is none. */
  get current(): { lease: Lease; startedAt: number } | null {
    for (const { lease, startedAt } of this.#held.values())
      if (startedAt !== null) return { lease, startedAt }
    return null
  }

  accept(leases: readonly Lease[]): void {
    const refusal = this.#options.refusal()
    const refused: Lease[] = []
    for (const lease of leases) {
      const seen = this.#seen.get(lease.task)
      if (seen !== undefined && seen >= lease.generation) continue
      this.#remember(lease.task, lease.generation)
      // An older lease of the same task is void: its result could have no effect.
      this.#held.delete(lease.task)
      if (refusal) refused.push(lease)
      else this.#held.set(lease.task, { lease, startedAt: null, expectedMs: AHEAD_MS, run: 0 })
    }
    if (refusal) this.#handBack(refused, refusal)
    this.pump()
  }

  /** The relay wants these no more. An answer ends after its token; another task that runs already runs on unheard. */
  cancel(pairs: readonly (readonly [number, number])[]): void {
    for (const [task, generation] of pairs) {
      const held = this.#held.get(task)
      if (held && held.lease.generation <= generation) {
        this.#held.delete(task)
        if (this.#answers.has(held.run)) this.#options.endRun(held.run)
      }
      if ((this.#seen.get(task) ?? -1) < generation) this.#remember(task, generation)
    }
    this.pump()
  }

  /** Tokens of an answer that is being made. */
  tokens(run: number, { from, ids, logprobs }: TokenChunk): void {
    const held = this.#answers.get(run)
    if (!held || this.#held.get(held.lease.task) !== held || ids.length === 0) return
    const { task, generation } = held.lease
    this.#options.deliver({ type: 'tokens', task, generation, from, ids, ...(logprobs && { logprobs }) })
  }

  /** Starts what may start. Call it after anything that could allow work. */
  pump(): void {
    const { mayStart, canRun } = this.#options
    while (this.#restUntil === 0 && mayStart()) {
      const next = this.#nextToStart()
      if (!next) return
      if (canRun(next.lease.spec)) this.#start(next)
      else {
        this.#held.delete(next.lease.task)
        this.#handBack([next.lease], 'not-ready')
      }
    }
  }

  /** Gives back every lease that has not started. */
  handBackWaiting(reason: HandbackReason): void {
    const waiting: Lease[] = []
    for (const { lease, startedAt } of this.#held.values()) if (startedAt === null) waiting.push(lease)
    for (const { task } of waiting) this.#held.delete(task)
    this.#handBack(waiting, reason)
  }

  /**
   * The compute worker is gone: the task that ran is given back for `ranReason`, the rest for `restReason`. Finished
   * results are sent.
   */
  abandon(ranReason: HandbackReason, restReason: HandbackReason): void {
    const current = this.current
    const rest: Lease[] = []
    for (const { lease } of this.#held.values()) if (lease !== current?.lease) rest.push(lease)
    this.#held.clear()
    this.#forgetCompute()
    this.#flush()
    if (current) this.#handBack([current.lease], ranReason)
    this.#handBack(rest, restReason)
  }

  /** The relay has given every lease of this tab away: nothing that was held counts any more. */
  dropAll(): void {
    for (const { lease, run } of this.#held.values()) {
      if (this.#answers.has(run)) this.#options.endRun(run)
      this.#options.events.handedBack(lease)
    }
    this.#held.clear()
    this.#results = []
    this.#seen.clear()
  }

  /** After a resumed greeting the relay may send a lease again that it does not know to have arrived. */
  forgetFinished(): void {
    this.#seen.clear()
    for (const { lease } of this.#held.values()) this.#seen.set(lease.task, lease.generation)
  }

  #forgetCompute(): void {
    this.#epoch++
    this.#running = 0
    this.#answering = 0
    this.#answers.clear()
    this.#aheadMs = 0
    this.#restUntil = 0
    this.#callOffRest()
  }

  /** Whether compute may get one more task: enough to stay busy, no more than it can end soon. */
  #hasRoom(): boolean {
    if (this.#running === 0) return true
    if (this.#running === 1) return this.#aheadMs < PREPARE_BELOW_MS
    return this.#running < MOST_AHEAD && this.#aheadMs < AHEAD_MS
  }

  #remember(task: number, generation: number): void {
    this.#seen.delete(task)
    this.#seen.set(task, generation)
    if (this.#seen.size <= REMEMBERED) return
    for (const oldest of this.#seen.keys()) {
      this.#seen.delete(oldest)
      break
    }
  }

  /** The first lease that waits and has room in compute: answers have room of their own. */
  #nextToStart(): Held | undefined {
    const room = this.#hasRoom()
    const roomToAnswer = this.#answering < ANSWERS_AT_ONCE
    if (!room && !roomToAnswer) return undefined
    for (const held of this.#held.values()) {
      if (held.startedAt === null && (isAnswer(held) ? roomToAnswer : room)) return held
    }
    return undefined
  }

  #start(held: Held): void {
    const { clock, run, events } = this.#options
    held.startedAt = clock.now()
    held.expectedMs = this.#tookMs.get(keyOf(held.lease.spec)) ?? AHEAD_MS
    held.run = ++this.#lastRun
    if (isAnswer(held)) {
      this.#answering++
      this.#answers.set(held.run, held)
    } else {
      this.#aheadMs += held.expectedMs
      this.#running++
    }
    const epoch = this.#epoch
    events.started(held.lease)
    run(held.lease.spec, held.run).then(
      (outcome) => epoch === this.#epoch && this.#ended(held, outcome),
      (error: unknown) => epoch === this.#epoch && this.#failed(held, failureOf(error)),
    )
  }

  #ended(held: Held, outcome: ComputeOutcome): void {
    const { clock, events } = this.#options
    const { task, generation } = held.lease
    const taskMs = outcome.computeMicros / 1000
    if (this.#tookMs.size > REMEMBERED) this.#tookMs.clear()
    this.#tookMs.set(keyOf(held.lease.spec), taskMs)
    if (this.#held.get(task) === held) {
      this.#held.delete(task)
      if (this.#results.length === 0) clock.soon(() => this.#flush())
      this.#results.push({
        task,
        generation,
        computeMicros: Math.round(outcome.computeMicros),
        outputs: outcome.outputs,
      })
      events.finished(held.lease, taskMs)
    }
    this.#next(held, taskMs)
  }

  #failed(held: Held, { code, message }: { code: ErrorCode; message: string }): void {
    if (code === 'device_lost') {
      this.#options.deviceLost(message)
      return
    }
    const { task, generation } = held.lease
    if (this.#held.get(task) === held) {
      this.#held.delete(task)
      if (code === 'model_not_found' || code === 'cancelled') this.#handBack([held.lease], 'not-ready')
      else {
        this.#options.deliver({ type: 'failed', task, generation, code, message })
        this.#options.events.failed(held.lease, code, message)
      }
    }
    this.#next(held, this.#options.clock.now() - (held.startedAt ?? 0))
  }

  #next(held: Held, taskMs: number): void {
    if (isAnswer(held)) {
      this.#answering--
      this.#answers.delete(held.run)
    } else {
      this.#running--
      this.#aheadMs -= held.expectedMs
    }
    const { clock, restAfter } = this.#options
    const restMs = restAfter(taskMs)
    if (restMs > 0) {
      const now = clock.now()
      // A task that was prepared ends during the rest of the one before it: its own rest comes on top.
      this.#restUntil = Math.max(this.#restUntil, now) + restMs
      this.#callOffRest()
      this.#callOffRest = clock.after(this.#restUntil - now, () => {
        this.#restUntil = 0
        this.pump()
      })
    }
    this.pump()
  }

  #handBack(leases: readonly Lease[], reason: HandbackReason): void {
    for (let from = 0; from < leases.length; from += MAX_LEASES) {
      const part = leases.slice(from, from + MAX_LEASES)
      this.#options.deliver({
        type: 'handback',
        leases: part.map(({ task, generation }) => [task, generation]),
        reason,
      })
      for (const lease of part) this.#options.events.handedBack(lease)
    }
  }

  /** Sends the finished results. */
  #flush(): void {
    const results = this.#results
    this.#results = []
    for (const data of resultFrames(results)) this.#options.deliver(data)
  }
}
