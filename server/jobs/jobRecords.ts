import type { OpentabError } from '../../protocol/errors.ts'
import type { TaskState } from '../../protocol/job.ts'
import { MAX_TASKS_PER_JOB } from '../../protocol/limits.ts'
import type { TaskSpec } from '../../protocol/task.ts'
import type { Tensor } from '../../protocol/tensor.ts'
import type { JobMode } from '../store/store.ts'
import type { AnswerPart } from './answerPart.ts'
import type { StepLost } from './stepLost.ts'

/**
 * What a tab must be able to do to run a task; tasks of one requirement queue together.
 * - `kernel:NAME`, `model:HASH`: the kernel, the model's graphs
 * - `whole:HASH:LAST`: all stages of a language model, 0 to LAST
 * - `pin:TAB`: to be the tab of this id, which holds the keys and values of a sequence, or was chosen for a custom kernel
 */
export type Requirement = string

export function requirementOf(spec: TaskSpec): Requirement {
  if (spec.kind === 'kernel') return `kernel:${spec.kernel}`
  return spec.kind === 'custom' ? pinTo(spec.tab!) : `model:${spec.model}`
}

/** What a tab needs to make whole answers of a language model of so many stages. */
export const wholeRequirement = (modelHash: string, stages: number): Requirement =>
  `whole:${modelHash}:${stages - 1}`

export const pinTo = (tabId: string): Requirement => `pin:${tabId}`

/** Hash of the model that a requirement speaks of; undefined where it speaks of none. */
export const modelOf = (requirement: Requirement): string | undefined =>
  /^(?:model|whole):([0-9a-f]+)/.exec(requirement)?.[1]

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
  /** Job numbers that it takes: it may have `span * MAX_TASKS_PER_JOB` tasks. */
  span: number
  /** Index of the next step of its answers' stages. */
  nextStep: number
  body: unknown
  /** What its flow keeps for the time after a restart; null where it keeps nothing. */
  notes: string | null
  tasks: Map<number, Task>
  /** Tasks verified so far: [index, generation], for receipts. */
  verified: { index: number; generation: number }[]
  /** Micro-credits that verified tasks cost its requester so far. */
  spentMicroCredits: number
  /** Whether its requester has heard tokens of an answer: what was made of it is charged also if he leaves. */
  streamed: boolean
  /** What of it was spent before a restart for steps that are done again: so much the operator pays. */
  prepaidMicroCredits: number
  /** Whether its end gave the requester everything back: what is found right after it the operator pays. */
  refunded: boolean
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
  /** Canonical operations; of an answer the most it may take, until its result is there. */
  operations: number
  microCredits: number
  /** What of its requester's money is held for it, micro-credits. */
  reservedMicroCredits: number
  /** Ledger account that pays: the job's requester, or `operator` for what is done again. */
  payer: string
  /** What it adds as a part of a language model's answer; null for every other task. */
  part: AnswerPart | null
  state: TaskState
  /** Generation of the newest lease; 0 before the first. */
  generation: number
  lease: Lease | null
  failed: number
  vanished: number
  /** How often the check of its result could not be made. */
  uncheckedTries: number
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
  reject: (error: OpentabError | StepLost) => void
}

/** Whether only one tab can do it. */
export const isPinned = ({ requirement }: Task): boolean => requirement.startsWith('pin:')

export interface Lease {
  tabId: string
  grantedAt: number
  /** Epoch ms after which the task is taken back. */
  deadline: number
}

/** The store's meta key of what the job's flow keeps. */
export const notesKeyOf = (jobSeq: number): string => `job_notes:${jobSeq}`

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
