import { MAX_TASKS_PER_JOB } from '../../protocol/limits.ts'
import {
  type AccountRow,
  type ApiKeyRow,
  type AttemptsRow,
  type Batch,
  type JobEnd,
  type JobRow,
  type LogBlock,
  type PayeeRow,
  type RejectedResult,
  type Snapshot,
  type Store,
  type StoredJob,
  type Totals,
  type Transfer,
  transferKinds,
  type VerifiedTask,
} from './store.ts'

const transferId = (t: Transfer): string => `${t.kind}/${t.subject}/${t.credit}`

/** The store without a disk: for tests, and the plain statement of what every store does. */
export class MemoryStore implements Store {
  readonly #jobs = new Map<number, StoredJob>()
  readonly #verified = new Map<number, VerifiedTask>()
  readonly #rejected = new Map<string, RejectedResult>()
  readonly #attempts = new Map<number, AttemptsRow>()
  readonly #transfers = new Map<string, Transfer>()
  readonly #accounts = new Map<number, AccountRow>()
  readonly #payees = new Map<string, PayeeRow>()
  readonly #apiKeys = new Map<string, ApiKeyRow>()
  #blocks: LogBlock[] = []
  readonly #tiles = new Map<string, Uint8Array>()
  readonly #meta = new Map<string, string>()
  readonly #signatures = new Map<string, string>()
  #checkpoint: { size: number; text: string } | null = null

