import { describe, expect, it } from 'vitest'
import type { TuningReport } from '../../../protocol/messages.ts'
import type { KernelTask } from '../../../protocol/task.ts'
import type { Shape } from '../../../shaders/size.ts'
import { softmaxSuite } from '../../../shaders/softmax/cases.ts'
import type { Found } from './searchVariants.ts'
import type { Tuner } from './tuner.ts'
import { createTuningDesk } from './tuningDesk.ts'
import type { KernelTuning, TunedChoice } from './tuningStore.ts'

const { kernel } = softmaxSuite
const programs = 'a'.repeat(64)
const taskOf = (shape: Shape) => ({ kernel: kernel.name, shape }) as unknown as KernelTask
const choiceOf = (shapeClass: string): TunedChoice => ({
  kernel: kernel.name,
  shapeClass,
  variant: 'alone',
  tuning: { lanes: 32 },
  ms: 1,
})

/** A desk over a tuner whose searches end when a test says so. */
function setUp() {
  const searches: { shape: Shape; signal: AbortSignal; end(found: Found | null): void }[] = []
  const adopted: TunedChoice[] = []
  const state: { measured: KernelTuning } = { measured: { choices: [], struck: [] } }
  const tuner = {
    tune: (_suite, shape, signal) =>
      new Promise((resolve) => searches.push({ shape, signal: signal!, end: resolve })),
    adopt: (_kernel, choices) => adopted.push(...choices),
    measured: () => state.measured,
    isMeasured: (_kernel, { rows }) => rows === 0,
  } as Partial<Tuner> as Tuner
  let due: (() => void) | null = null
  const desk = createTuningDesk({
    tuner,
    kernels: [{ kernel, programs }],
    suiteOf: async () => softmaxSuite,
    after(_ms, call) {
      due = call
      return () => {
        due = null
      }
    },
  })
  /** A task of that kernel. */
  const run = (task: KernelTask, work: () => Promise<unknown>) => {
    desk.note(task)
    return desk.during(work)
  }
  const settle = () => new Promise((resolve) => setImmediate(resolve))
  return {
    desk,
    run,
    searches,
    adopted,
    state,
    idles: () => due !== null,
    async rest() {
      const call = due
      due = null
      call?.()
      await settle()
    },
    settle,
  }
}

const found: Found = { best: null, tried: [], complete: true }

describe('the tuning desk', () => {
  it('tunes what tasks asked for once the device has rested, one class of shapes once', async () => {
    const { run, searches, rest, idles, settle } = setUp()
    expect(idles()).toBe(false)
    await run(taskOf({ rows: 16, n: 300 }), async () => 1)
    await run(taskOf({ rows: 15, n: 260 }), async () => 1)
    await run(taskOf({ rows: 1, n: 260 }), async () => 1)
    await rest()
    searches[0]!.end(found)
    await settle()
    searches[1]!.end(found)
    await settle()
    expect(searches.map(({ shape }) => shape)).toEqual([
      { rows: 15, n: 260 },
      { rows: 1, n: 260 },
    ])
  })

  it('waits while a task runs, and for one that failed as well', async () => {
    const { run, rest, searches, idles } = setUp()
    const running = Promise.withResolvers<void>()
    const task = run(taskOf({ rows: 1, n: 8 }), () => running.promise)
    await run(taskOf({ rows: 1, n: 8 }), async () => 1)
    expect(idles()).toBe(false)
    running.reject(new Error('failed'))
    await expect(task).rejects.toThrow('failed')
    await rest()
    expect(searches).toHaveLength(1)
  })

  it('waits for tasks of other kinds, and ends for them', async () => {
    const { desk, run, rest, searches, idles } = setUp()
    const other = Promise.withResolvers<void>()
    const task = desk.during(() => other.promise)
    await run(taskOf({ rows: 1, n: 8 }), async () => 1)
    expect(idles()).toBe(false)
    other.resolve()
    await task
    await rest()
    expect(searches).toHaveLength(1)
    await desk.during(async () => 1)
    expect(searches[0]!.signal.aborted).toBe(true)
  })

  it('ends a search when a task comes, and takes it up again later', async () => {
    const { run, rest, searches, settle } = setUp()
    await run(taskOf({ rows: 1, n: 8 }), async () => 1)
    await rest()
    await run(taskOf({ rows: 1, n: 9 }), async () => 1)
    expect(searches[0]!.signal.aborted).toBe(true)
    searches[0]!.end({ ...found, complete: false })
    await settle()
    await rest()
    expect(searches).toHaveLength(2)
    expect(searches[1]!.signal.aborted).toBe(false)
  })

  it('tunes nothing that has no name here or was measured, and nothing after it was disposed of', async () => {
    const { desk, run, idles, rest, searches } = setUp()
    await run({ ...taskOf({ m: 1 }), kernel: 'matmul-i8' }, async () => 1)
    expect(idles()).toBe(false)
    await run(taskOf({ rows: 0, n: 8 }), async () => 1)
    expect(idles(), 'for what was measured').toBe(false)
    await run(taskOf({ rows: 1, n: 8 }), async () => 1)
    await rest()
    desk.dispose()
    expect(searches[0]!.signal.aborted).toBe(true)
    await run(taskOf({ rows: 1, n: 8 }), async () => 1)
    expect(idles()).toBe(false)
  })

  it('tells what was measured: at once what is known, then each time there is more', async () => {
    const { desk, run, rest, searches, settle, state } = setUp()
    const reports: TuningReport[] = []
    desk.hear((report) => reports.push(report))
    expect(reports).toEqual([])
    await run(taskOf({ rows: 1, n: 8 }), async () => 1)
    await rest()
    const struck = [{ kernel: kernel.name, variant: 'x', reason: 'r'.repeat(1000) }]
    state.measured = { choices: [choiceOf('n=8 rows=1')], struck }
    searches[0]!.end(found)
    await settle()
    const told = {
      choices: [{ ...choiceOf('n=8 rows=1'), programs }],
      struck: [{ ...struck[0]!, reason: 'r'.repeat(300) }],
    }
    expect(reports).toEqual([told])
    desk.hear((report) => reports.push(report))
    expect(reports).toEqual([told, told])
    desk.tell()
    expect(reports).toEqual([told, told, told])
  })

  it('takes over choices for the programs that it has, and no others', () => {
    const { desk, adopted } = setUp()
    desk.adopt([
      { ...choiceOf('n=8 rows=1'), programs },
      { ...choiceOf('n=16 rows=1'), programs: 'b'.repeat(64) },
      { ...choiceOf('n=8 rows=1'), programs, kernel: 'unheard of' },
    ])
    expect(adopted).toEqual([choiceOf('n=8 rows=1')])
  })
})
