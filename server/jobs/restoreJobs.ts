import { deserialize } from 'node:v8'
import { OpentabError } from '../../protocol/errors.ts'
import { decodeResults } from '../../protocol/frames.ts'
import { MAX_TASKS_PER_JOB } from '../../protocol/limits.ts'
import type { Tensor } from '../../protocol/tensor.ts'
import type { Core } from '../core.ts'
import type { AttemptsRow, Snapshot } from '../store/store.ts'
import { endJob } from './endJob.ts'
import { type Job, notesKeyOf, taskIdOf } from './jobRecords.ts'
import { addJob, planAgain, startJob } from './submitJob.ts'

/**
 * Takes up the jobs that were open when the relay went down. Background jobs go on: what was verified stays, the rest
 * is planned again from the stored body. Jobs of requesters who were waiting on a connection are cancelled.
 */
export async function restoreJobs(core: Core, snapshot: Snapshot): Promise<void> {
  const attempts = Map.groupBy(snapshot.attempts, (row) => Math.floor(row.task / MAX_TASKS_PER_JOB))
  const attemptsOf = ({ seq, span }: Job) => {
    const rows: [number, AttemptsRow][] = []
    for (let number = seq; number < seq + span; number++)
      for (const row of attempts.get(number) ?? []) rows.push([row.task - taskIdOf(seq, 0), row])
    return new Map(rows)
  }
  for (const row of snapshot.openJobs) {
    const body: unknown = row.body.byteLength > 0 ? deserialize(row.body) : undefined
    const job = addJob(core, row, body)
    job.notes = core.store.meta(notesKeyOf(row.seq)) ?? null
    const known = new Map<number, Tensor[]>()
    for (const task of core.store.verifiedOf(row.seq)) {
      const index = task.task - taskIdOf(row.seq, 0)
      job.verified.push({ index, generation: task.generation })
      job.nextStep = Math.max(job.nextStep, index + 1)
      if (task.outputs) known.set(index, decodeResults(task.outputs)[0]!.outputs)
    }
    job.spentMicroCredits = core.store.workOf(row.seq)
    // Answers that were begun are made again from the start; a task whose outputs are known is not.
    job.prepaidMicroCredits = core.store.workOf(
      row.seq,
      [...known.keys()].map((index) => taskIdOf(row.seq, index)),
    )
    const kind = core.kinds.get(row.kind)
    if (row.mode === 'sync' || !kind) {
      endJob(core, job, 'cancelled', { error: new OpentabError('cancelled', 'The relay was restarted.') })
      continue
    }
    try {
      const planned = kind.plan ? await planAgain(kind, body) : null
      startJob(core, job, kind, planned, { outputs: known, attempts: attemptsOf(job) })
    } catch (error) {
      const reason =
        error instanceof OpentabError ? error : new OpentabError('internal', undefined, { cause: error })
      endJob(core, job, 'failed', { error: reason })
    }
  }
}
