import { randomBytes } from 'node:crypto'
import { serialize } from 'node:v8'
import { OpentabError } from '../../protocol/errors.ts'
import {
  MAX_ANSWERS_PER_JOB,
  MAX_FRAME_BYTES,
  MAX_TASKS_PER_JOB,
  microCreditsOf,
  OPEN_INPUTS_LIMIT_BYTES,
} from '../../protocol/limits.ts'
import type { TaskSpec } from '../../protocol/task.ts'
import type { Tensor } from '../../protocol/tensor.ts'
import type { Core } from '../core.ts'
import type { AnswerChunk, AnswerRequest } from '../language/answer.ts'
import type { JobMode, JobRow } from '../store/store.ts'
import { addTask } from './addTask.ts'
import { endJob } from './endJob.ts'
import type { FlowMemory } from './flow.ts'
import type { JobKind } from './jobKinds.ts'
import { type Job, notesKeyOf } from './jobRecords.ts'
import type { KnownTasks } from './knownTasks.ts'

const NO_BODY = new Uint8Array(0)
const ALPHABET = '0123456789abcdefghijklmnopqrstuv'

/** 20 characters of 5 random bits. */
function newSecret(): string {
  let secret = ''
  for (const byte of randomBytes(20)) secret += ALPHABET[byte & 31]
  return secret
}

export interface JobRequest {
  kind: string
  body: unknown
  /** Ledger account that pays. */
  requester: string
  mode: JobMode
  /** Hears what the kind's flow tells on the way; only for a requester who waits. */
  onEvent?: (event: unknown) => void
}

/**
 * Takes a job. When the promise resolves, the job is on disk; its tasks wait for tabs.
 * @param onStart called with the job before any of its tasks can end
 * @throws OpentabError what the kind's plan refuses, `insufficient_quota`, `rate_limited`, `draining`
 */
export async function submitJob(core: Core, request: JobRequest, onStart?: (job: Job) => void): Promise<Job> {
  const kind = core.kinds.get(request.kind)
  if (!kind)
    throw new OpentabError('invalid_value', `There is no job kind ${request.kind}.`, { param: 'kind' })
  if (core.draining) throw new OpentabError('draining', undefined, { retryAfterSeconds: 5 })
  if (core.openInputBytes > OPEN_INPUTS_LIMIT_BYTES) {
    throw new OpentabError('rate_limited', `Open jobs hold ${core.openInputBytes} bytes of inputs.`, {
      retryAfterSeconds: 10,
    })
  }
  refuseOverOpen(core, kind, request.requester)
  const planned = kind.plan ? await plan(kind, request.body) : null
  // What a flow will cost shows with its tasks; the least that any task costs must be there.
  const leastCost = planned ? planned.reduce((sum, { microCredits }) => sum + microCredits, 0) : 1
  refuseOverLimit(core, request.requester, leastCost)
  const row: JobRow = {
    seq: ++core.lastJobSeq,
    secret: newSecret(),
    requester: request.requester,
    kind: request.kind,
    mode: request.mode,
    body: request.mode === 'background' ? serialize(request.body) : NO_BODY,
    createdAt: core.clock.now(),
  }
  core.lastJobSeq += (kind.span ?? 1) - 1
  core.commit.batch.jobs.push(row)
  const job = addJob(core, row, request.body)
  onStart?.(job)
  startJob(core, job, kind, planned, nothingKnown, request.onEvent)
  await core.commit.durable()
  return job
}

/** @throws OpentabError `rate_limited` when the requester has as many open jobs of the kind as he may; those before a restart count */
function refuseOverOpen(core: Core, { name, mostOpen }: JobKind, requester: string): void {
  if (mostOpen === undefined) return
  let open = 0
  for (const job of core.jobs.values())
    if (job.kind === name && job.requester === requester && !job.ended) open++
  if (open < mostOpen) return
  throw new OpentabError(
    'rate_limited',
    `The requester has ${open} open jobs of this kind; ${mostOpen} are the most.`,
    {
      retryAfterSeconds: 10,
      fix: 'Wait until some have ended, or cancel those that nobody needs; each API key counts by itself.',
    },
  )
}

/** @throws OpentabError `insufficient_quota` when `microCredits` more are over what the requester may spend */
export function refuseOverLimit(core: Core, requester: string, microCredits: number): void {
  const spendable = core.spendable(requester)
  if (microCredits <= spendable) return
  throw new OpentabError(
    'insufficient_quota',
    `This costs ${microCredits} micro-credits; the key has ${Math.max(0, spendable)} left.`,
  )
}

interface PlannedTask {
  spec: TaskSpec
  operations: number
  microCredits: number
}

async function plan(kind: JobKind, body: unknown): Promise<PlannedTask[]> {
  const specs = await kind.plan!(body)
  if (specs.length === 0 || specs.length > MAX_TASKS_PER_JOB) {
    throw new OpentabError(
      'invalid_value',
      `A job has 1 to ${MAX_TASKS_PER_JOB} tasks; this one has ${specs.length}.`,
    )
  }
  const planned: PlannedTask[] = []
  for (const spec of specs) {
    refuseOverFrame(spec)
    const cost = kind.operationsOf(spec)
    const operations = typeof cost === 'number' ? cost : await cost
    planned.push({ spec, operations, microCredits: microCreditsOf(operations) })
  }
  return planned
}

