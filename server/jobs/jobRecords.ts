import type { OpentabError } from '../../protocol/errors.ts'
import type { TaskState } from '../../protocol/job.ts'
import { MAX_TASKS_PER_JOB } from '../../protocol/limits.ts'
import type { TaskSpec } from '../../protocol/task.ts'
import type { Tensor } from '../../protocol/tensor.ts'
import type { JobMode } from '../store/store.ts'

/** What a tab must be able to do to run a task: `kernel:NAME` or `model:HASH`. Tasks of one requirement queue together. */
export type Requirement = string

export const requirementOf = (spec: TaskSpec): Requirement =>
  spec.kind === 'kernel' ? `kernel:${spec.kernel}` : `model:${spec.model}`

/** A job that is not done yet, in memory. */
export interface Job {
  seq: number
  secret: string
  requester: string
  /** Key of its receipts' salts, 64 hex digits; the requester gets it. */
  saltKey: string
  kind: string
  mode: JobMode
  createdAt: number
  body: unknown
  tasks: Map<number, Task>
  /** Tasks verified so far: [index, generation], for receipts. */
  verified: { index: number; generation: number }[]
  /** Micro-credits that verified tasks cost so far. */
  spentMicroCredits: number
  /** Micro-credits of tasks asked for and not verified yet; counts against a key's limit. */
  reservedMicroCredits: number
  /** Bytes of its tasks' inputs. */
  inputBytes: number
  abort: AbortController
  ended: 'done' | 'failed' | 'cancelled' | null
  /** Called once the end is on disk. */
  listeners: Set<(job: Job) => void>
  answer: unknown
  error: OpentabError | null
}

/** A task that is not verified yet, in memory. */
export interface Task {
  /** job.seq * MAX_TASKS_PER_JOB + index. */
  id: number
  index: number
  job: Job
  spec: TaskSpec
  requirement: Requirement
  operations: number
  microCredits: number
  state: TaskState
  /** Generation of the newest lease; 0 before the first. */
  generation: number
  lease: Lease | null
  failed: number
  vanished: number
  /** Results whose check could not be made. */
  unchecked: number
  /** Sentence of the last failure, for the requester. */
  lastFailure: string
  /** Addresses whose result for it was rejected: never again. */
  refusedAddresses: Set<string> | null
  /** Tabs that failed on it: only when there is no other. */
  failedTabs: Set<string> | null
  /** Epoch ms since which it has waited for a tab; the time that tabs had it is not counted. */
  queuedAt: number
  /** Whoever waits for the outputs; null for planned jobs, whose outputs are read from the store. */
  resolve: ((outputs: Tensor[]) => void) | null
  reject: (error: OpentabError) => void
}

export interface Lease {
  tabId: string
  grantedAt: number
  /** Epoch ms after which the task is taken back. */
  deadline: number
}

export const taskIdOf = (jobSeq: number, index: number): number => jobSeq * MAX_TASKS_PER_JOB + index

const BASE = 36

/** `task_1z3`: the public form of a task id. */
export const taskName = (id: number): string => `task_${id.toString(BASE)}`

export const jobName = (job: { seq: number; secret: string }): string =>
  `job_${job.seq.toString(BASE)}_${job.secret}`

/** Number and secret of a public job id; undefined when it is not one. */
export function parseJobName(name: string): { seq: number; secret: string } | undefined {
  const match = /^job_([0-9a-z]{1,10})_([0-9a-z]{20})$/.exec(name)
  return match ? { seq: Number.parseInt(match[1]!, BASE), secret: match[2]! } : undefined
}

/** A receipt's id holds the task and the lease's generation, so it is known when the lease is made and needs no index. */
export const receiptIdOf = (task: number, generation: number): string =>
  `rcpt_${task.toString(BASE)}_${generation.toString(BASE)}`

export function parseReceiptId(id: string): { task: number; generation: number } | undefined {
  const match = /^rcpt_([0-9a-z]{1,11})_([0-9a-z]{1,7})$/.exec(id)
  if (!match) return undefined
  const task = Number.parseInt(match[1]!, BASE)
  const generation = Number.parseInt(match[2]!, BASE)
  return Number.isSafeInteger(task) && generation <= 0xffffffff ? { task, generation } : undefined
}
