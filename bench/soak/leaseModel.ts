/**
 * The plain model of leases and ledger: what the rules of protocol/SPEC.md say, in maps and numbers, without placement,
 * batches or disks. It follows what a tab was given and what it sent, and says what must have become of it.
 */

export interface ModelTask {
  state: 'open' | 'done' | 'dead' | 'dropped'
  lease: { tab: string; generation: number; deadline: number } | null
  failed: number
  vanished: number
  refused: Set<string>
}

export interface ModelJob {
  requester: string
  sync: boolean
  /** Its answer is made from its tasks' outputs after they are verified; else it ends with its last task. */
  flow: boolean
  state: 'open' | 'done' | 'failed' | 'cancelled'
  tasks: ModelTask[]
  spent: number
}

/** Price of every task in the model, micro-credits. */
export const PRICE = 2
const MOST_FAILED = 3
const MOST_VANISHED = 8
const LEASE_MS = 15_000

const allDone = (job: ModelJob): boolean => job.tasks.every(({ state }) => state === 'done')

export class LeaseModel {
  readonly jobs = new Map<number, ModelJob>()
  readonly balances = new Map<string, number>()
  /** Verdicts: each is one entry of the log. */
  entries = 0
  /** Newest generation seen, of any task. */
  newestGeneration = 0
  readonly #dying = new Set<number>()

  submit(
    seq: number,
    requester: string,
    tasks: number,
    { sync, flow }: { sync: boolean; flow: boolean },
  ): void {
    const task = (): ModelTask => ({ state: 'open', lease: null, failed: 0, vanished: 0, refused: new Set() })
    this.jobs.set(seq, {
      requester,
      sync,
      flow,
      state: 'open',
      tasks: Array.from({ length: tasks }, task),
      spent: 0,
    })
  }

  #move(from: string, to: string, amount: number): void {
    this.balances.set(from, (this.balances.get(from) ?? 0) - amount)
    this.balances.set(to, (this.balances.get(to) ?? 0) + amount)
  }

  /** What is held of a requester's money: the price of every task that is not done, of jobs that have not ended. */
  reservedOf(requester: string): number {
    let open = 0
    for (const job of this.jobs.values()) {
      if (job.requester !== requester || job.state !== 'open') continue
      open += job.tasks.filter(({ state }) => state === 'open').length
    }
    return open * PRICE
  }

  /** A tab got a lease. @throws when it must not have been given */
  leased(seq: number, index: number, generation: number, tab: string, address: string, now: number): void {
    const task = this.#task(seq, index)
    if (task?.state !== 'open') throw new Error(`task ${seq}/${index} was leased and is ${task?.state}`)
    if (task.lease)
      throw new Error(`task ${seq}/${index} was leased to ${tab} while ${task.lease.tab} held it`)
    if (generation <= this.newestGeneration) throw new Error(`generation ${generation} is not a new one`)
    if (task.refused.has(address))
      throw new Error(`task ${seq}/${index} went back to ${address}, which was rejected`)
    this.newestGeneration = generation
    task.lease = { tab, generation, deadline: now + LEASE_MS }
  }

  #task(seq: number, index: number): ModelTask | undefined {
    return this.jobs.get(seq)?.tasks[index]
  }

  /** The task if this lease is the current one; it is given up then. */
  #take(seq: number, index: number, generation: number, tab: string): ModelTask | undefined {
    const task = this.#task(seq, index)
    if (task?.state !== 'open' || task.lease?.tab !== tab || task.lease.generation !== generation)
      return undefined
    task.lease = null
    return task
  }

  result(seq: number, index: number, generation: number, tab: string, address: string, right: boolean): void {
    const task = this.#take(seq, index, generation, tab)
    if (!task) return
    this.entries++
    if (!right) {
      task.refused.add(address)
      return this.#spend(seq, task, 'failed')
    }
    const job = this.jobs.get(seq)!
    task.state = 'done'
    job.spent += PRICE
    this.#move(job.requester, address, PRICE)
    if (!job.flow && allDone(job)) job.state = 'done'
  }

  /** An error was reported, the device was lost, or the tab or the lease is gone. */
  lost(
    seq: number,
    index: number,
    generation: number,
    tab: string,
    loss: 'failed' | 'vanished' | 'free',
  ): void {
    const task = this.#take(seq, index, generation, tab)
    if (task && loss !== 'free') this.#spend(seq, task, loss)
  }

  #spend(seq: number, task: ModelTask, loss: 'failed' | 'vanished'): void {
    task[loss]++
    if (task.failed < MOST_FAILED && task.vanished < MOST_VANISHED) return
    task.state = 'dead'
    this.#dying.add(seq)
  }

  /** A heartbeat named this lease. */
  extended(seq: number, index: number, generation: number, tab: string, now: number): void {
    const lease = this.#task(seq, index)?.lease
    if (lease?.tab === tab && lease.generation === generation) lease.deadline = now + LEASE_MS
  }

  /** The deadlines are looked at. */
  expire(now: number): void {
    for (const [seq, { tasks }] of this.jobs) {
      for (const [index, { lease }] of tasks.entries())
        if (lease && now >= lease.deadline) this.lost(seq, index, lease.generation, lease.tab, 'vanished')
    }
  }

  /** The turn's commit: jobs with a dead task end with it, what came in the same turn still counted. */
  endTurn(): void {
    for (const seq of this.#dying) this.#end(seq, 'failed')
    this.#dying.clear()
    for (const job of this.jobs.values()) if (job.state === 'open' && allDone(job)) job.state = 'done'
  }

  cancel(seq: number): void {
    this.#end(seq, 'cancelled')
  }

  #end(seq: number, state: 'failed' | 'cancelled'): void {
    const job = this.jobs.get(seq)
    if (job?.state !== 'open') return
    job.state = state
    for (const task of job.tasks) {
      if (task.state === 'open') task.state = 'dropped'
      task.lease = null
    }
    if (job.spent > 0) this.#move('operator', job.requester, job.spent)
  }

  /** The relay was killed and started again: leases are void, waiting requesters gone, rejections forgotten. */
  restart(): void {
    for (const [seq, job] of this.jobs) {
      if (job.sync) this.cancel(seq)
      for (const task of job.tasks) {
        task.lease = null
        task.refused.clear()
      }
    }
    // Jobs whose task had died when the relay went down fail now.
    this.endTurn()
  }
}
