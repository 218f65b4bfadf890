import { expect, it } from 'vitest'
import { OpentabError } from '../../protocol/errors.ts'
import type { TaskSpec } from '../../protocol/task.ts'
import type { Tensor } from '../../protocol/tensor.ts'
import { createTaskLine, notWanted, stopped } from './taskLine.ts'

const kernel = (seed: number): TaskSpec => ({
  kind: 'kernel',
  kernel: 'matmul-i8',
  subject: '0'.repeat(64),
  shape: { m: 1, k: 1, n: 1 },
  seed,
  inputs: [],
})
const infer = (graph: number): TaskSpec => ({ kind: 'infer', model: 'f'.repeat(64), graph, inputs: [] })

const answer = (model: string): TaskSpec => ({ kind: 'generate', model: model.repeat(64), inputs: [] })

/** A line over a runner whose tasks end when the test says so, and over a clock that the test sets. */
function setUp() {
  const started: { spec: TaskSpec; signal: AbortSignal; end(): void; fail(error: unknown): void }[] = []
  const time = { nowMs: 0 }
  const line = createTaskLine(
    (spec, _run, signal) =>
      new Promise<Tensor[]>((resolve, reject) => {
        started.push({ spec, signal, end: () => resolve([]), fail: reject })
      }),
    () => time.nowMs,
  )
  const settle = () => new Promise<void>((done) => setImmediate(done))
  return { line, started, time, settle }
}

it('starts a graph only when the one before it has ended', async () => {
  const { line, started, settle } = setUp()
  void line.run(infer(0), 1)
  void line.run(infer(1), 1)
  expect(started.map(({ spec }) => spec)).toEqual([infer(0)])
  started[0]?.end()
  await settle()
  expect(started.map(({ spec }) => spec)).toEqual([infer(0), infer(1)])
})

it('starts the next kernel while one runs, but not the one after', async () => {
  const { line, started, settle } = setUp()
  for (const seed of [1, 2, 3]) void line.run(kernel(seed), 1)
  expect(started.map(({ spec }) => spec)).toEqual([kernel(1), kernel(2)])
  started[0]?.end()
  await settle()
  expect(started.length).toBe(3)
})

it('runs a requester’s kernel apart from what stands before and behind it: its time is measured', async () => {
  const { line, started, settle } = setUp()
  const custom: TaskSpec = { kind: 'custom', subject: '0'.repeat(64), inputs: [] }
  const specs = [kernel(1), custom, custom, kernel(2)]
  for (const spec of specs) void line.run(spec, 1)
  for (const index of specs.keys()) {
    expect(started.map(({ spec }) => spec)).toEqual(specs.slice(0, index + 1))
    started[index]?.end()
    await settle()
  }
})

it('keeps the order between kernels and graphs', async () => {
  const { line, started, settle } = setUp()
  for (const spec of [kernel(1), infer(0), kernel(2)]) void line.run(spec, 1)
  expect(started.length).toBe(1)
  started[0]?.end()
  await settle()
  expect(started.length).toBe(2)
  started[1]?.end()
  await settle()
  expect(started.map(({ spec }) => spec)).toEqual([kernel(1), infer(0), kernel(2)])
})

it('does not count the time in which a kernel waited for the one before it', async () => {
  const { line, started, time, settle } = setUp()
  const [first, second] = [line.run(kernel(1), 1), line.run(kernel(2), 1)]
  time.nowMs = 100
  started[0]?.end()
  await settle()
  time.nowMs = 130
  started[1]?.end()
  expect((await first).computeMicros).toBe(100_000)
  expect((await second).computeMicros).toBe(30_000)
})

it('goes on after a task that failed', async () => {
  const { line, started, settle } = setUp()
  const bad = line.run(infer(0), 1).catch((error: unknown) => error)
  const good = line.run(infer(1), 1)
  started[0]?.fail(new OpentabError('model_failed', 'no'))
  await settle()
  started[1]?.end()
  expect(await bad).toMatchObject({ code: 'model_failed' })
  expect((await good).outputs).toEqual([])
})

it('clear rejects what runs and what waits, fires the signal, and starts nothing that waited', async () => {
  const { line, started, settle } = setUp()
  const both = Promise.allSettled([line.run(infer(0), 1), line.run(infer(1), 1)])
  line.clear(stopped())
  expect((await both).map((each) => each.status === 'rejected' && each.reason.code)).toEqual([
    'cancelled',
    'cancelled',
  ])
  expect(started[0]?.signal.aborted).toBe(true)
  started[0]?.end()
  await settle()
  expect(started.length).toBe(1)
  const later = line.run(infer(2), 1)
  expect(started[1]?.signal.aborted).toBe(false)
  started[1]?.end()
  expect((await later).outputs).toEqual([])
})

it('lets answers go on beside the line, and ends the one that is named', async () => {
  const { line, started } = setUp()
  void line.run(infer(0), 1)
  const first = line.run(answer('a'), 2).catch((error: OpentabError) => error.code)
  const second = line.run(answer('b'), 3)
  expect(started.map(({ spec }) => spec)).toEqual([infer(0), answer('a'), answer('b')])
  line.end(1, notWanted())
  line.end(2, notWanted())
  expect(await first).toBe('cancelled')
  expect(started.map(({ signal }) => signal.aborted)).toEqual([false, true, false])
  started[2]?.end()
  expect((await second).outputs).toEqual([])
})
