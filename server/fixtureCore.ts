import { ANSWERS_JOB_SPAN, MAX_TASKS_PER_JOB } from '../protocol/limits.ts'
import type { KernelTask, TaskSpec } from '../protocol/task.ts'
import { ManualClock } from './clock.ts'
import type { Core } from './core.ts'
import { createCore } from './createCore.ts'
import type { JobKind } from './jobs/jobKinds.ts'
import type { Job } from './jobs/jobRecords.ts'
import { restoreJobs } from './jobs/restoreJobs.ts'
import { type JobRequest, submitJob } from './jobs/submitJob.ts'
import type { AnswerRequest } from './language/answer.ts'
import type { AnswersOptions } from './language/answers.ts'
import type { ApiKeys } from './ledger/apiKeys.ts'
import { LogSigner } from './ledger/log/logSigner.ts'
import { FakeTab, type FakeTabOptions } from './placement/fakeTab.ts'
import { MemoryStore } from './store/memoryStore.ts'
import type { Snapshot, Store } from './store/store.ts'
import { StubChecker } from './verify/stubChecker.ts'

/** Body of the fixture's jobs: how many tasks, and what each of them is. */
export interface FixtureBody {
  tasks: number
  kernel?: KernelTask['kernel']
  /** Hash of a model: the tasks are `infer` then. */
  model?: string
  /** Operations of each task; 2000 unless given: 2 micro-credits. */
  operations?: number
  /** The flow asks for its tasks one after the other; else all at once. */
  serial?: boolean
}

const SUBJECT = 'ab'.repeat(32)

/** The spec of task `index` of a fixture job: a 1 x 1 x 1 product whose seed is the index. */
export function fixtureSpec(body: FixtureBody, index: number): TaskSpec {
  if (body.model !== undefined) return { kind: 'infer', model: body.model, graph: 0, inputs: [] }
  const shape = { m: 1, k: body.operations ?? 2000, n: 1 }
  return {
    kind: 'kernel',
    kernel: body.kernel ?? 'matmul-i8',
    subject: SUBJECT,
    shape,
    seed: index,
    inputs: [],
  }
}

const kinds: JobKind[] = [
  {
    name: 'batch',
    plan: (body) => specsOf(body as FixtureBody),
    operationsOf: (spec) => (spec.kind === 'kernel' ? spec.shape.k : 2000),
  },
  {
    name: 'flow',
    flow: async (body, context) => {
      const specs = specsOf(body as FixtureBody)
      const sums: number[] = []
      const run = async (spec: TaskSpec, index: number): Promise<void> => {
        const [c] = await context.task(index, spec)
        sums[index] = new DataView(c!.bytes.buffer, c!.bytes.byteOffset).getInt32(0, true)
      }
      if ((body as FixtureBody).serial) for (const [index, spec] of specs.entries()) await run(spec, index)
      else await Promise.all(specs.map(run))
      return { sums }
    },
    operationsOf: (spec) => (spec.kind === 'kernel' ? spec.shape.k : 2000),
  },
]
/** Body of the fixture's answers. */
export interface FixtureAnswers {
  answers: AnswerRequest[]
  /** Whether the tokens are read along: they are events then. */
  readAlong?: boolean
}

const answerKind: JobKind = {
  name: 'answers',
  span: ANSWERS_JOB_SPAN,
  flow: async (body, context) => {
    const { answers, readAlong } = body as FixtureAnswers
    const made = answers.map((request, choice) =>
      context.answer(choice, request, readAlong ? (chunk) => context.emit({ choice, ...chunk }) : null),
    )
    return { answers: await Promise.all(made) }
  },
  operationsOf: () => 0,
}
const specsOf = (body: FixtureBody): TaskSpec[] =>
  Array.from({ length: body.tasks }, (_, index) => fixtureSpec(body, index))

export interface FixtureOptions {
  store?: Store
  clock?: ManualClock
  drawCheck?: Core['drawCheck']
  answers?: Partial<AnswersOptions>
  /** Kinds of job besides the fixture's own. */
  kinds?: readonly JobKind[]
}

