import { batch, effect, type ReadonlySignal, signal } from '@preact/signals'
import { evaluateExpression } from '../lab/expression.ts'
import type { Roofline, Timing } from '../lab/gpu/labGpuApi.ts'
import { LabError, type Said, saidBy, wordsOf } from '../lab/labWords.ts'
import type { LabPlan } from '../lab/planSession.ts'
import type { LabSession } from '../lab/session.ts'
import { gridOf, type SweepPoint } from '../lab/sweepGrid.ts'
import type { LabStore } from './labStore.ts'

/** How long measurements may take, ms. */
const BUDGET_MS = { alone: 800, pair: 1500, point: 300 }
/** After this the worker is taken for hung, ms. */
const DEADLINE_MS = 30_000

/** Speed of one version. */
export interface Measured {
  session: LabSession
  timing: Timing
  /** Operations of a run; null where nobody said. */
  operations: number | null
  /** Bytes of the buffers that are bound, each once. */
  bytes: number
  /** Whether the version was right when it was measured; null where nothing was compared. */
  right: boolean | null
}

/** Two versions that took turns. */
export interface Pair {
  a: Measured
  b: Measured
}

/** One point of a sweep. */
export interface SweepRow {
  point: SweepPoint
  /** Null where it was not timed. */
  timing: Timing | null
  right: boolean | null
  /** Why it was not timed. */
  trouble: Said | null
}

export interface Sweep {
  /** Names that vary, in the order of the columns. */
  names: readonly string[]
  total: number
  rows: readonly SweepRow[]
  done: boolean
  /** What was swept. */
  session: LabSession
}

/** Measurements of the lab. Nothing that is wrong is timed. */
export interface LabMeasure {
  busy: ReadonlySignal<'time' | 'pair' | 'sweep' | null>
  /** Why there are no times. */
  trouble: ReadonlySignal<Said | null>
  measured: ReadonlySignal<Measured | null>
  roofline: ReadonlySignal<Roofline | null>
  /** The version that others are compared with. */
  kept: ReadonlySignal<LabSession | null>
  pair: ReadonlySignal<Pair | null>
  sweep: ReadonlySignal<Sweep | null>
  time(): Promise<void>
  /** Keeps the session as A, unless it is held. */
  keep(): void
  /** Times A and the session in turns. */
  compare(): Promise<void>
  /** Checks and times every point of the session's grid. */
  runSweep(): Promise<void>
  stop(): void
}