  load(): Snapshot {
    const open: JobRow[] = []
    let lastJobSeq = 0
    for (const job of this.#jobs.values()) {
      if (job.state === 'open') open.push(job)
      lastJobSeq = Math.max(lastJobSeq, job.seq)
    }
    const clone = <T extends object>(rows: Iterable<T>): T[] => [...rows].map((row) => ({ ...row }))
    return {
      openJobs: clone(open),
      lastJobSeq,
      attempts: clone(this.#attempts.values()),
      accounts: clone(this.#accounts.values()),
      payees: clone(this.#payees.values()),
      apiKeys: clone(this.#apiKeys.values()),
      checkpoint: this.#checkpoint,
      logSize: this.logSize(),
    }
  }

  commit(batch: Batch): void {
    this.#refuseDoubles(batch)
    for (const row of batch.jobs) this.#jobs.set(row.seq, { ...row, state: 'open' })
    for (const row of batch.verified) {
      this.#verified.set(row.task, row)
      this.#attempts.delete(row.task)
    }
    for (const row of batch.rejected) this.#rejected.set(`${row.task}/${row.generation}`, row)
    for (const row of batch.attempts) this.#attempts.set(row.task, { ...row })
    for (const end of batch.jobEnds) {
      this.#jobs.set(end.seq, { ...this.#jobs.get(end.seq)!, ...end })
      const isOfJob = this.#tasksOf(end.seq)
      for (const task of this.#attempts.keys()) if (isOfJob(task)) this.#attempts.delete(task)
    }
    for (const row of batch.transfers) this.#transfers.set(transferId(row), row)
    for (const row of batch.accounts) this.#accounts.set(row.id, { ...row })
    for (const row of batch.payees) this.#payees.set(row.address, { ...row })
    for (const row of batch.apiKeys) this.#apiKeys.set(row.id, { ...row })
    for (const block of batch.logBlocks) this.#blocks.push(block)
    for (const tile of batch.logTiles) this.#tiles.set(`${tile.level}/${tile.n}`, tile.bytes)
    if (batch.checkpoint) this.#checkpoint = batch.checkpoint
    for (const [receipt, json] of batch.signatures) this.#signatures.set(receipt, json)
    for (const [key, value] of batch.meta) {
      if (value === null) this.#meta.delete(key)
      else this.#meta.set(key, value)
    }
  }

  #refuseDoubles(batch: Batch): void {
    const ids = new Set<string>()
    const refuse = (id: string, there: boolean): void => {
      if (there || ids.has(id)) throw new Error(`UNIQUE constraint: ${id}`)
      ids.add(id)
    }
    for (const row of batch.jobs) refuse(`job ${row.seq}`, this.#jobs.has(row.seq))
    for (const row of batch.verified) refuse(`task ${row.task}`, this.#verified.has(row.task))
    for (const row of batch.transfers)
      refuse(`transfer ${transferId(row)}`, this.#transfers.has(transferId(row)))
    for (const row of batch.rejected) {
      const id = `${row.task}/${row.generation}`
      refuse(`rejection ${id}`, this.#rejected.has(id))
    }
    let size = this.logSize()
    for (const block of batch.logBlocks) {
      if (block.firstIndex !== size)
        throw new Error(`UNIQUE constraint: log block at ${block.firstIndex}, size ${size}`)
      size += block.count
    }
    for (const end of batch.jobEnds) {
      const known = this.#jobs.has(end.seq) || batch.jobs.some((row) => row.seq === end.seq)
      if (!known) throw new Error(`job ${end.seq} ends and was never entered`)
    }
  }

  job(seq: number): StoredJob | undefined {
    return this.#jobs.get(seq)
  }

  verifiedOf(seq: number): VerifiedTask[] {
    const isOfJob = this.#tasksOf(seq)
    return [...this.#verified.values()].filter((row) => isOfJob(row.task)).sort((a, b) => a.task - b.task)
  }

  /** Whether a task id belongs to a job: it is not below the job's first, and below the next job's first. */
  #tasksOf(seq: number): (task: number) => boolean {
    let next = Number.POSITIVE_INFINITY
    for (const other of this.#jobs.keys()) if (other > seq && other < next) next = other
    return (task) => task >= seq * MAX_TASKS_PER_JOB && task < next * MAX_TASKS_PER_JOB
  }

  workOf(seq: number, without: readonly number[] = []): number {
    const isOfJob = this.#tasksOf(seq)
    const operator = [...this.#accounts.values()].find(({ name }) => name === 'operator')?.id
    let sum = 0
    for (const t of this.#transfers.values()) {
      if (without.includes(t.subject)) continue
      if (t.kind === transferKinds.work && isOfJob(t.subject) && t.debit !== operator) sum += t.microCredits
    }
    return sum
  }

  entryOf(task: number, generation: number): number | undefined {
    const verified = this.#verified.get(task)
    const row = verified?.generation === generation ? verified : this.#rejected.get(`${task}/${generation}`)
    return row && row.entry >= 0 ? row.entry : undefined
  }

  logBlockAt(index: number): LogBlock | undefined {
    return this.#blocks.find((block) => index >= block.firstIndex && index < block.firstIndex + block.count)
  }

  logTile(level: number, n: number): Uint8Array | undefined {
    return this.#tiles.get(`${level}/${n}`)
  }

  logSize(): number {
    const last = this.#blocks.at(-1)
    return last ? last.firstIndex + last.count : 0
  }

  meta(key: string): string | undefined {
    return this.#meta.get(key)
  }

  signature(receipt: string): string | undefined {
    return this.#signatures.get(receipt)
  }

  transfersOf(account: number, limit: number): Transfer[] {
    return [...this.#transfers.values()]
      .filter((t) => t.debit === account || t.credit === account)
      .sort((a, b) => b.at - a.at)
      .slice(0, limit)
  }

  recomputeBalances(): Map<number, number> {
    const sums = new Map<number, number>()
    const add = (account: number, amount: number) => sums.set(account, (sums.get(account) ?? 0) + amount)
    for (const t of this.#transfers.values()) {
      add(t.debit, -t.microCredits)
      add(t.credit, t.microCredits)
    }
    return sums
  }

  totals(): Totals {
    let microCredits = 0
    for (const t of this.#transfers.values())
      if (t.kind === transferKinds.work) microCredits += t.microCredits
    return { tasks: this.#verified.size, microCredits }
  }

  forget(before: number): number {
    let touched = 0
    for (const job of this.#jobs.values()) {
      if (job.state === 'open' || (job as JobEnd).endedAt >= before) continue
      if (job.body.byteLength === 0 && job.answer === null) continue
      this.#jobs.set(job.seq, { ...job, body: new Uint8Array(0), answer: null })
      for (const row of this.verifiedOf(job.seq)) this.#verified.set(row.task, { ...row, outputs: null })
      touched++
    }
    return touched
  }

  openNewLog(firstEntry: string | null): void {
    this.#meta.set('log_base', String(Number(this.meta('log_base') ?? 0) + this.logSize()))
    this.#blocks = []
    this.#tiles.clear()
    this.#checkpoint = null
    for (const [task, row] of this.#verified) this.#verified.set(task, { ...row, entry: -1 })
    for (const [id, row] of this.#rejected) this.#rejected.set(id, { ...row, entry: -1 })
    if (firstEntry !== null) this.#meta.set('log_first_entry', firstEntry)
  }

  async backup(): Promise<void> {
    throw new Error('a memory store cannot be backed up')
  }

  close(): void {}
}
