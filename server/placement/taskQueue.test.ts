import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Task } from '../jobs/jobRecords.ts'
import { TaskQueue } from './taskQueue.ts'

let ids = 0
const task = (requester: string, requirement = 'kernel:a', operations = 1000): Task =>
  ({
    id: ++ids,
    requirement,
    operations,
    spec: { kind: 'kernel' },
    state: 'queued',
    job: { requester },
  }) as Task

const any = () => true

/** Takes the next one as a relay does: it is leased then. */
function take(
  queue: TaskQueue,
  able: (requirement: string) => boolean = any,
  pleases: (task: Task) => boolean = any,
): Task | undefined {
  const taken = queue.take(able, pleases)
  if (taken) taken.state = 'leased'
  return taken
}

describe('the queue', () => {
  it('is empty at first', () => {
    const queue = new TaskQueue()
    expect([queue.length, queue.lengthOf('kernel:a'), queue.kinds.size]).toEqual([0, 0, 0])
    expect(take(queue)).toBeUndefined()
  })

  it('gives tasks in the order in which they came, lost ones first', () => {
    const queue = new TaskQueue()
    const tasks = [1, 2, 3].map(() => task('x'))
    for (const one of tasks) queue.add(one)
    const first = take(queue)!
    first.state = 'queued'
    queue.add(first, true)
    expect([take(queue), take(queue), take(queue), take(queue)]).toEqual([...tasks, undefined])
  })

  it('passes over what the tab cannot run or must not have, and keeps it', () => {
    const queue = new TaskQueue()
    const [a, b, c] = [task('x', 'kernel:a'), task('x', 'kernel:b'), task('x', 'kernel:b')]
    for (const one of [a, b, c]) queue.add(one)
    expect(
      take(
        queue,
        (requirement) => requirement === 'kernel:b',
        (other) => other !== b,
      ),
    ).toBe(c)
    expect(take(queue, (requirement) => requirement === 'kernel:c')).toBeUndefined()
    expect([queue.length, queue.lengthOf('kernel:b')]).toEqual([2, 1])
    expect([...queue.kinds]).toEqual([['kernel', 2]])
    expect(new Set([take(queue), take(queue)])).toEqual(new Set([a, b]))
  })

  it('lets the requirements of one requester take turns', () => {
    const queue = new TaskQueue()
    for (let i = 0; i < 10; i++) queue.add(task('x', 'kernel:a'))
    for (let i = 0; i < 10; i++) queue.add(task('x', 'kernel:b'))
    const taken = Array.from({ length: 6 }, () => take(queue)!.requirement)
    expect(taken.filter((requirement) => requirement === 'kernel:b')).toHaveLength(3)
  })

  it('[P1] shares operations evenly between requesters who always have work', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom('x', 'y', 'z'), fc.integer({ min: 1, max: 9 })), {
          minLength: 60,
          maxLength: 200,
        }),
        (tasks) => {
          const queue = new TaskQueue()
          const left = new Map<string, number>()
          for (const [requester, size] of tasks) {
            queue.add(task(requester, 'kernel:a', size))
            left.set(requester, (left.get(requester) ?? 0) + 1)
          }
          const had = new Map([...left.keys()].map((requester) => [requester, 0]))
          while ([...left.values()].every((count) => count > 0)) {
            const { job, operations } = take(queue)!
            had.set(job.requester, had.get(job.requester)! + operations)
            left.set(job.requester, left.get(job.requester)! - 1)
            // Nobody is ahead of another by more than the largest tasks of both.
            expect(Math.max(...had.values()) - Math.min(...had.values())).toBeLessThanOrEqual(18)
          }
        },
      ),
    )
  })

  it('counts what waits, whatever is added, taken, lost and cancelled; nothing is lost or given twice', () => {
    const step = fc.tuple(
      fc.constantFrom('add', 'take', 'back', 'cancel'),
      fc.nat(50),
      fc.constantFrom('x', 'y'),
      fc.constantFrom('kernel:a', 'kernel:b'),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const queue = new TaskQueue()
        const waiting = new Set<Task>()
        const taken: Task[] = []
        for (const [what, n, requester, requirement] of steps) {
          if (what === 'add') {
            const one = task(requester, requirement, n + 1)
            waiting.add(one)
            queue.add(one)
          } else if (what === 'take') {
            const one = take(queue, (other) => n % 2 === 0 || other === requirement)
            if (one) {
              expect(waiting.delete(one)).toBe(true)
              taken.push(one)
            } else
              expect([...waiting].some((other) => n % 2 === 0 || other.requirement === requirement)).toBe(
                false,
              )
          } else if (what === 'back' && taken.length > 0) {
            const [one] = taken.splice(n % taken.length, 1)
            one!.state = 'queued'
            waiting.add(one!)
            queue.add(one!, true)
          } else if (what === 'cancel' && waiting.size > 0) {
            const one = [...waiting][n % waiting.size]!
            queue.dropped(one)
            one.state = 'cancelled'
            waiting.delete(one)
          }
          expect(queue.length).toBe(waiting.size)
          for (const lane of ['kernel:a', 'kernel:b'])
            expect(queue.lengthOf(lane)).toBe(
              [...waiting].filter((other) => other.requirement === lane).length,
            )
        }
        while (waiting.size > 0) expect(waiting.delete(take(queue)!)).toBe(true)
        expect(take(queue)).toBeUndefined()
      }),
    )
  })

  it('stays quick when thousands were cancelled', () => {
    const queue = new TaskQueue()
    const tasks = Array.from({ length: 50_000 }, () => task('x'))
    for (const one of tasks) queue.add(one)
    for (const one of tasks.slice(0, 49_999)) {
      queue.dropped(one)
      one.state = 'cancelled'
    }
    expect(take(queue)).toBe(tasks[49_999])
    expect(take(queue)).toBeUndefined()
  })
})