export function createLabMeasure(lab: LabStore): LabMeasure {
  const busy = signal<'time' | 'pair' | 'sweep' | null>(null)
  const trouble = signal<Said | null>(null)
  const measured = signal<Measured | null>(null)
  const roofline = signal<Roofline | null>(null)
  const kept = signal<LabSession | null>(null)
  const pair = signal<Pair | null>(null)
  const sweep = signal<Sweep | null>(null)
  let stopped = false
  // Times of one kernel must not stand under another.
  effect(() => {
    lab.opened.value
    batch(() => {
      measured.value = null
      pair.value = null
      sweep.value = null
      trouble.value = null
    })
  })

  async function work(kind: NonNullable<typeof busy.value>, what: () => Promise<void>): Promise<void> {
    if (busy.value !== null) return
    if (lab.held.value) {
      trouble.value = wordsOf('lab.pressRun')
      return
    }
    busy.value = kind
    trouble.value = null
    stopped = false
    try {
      await what()
    } catch (error) {
      trouble.value = saidBy(error)
      if (!lab.gpu.alive()) lab.note(error)
    } finally {
      busy.value = null
    }
  }

  /** Plans, runs and checks a version. @throws Error when it does not run, LabError when its reference gives nothing */
  async function proved(session: LabSession, point: SweepPoint = {}) {
    const { plan, bound, inputs, request } = await lab.planAt(session, point)
    let answer = await lab.gpu.ask((api) => api.run(bound, inputs), DEADLINE_MS)
    // As in labStore: the gate's count may make a barrier unwelcome.
    if (!answer.ok && answer.trouble === null) {
      answer = await lab.gpu.ask((api) => api.run(plan, inputs), DEADLINE_MS)
    }
    if (!answer.ok) {
      const broken = answer.messages.find(({ type }) => type === 'error')
      throw new Error(answer.trouble?.text ?? broken?.text ?? '')
    }
    // What does not end by itself must not be timed without the gate's count in its loops.
    if (answer.ended) throw new EndlessLoop()
    const { check, toleranceUlp } = session
    const verdict = await lab.numbers.ask(
      (api) => api.check({ ...request, check, toleranceUlp }, answer.outputs),
      DEADLINE_MS,
    )
    if (verdict.kind === 'failed') throw new LabError(verdict.words)
    return { plan, inputs, right: verdict.kind === 'compared' ? verdict.right : null }
  }

  async function timed(
    requests: { plan: LabPlan; inputs: ReadonlyMap<string, Uint8Array> }[],
    budgetMs: number,
  ) {
    const answer = await lab.gpu.ask((api) => api.time(requests, budgetMs), DEADLINE_MS)
    if (!answer.ok) throw new Error(answer.trouble.text)
    return answer.timings
  }

  const describe = (session: LabSession, plan: LabPlan, timing: Timing, right: boolean | null): Measured => ({
    session,
    timing,
    right,
    operations: operationsOf(session),
    bytes: plan.buffers.reduce((sum, { bytes }) => sum + bytes, 0),
  })

  return {
    busy,
    trouble,
    measured,
    roofline,
    kept,
    pair,
    sweep,
    time: () =>
      work('time', async () => {
        const session = lab.session.value
        const at = lab.opened.value
        const { plan, inputs, right } = await proved(session)
        if (right === false) {
          measured.value = null
          throw new WrongAnswer()
        }
        const [timing] = await timed([{ plan, inputs }], BUDGET_MS.alone)
        if (lab.opened.value === at) measured.value = describe(session, plan, timing!, right)
        roofline.value ??= await lab.gpu.ask((api) => api.roofline(), DEADLINE_MS)
      }),
    keep() {
      if (lab.held.value) {
        trouble.value = wordsOf('lab.pressRun')
        return
      }
      kept.value = lab.session.value
      pair.value = null
    },
    compare: () =>
      work('pair', async () => {
        const before = kept.value
        if (!before) return
        const after = lab.session.value
        const at = lab.opened.value
        const a = await proved(before)
        const b = await proved(after)
        if (a.right === false || b.right === false)
          throw new LabError(wordsOf('speed.wrongOf', { version: a.right === false ? 'a' : 'now' }))
        const [first, second] = await timed([a, b], BUDGET_MS.pair)
        if (lab.opened.value !== at) return
        pair.value = {
          a: describe(before, a.plan, first!, a.right),
          b: describe(after, b.plan, second!, b.right),
        }
      }),
    runSweep: () =>
      work('sweep', async () => {
        const session = lab.session.value
        const { names, points } = gridOf(session.sweep)
        const at = lab.opened.value
        const rows: SweepRow[] = []
        const show = (done: boolean) => {
          if (lab.opened.value === at)
            sweep.value = { names, total: points.length, rows: [...rows], done, session }
        }
        show(false)
        for (const point of points) {
          if (stopped || lab.opened.value !== at) break
          try {
            const { plan, inputs, right } = await proved(session, point)
            const [timing] = right === false ? [] : await timed([{ plan, inputs }], BUDGET_MS.point)
            rows.push({ point, timing: timing ?? null, right, trouble: null })
          } catch (error) {
            if (!lab.gpu.alive()) throw error
            rows.push({ point, timing: null, right: null, trouble: saidBy(error) })
          }
          show(false)
        }
        show(true)
      }),
    stop() {
      stopped = true
    },
  }
}

/** What was asked to be timed gives a wrong result. */
class WrongAnswer extends LabError {
  constructor() {
    super(wordsOf('speed.wrong'))
  }
}

/** A loop of what was asked to be timed does not end in time. */
class EndlessLoop extends LabError {
  constructor() {
    super(wordsOf('speed.endless'))
  }
}

function operationsOf(session: LabSession): number | null {
  if (session.operations.trim() === '') return null
  try {
    return evaluateExpression(session.operations, session.numbers)
  } catch {
    return null
  }
}
