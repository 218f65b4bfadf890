import { hash } from 'node:crypto'
import { OpentabError } from '../../protocol/errors.ts'
import { decodeResults } from '../../protocol/frames.ts'
import type { JobState } from '../../protocol/job.ts'
import type { Core } from '../core.ts'
import type { KernelAnswer } from '../kernels/kernelFlow.ts'
import type { KernelRow } from '../kernels/kernelMatrix.ts'
import { CUSTOM_KERNEL_JOB } from './jobKinds.ts'
import { type Job, jobName, parseJobName, receiptIdOf, taskIdOf } from './jobRecords.ts'
import { type OutputJson, type StoreBlob, tensorToJson } from './tensorJson.ts'

/** `GET /v1/jobs/{id}`. */
export interface JobView {
  id: string
  state: JobState
  kind: string
  created: string
  result: {
    /** Null where tabs contradict each other, or the reference, or none ran a custom kernel. */
    outputs?: OutputJson[] | null
    matrix?: KernelRow[]
    tasks?: { outputs: OutputJson[] }[]
    body?: unknown
  } | null
  receipts: string[]
  /** Key from which the salts of these receipts' input and output hashes come. */
  saltKey: string
  error: { code: string; message: string } | null
}

const same = (a: string, b: string): boolean => hash('sha256', a) === hash('sha256', b)

/** State of a job in memory, derived from its tasks. */
export function stateOf(job: Job): JobState {
  if (job.ended) return job.ended
  let leased = 0
  let returned = 0
  let queued = 0
  for (const { state } of job.tasks.values()) {
    if (state === 'leased') leased++
    else if (state === 'queued') queued++
    else if (state === 'returned' || state === 'disputed') returned++
  }
  if (leased > 0) return 'running'
  if (queued === 0 && returned > 0) return 'verifying'
  return job.verified.length + returned > 0 ? 'running' : 'queued'
}

/**
 * A job as its requester sees it.
 * @param storeBlob keeps an output that is too large for JSON
 * @throws OpentabError `not_found`
 */
export async function viewJob(
  core: Core,
  name: string,
  requester: string,
  storeBlob: StoreBlob,
): Promise<JobView> {
  const { seq } = jobOf(core, name, requester)
  const live = core.jobs.get(seq)
  const row = core.store.job(seq)
  if (!row || row.state === 'open') {
    if (!live) throw notFound(name)
    const shown: JobView = {
      id: jobName(live),
      // An end that is not on disk yet is not shown.
      state: live.ended ? 'verifying' : stateOf(live),
      kind: kindShown(live.kind),
      created: new Date(live.createdAt).toISOString(),
      result: null,
      receipts: live.verified.map((task) => receiptIdOf(taskIdOf(seq, task.index), task.generation)),
      saltKey: core.receipts.saltKeyOf(seq),
      error: null,
    }
    // Nothing is shown that a crash could take back; the job may end meanwhile.
    await core.commit.durable()
    return core.jobs.has(seq) ? shown : viewJob(core, name, requester, storeBlob)
  }
  const verified = core.store.verifiedOf(seq)
  const view: JobView = {
    id: jobName(row),
    state: row.state,
    kind: kindShown(row.kind),
    created: new Date(row.createdAt).toISOString(),
    result: null,
    receipts: verified.map((task) => receiptIdOf(task.task, task.generation)),
    saltKey: core.receipts.saltKeyOf(seq),
    error: row.error === null ? null : (JSON.parse(row.error) as JobView['error']),
  }
  if (row.state !== 'done') return view
  if (row.answer !== null) {
    const answer = JSON.parse(row.answer) as unknown
    view.result = row.kind === CUSTOM_KERNEL_JOB ? (answer as KernelAnswer) : { body: answer }
  } else if (verified.length > 0 && verified.every((task) => task.outputs !== null)) {
    const tasks: { outputs: OutputJson[] }[] = []
    for (const task of verified) {
      const outputs: OutputJson[] = []
      for (const tensor of decodeResults(task.outputs!)[0]!.outputs)
        outputs.push(await tensorToJson(tensor, storeBlob))
      tasks.push({ outputs })
    }
    view.result = row.kind === 'batch' ? { tasks } : { outputs: tasks[0]!.outputs }
  }
  return view
}

const kindShown = (kind: string): string => (kind === CUSTOM_KERNEL_JOB ? 'kernel' : kind)

const notFound = (name: string): OpentabError =>
  new OpentabError('not_found', `There is no job ${name.slice(0, 80)}.`)

/** The job's number when name and requester are right. @throws OpentabError `not_found` */
export function jobOf(core: Core, name: string, requester: string): { seq: number } {
  const parsed = parseJobName(name)
  if (!parsed) throw notFound(name)
  const row = core.jobs.get(parsed.seq) ?? core.store.job(parsed.seq)
  if (!row || row.requester !== requester || !same(row.secret, parsed.secret)) throw notFound(name)
  return { seq: parsed.seq }
}