/** A core with a clock that stands still and turns that end when `flush` says so. */
export class FixtureCore {
  readonly store: Store
  readonly clock: ManualClock
  readonly checker = new StubChecker()
  readonly core: Core
  readonly keys: ApiKeys
  readonly snapshot: Snapshot
  readonly commitFailures: unknown[] = []
  readonly reports: string[] = []
  #due: (() => void)[] = []

  constructor({
    store = new MemoryStore(),
    clock = new ManualClock(),
    drawCheck = () => true,
    answers = {},
    kinds: more = [],
  }: FixtureOptions = {}) {
    this.store = store
    this.clock = clock
    const { core, keys, snapshot } = createCore({
      store,
      clock,
      checker: this.checker,
      kinds: new Map([...kinds, answerKind, ...more].map((kind) => [kind.name, kind])),
      answers,
      signer: new LogSigner('opentab-1f2e3d4c/log', Buffer.alloc(32, 7)),
      saltSecret: '5a'.repeat(32),
      drawCheck,
      onCommitFailure: (error) => this.commitFailures.push(error),
      report: (error, what) =>
        this.reports.push(`${what}: ${error instanceof Error ? error.message : String(error)}`),
      schedule: (flush) => void this.#due.push(flush),
    })
    this.core = core
    this.keys = keys
    this.snapshot = snapshot
    this.flush()
  }

  /** Ends the turn, and those that follow from it: commits, then grants leases. */
  flush(): void {
    for (let due = this.#due; due.length > 0; due = this.#due) {
      this.#due = []
      for (const call of due) call()
    }
  }

  /** Ends turns until nothing is waiting for one, promises included. */
  async settle(): Promise<void> {
    for (let quiet = 0; quiet < 3; quiet++) {
      if (this.#due.length > 0) quiet = 0
      this.flush()
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  /** A connected, greeted tab. */
  tab(options: FakeTabOptions = {}): FakeTab {
    const tab = new FakeTab(this.core, options)
    this.flush()
    return tab
  }

  /** Takes a job and ends the turn; its tasks are leased to the tabs that are there. */
  async submit(
    body: unknown = { tasks: 1 } satisfies FixtureBody,
    {
      kind = 'batch',
      requester = 'local',
      mode = 'background',
      onEvent,
    }: Partial<Omit<JobRequest, 'body'>> = {},
  ): Promise<Job> {
    const submitted = submitJob(this.core, { kind, body, requester, mode, ...(onEvent && { onEvent }) })
    submitted.catch(() => {})
    await this.settle()
    return submitted
  }

  /** What a restart after kill -9 finds: a new core over the same store, its jobs taken up. */
  async restart(options: Omit<FixtureOptions, 'store' | 'clock'> = {}): Promise<FixtureCore> {
    const next = new FixtureCore({ ...options, store: this.store, clock: this.clock })
    const restored = restoreJobs(next.core, next.snapshot)
    await next.settle()
    await restored
    return next
  }

  balance(account: string): number {
    return this.core.ledger.balance(account)
  }

  /** Credit of an address, pending and settled. */
  credit(address: string): number {
    const { pending, settled } = this.core.ledger.credits(address)
    return pending + settled
  }

  /** Throws unless the books are in order: sum zero, balances equal the transfers, one work transfer a verified task. */
  audit(): void {
    if (this.core.ledger.sum() !== 0) throw new Error(`the ledger's sum is ${this.core.ledger.sum()}`)
    const recomputed = this.store.recomputeBalances()
    for (const { id, name, balance } of this.store.load().accounts) {
      if ((recomputed.get(id) ?? 0) !== balance)
        throw new Error(`${name} holds ${balance}, its transfers make ${recomputed.get(id) ?? 0}`)
    }
  }

  /** The counted attempts that a restart would find. */
  snapshotOfAttempts(): Snapshot['attempts'] {
    return this.store.load().attempts
  }

  /** Task id of a job's task. */
  taskId(job: Job, index = 0): number {
    return job.seq * MAX_TASKS_PER_JOB + index
  }
}