/** Room that a lease takes beside its tensors' data: names, shapes and headers at their largest. */
const FRAME_HEAD_BYTES = 64 * 1024

/** @throws OpentabError `invalid_value` when the task's inputs do not fit the frame of a lease */
function refuseOverFrame(spec: TaskSpec): void {
  let bytes = FRAME_HEAD_BYTES
  for (const input of spec.inputs) bytes += input.bytes.byteLength
  if (bytes <= MAX_FRAME_BYTES) return
  throw new OpentabError(
    'invalid_value',
    `The task's inputs have ${bytes - FRAME_HEAD_BYTES} bytes; at most ${MAX_FRAME_BYTES - FRAME_HEAD_BYTES} can be sent to a tab.`,
    { param: 'inputs', fix: 'Cut the work into smaller tasks.' },
  )
}

/** Puts a job's record into memory. */
export function addJob(core: Core, row: JobRow, body: unknown): Job {
  const job: Job = {
    seq: row.seq,
    secret: row.secret,
    requester: row.requester,
    saltKey: core.receipts.saltKeyOf(row.seq),
    kind: row.kind,
    mode: row.mode,
    createdAt: row.createdAt,
    span: core.kinds.get(row.kind)?.span ?? 1,
    nextStep: MAX_ANSWERS_PER_JOB,
    body,
    notes: null,
    tasks: new Map(),
    verified: [],
    spentMicroCredits: 0,
    streamed: false,
    prepaidMicroCredits: 0,
    refunded: false,
    reservedMicroCredits: 0,
    inputBytes: 0,
    abort: new AbortController(),
    ended: null,
    listeners: new Set(),
    answer: null,
    error: null,
  }
  core.jobs.set(job.seq, job)
  return job
}

const nothingKnown: KnownTasks = { outputs: new Map(), attempts: new Map() }

/** Starts a job's tasks or its flow. */
export function startJob(
  core: Core,
  job: Job,
  kind: JobKind,
  planned: PlannedTask[] | null,
  known: KnownTasks = nothingKnown,
  onEvent: (event: unknown) => void = () => {},
): void {
  const { body } = job
  // A flow keeps what it needs of it; a long queue of planned jobs must not hold every request twice.
  job.body = null
  if (planned) {
    let waiting = 0
    const fail = (error: Error): void =>
      endJob(core, job, 'failed', {
        error: error instanceof OpentabError ? error : new OpentabError('internal'),
      })
    for (const [index, task] of planned.entries()) {
      if (known.outputs.has(index)) continue
      waiting++
      // Planned jobs end when their last task is verified; nobody waits for the single outputs.
      addTask(core, job, index, { ...task, attempts: known.attempts.get(index) }, null, fail)
    }
    if (waiting === 0) endJob(core, job, 'done', {})
    return
  }
  const context = {
    signal: job.abort.signal,
    patient: job.mode === 'background',
    ...(job.mode === 'background' && { memory: memoryOf(core, job, known) }),
    hold: (bytes: number): void => {
      if (job.ended) return
      job.inputBytes += bytes
      core.openInputBytes += bytes
    },
    emit: onEvent,
    requester: job.requester,
    answer: (choice: number, request: AnswerRequest, onChunk: ((chunk: AnswerChunk) => void) | null) =>
      core.answers.answer(job, known, choice, request, onChunk),
    task: async (index: number, spec: TaskSpec): Promise<Tensor[]> => {
      const before = known.outputs.get(index)
      if (before) return before
      if (spec.kind === 'generate' || spec.kind === 'stage')
        throw new OpentabError('invalid_value', `A ${spec.kind} task is asked for as part of an answer.`)
      refuseOverFrame(spec)
      const operations = await kind.operationsOf(spec)
      const microCredits = microCreditsOf(operations)
      job.abort.signal.throwIfAborted()
      refuseOverLimit(core, job.requester, microCredits)
      return new Promise<Tensor[]>((resolve, reject) =>
        addTask(core, job, index, { spec, operations, attempts: known.attempts.get(index) }, resolve, reject),
      )
    },
  }
  kind.flow!(body, context).then(
    (answer) => endJob(core, job, 'done', { answer }),
    (error: unknown) => {
      if (job.ended) return
      if (!(error instanceof OpentabError)) core.report(error, `job ${job.seq} of kind ${job.kind}`)
      endJob(core, job, 'failed', {
        error:
          error instanceof OpentabError ? error : new OpentabError('internal', undefined, { cause: error }),
      })
    },
  )
}

const memoryOf = (core: Core, job: Job, known: KnownTasks): FlowMemory => ({
  noted: job.notes,
  note(text) {
    if (job.ended) return
    job.notes = text
    core.commit.batch.meta.push([notesKeyOf(job.seq), text])
    core.commit.request()
  },
  verified: (index) => known.outputs.get(index),
})

/** The plan of a stored job, for the restart. */
export const planAgain = plan
