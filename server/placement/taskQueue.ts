import type { Requirement, Task } from '../jobs/jobRecords.ts'

/** First in, first out without moving elements: a task that leaves the middle is skipped when its turn comes. */
class Lane {
  #tasks: Task[] = []
  #head = 0

  push(task: Task): void {
    this.#tasks.push(task)
  }

  /** Back to the front: work that was leased and lost is older than what waits. */
  unshift(task: Task): void {
    if (this.#head > 0) this.#tasks[--this.#head] = task
    else this.#tasks.unshift(task)
  }

  /** The first task that still waits and pleases; what no longer waits is dropped on the way. */
  take(pleases: (task: Task) => boolean): Task | undefined {
    while (this.#head < this.#tasks.length && this.#tasks[this.#head]!.state !== 'queued') this.#head++
    this.#compact()
    for (let i = this.#head; i < this.#tasks.length; i++) {
      const task = this.#tasks[i]!
      if (task.state !== 'queued' || !pleases(task)) continue
      if (i === this.#head) this.#head++
      else this.#tasks.splice(i, 1)
      return task
    }
    return undefined
  }

  #compact(): void {
    if (this.#head < 1024 || this.#head * 2 < this.#tasks.length) return
    this.#tasks = this.#tasks.slice(this.#head)
    this.#head = 0
  }

  get empty(): boolean {
    while (this.#head < this.#tasks.length && this.#tasks[this.#head]!.state !== 'queued') this.#head++
    return this.#head >= this.#tasks.length
  }
}

interface Requester {
  name: string
  lanes: Map<Requirement, Lane>
  /** Operations granted so far, on the common scale of start-time fair queueing: who has had least is next. */
  virtualTime: number
}

/**
 * The tasks that wait, fair between requesters: the requester who has been granted the fewest operations is served
 * first; one that comes new starts at the present, so that nobody saves up turns by staying away.
 */
export class TaskQueue {
  readonly #requesters = new Map<string, Requester>()
  #now = 0
  #length = 0
  readonly #lengths = new Map<Requirement, number>()

  /** Tasks that wait. */
  get length(): number {
    return this.#length
  }

  lengthOf(requirement: Requirement): number {
    return this.#lengths.get(requirement) ?? 0
  }

  /** Requirements for which something waits. */
  *requirements(): Iterable<Requirement> {
    for (const [requirement, length] of this.#lengths) if (length > 0) yield requirement
  }

  #count(requirement: Requirement, change: 1 | -1): void {
    this.#length += change
    this.#lengths.set(requirement, this.lengthOf(requirement) + change)
  }

  /** @param front for a task that was leased before and lost. */
  add(task: Task, front = false): void {
    const name = task.job.requester
    let requester = this.#requesters.get(name)
    if (!requester) {
      requester = { name, lanes: new Map(), virtualTime: this.#now }
      this.#requesters.set(name, requester)
    }
    let lane = requester.lanes.get(task.requirement)
    if (!lane) {
      lane = new Lane()
      requester.lanes.set(task.requirement, lane)
    }
    if (front) lane.unshift(task)
    else lane.push(task)
    this.#count(task.requirement, 1)
  }

  /** A queued task was cancelled: its place is skipped later, the counts change now. */
  dropped(task: Task): void {
    this.#count(task.requirement, -1)
  }

  /**
   * Takes the next task that the tab can run, or undefined.
   * @param able requirements that the tab fulfils
   * @param pleases false for tasks that this tab must not have
   */
  take(able: (requirement: Requirement) => boolean, pleases: (task: Task) => boolean): Task | undefined {
    if (this.#length === 0) return undefined
    let passed: Set<Requester> | null = null
    for (;;) {
      let next: Requester | undefined
      for (const requester of this.#requesters.values()) {
        if (passed?.has(requester)) continue
        if (!next || requester.virtualTime < next.virtualTime) next = requester
      }
      if (!next) return undefined
      const task = this.#takeFrom(next, able, pleases)
      if (task) {
        this.#now = Math.max(this.#now, next.virtualTime)
        next.virtualTime = this.#now + task.operations
        this.#count(task.requirement, -1)
        return task
      }
      passed ??= new Set()
      passed.add(next)
    }
  }

  #takeFrom(
    requester: Requester,
    able: (requirement: Requirement) => boolean,
    pleases: (task: Task) => boolean,
  ): Task | undefined {
    let everyLaneEmpty = true
    for (const [requirement, lane] of requester.lanes) {
      if (lane.empty) continue
      everyLaneEmpty = false
      if (!able(requirement)) continue
      const task = lane.take(pleases)
      if (!task) continue
      // Lanes take turns: the one that was served goes to the back.
      if (requester.lanes.size > 1) {
        requester.lanes.delete(requirement)
        requester.lanes.set(requirement, lane)
      }
      return task
    }
    if (everyLaneEmpty) this.#requesters.delete(requester.name)
    return undefined
  }
}
