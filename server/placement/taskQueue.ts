import type { TaskKind } from '../../protocol/task.ts'
import type { Requirement, Task } from '../jobs/jobRecords.ts'

/**
 * First in, first out without moving elements. A place is emptied as soon as its task is taken, and behind the head no
 * more places are over than wait: a lane must not keep the inputs of what is done or cancelled, also where no tab ever
 * comes to take.
 */
class Lane {
  #places: (Task | undefined)[] = []
  #head = 0
  /** Places behind the head whose task was taken out of turn or cancelled. */
  #over = 0

  push(task: Task): void {
    this.#places.push(task)
  }

  /** Back to the front: work that was leased and lost is older than what waits. */
  unshift(task: Task): void {
    if (this.#head > 0) this.#places[--this.#head] = task
    else this.#places.unshift(task)
  }

  /** The first task that still waits and pleases. */
  take(pleases: (task: Task) => boolean): Task | undefined {
    this.#skip()
    for (let i = this.#head; i < this.#places.length; i++) {
      const task = this.#places[i]
      if (task?.state !== 'queued' || !pleases(task)) continue
      this.#places[i] = undefined
      if (i === this.#head) this.#head++
      else this.leave(task)
      return task
    }
    return undefined
  }

  /** A task is taken out of turn or cancelled. */
  leave(task: Task): void {
    this.#over++
    if (this.#over * 2 <= this.#places.length - this.#head) return
    this.#places = this.#places
      .slice(this.#head)
      .filter((other) => other !== task && other?.state === 'queued')
    this.#head = 0
    this.#over = 0
  }

  /** Moves the head to the first task that waits. */
  #skip(): void {
    while (this.#head < this.#places.length && this.#places[this.#head]?.state !== 'queued') {
      this.#places[this.#head++] = undefined
      this.#over--
    }
    if (this.#head < 1024 || this.#head * 2 < this.#places.length) return
    this.#places = this.#places.slice(this.#head)
    this.#head = 0
  }

  get empty(): boolean {
    this.#skip()
    return this.#head >= this.#places.length
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
  readonly #kinds = new Map<TaskKind, number>()

  /** Tasks that wait. */
  get length(): number {
    return this.#length
  }

  lengthOf(requirement: Requirement): number {
    return this.#lengths.get(requirement) ?? 0
  }

  /** How many tasks wait of each kind of which any does. */
  get kinds(): ReadonlyMap<TaskKind, number> {
    return this.#kinds
  }

  #count({ requirement, spec }: Task, change: 1 | -1): void {
    this.#length += change
    const ofKind = (this.#kinds.get(spec.kind) ?? 0) + change
    if (ofKind === 0) this.#kinds.delete(spec.kind)
    else this.#kinds.set(spec.kind, ofKind)
    const length = this.lengthOf(requirement) + change
    // Requirements come and go with tabs: what nothing waits for is not kept.
    if (length === 0) this.#lengths.delete(requirement)
    else this.#lengths.set(requirement, length)
  }

  /**
   * A task that was taken cost other operations than it was taken for (`granted`): its requester's turn comes as if
   * that had been known.
   */
  correct(requesterName: string, granted: number, operations: number): void {
    const requester = this.#requesters.get(requesterName)
    if (requester) requester.virtualTime += operations - granted
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
    this.#count(task, 1)
  }

  /** A queued task is cancelled: nothing of it stays here. */
  dropped(task: Task): void {
    this.#count(task, -1)
    this.#requesters.get(task.job.requester)?.lanes.get(task.requirement)?.leave(task)
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
        this.#count(task, -1)
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
      if (lane.empty) {
        // The tab of a lane for one tab may be gone for good.
        if (requirement.startsWith('pin:')) requester.lanes.delete(requirement)
        continue
      }
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
