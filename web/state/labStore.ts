import { batch, type ReadonlySignal, signal } from '@preact/signals'
import type { KernelRefusal } from '../../protocol/kernel/kernelProgram.ts'
import { describeSession } from '../lab/describeSession.ts'
import type { LabDevice, LabGpuApi, ProgramMessage, RunTrouble } from '../lab/gpu/labGpuApi.ts'
import type { JobFile } from '../lab/jobFile.ts'
import { boundPlan } from '../lab/kernelJobs.ts'
import { type Said, saidBy } from '../lab/labWords.ts'
import { type LabWorker, WorkerHung, WorkerKilled } from '../lab/labWorker.ts'
import type { CheckAnswer, LabNumbersApi, NumbersRequest } from '../lab/numbers/labNumbersApi.ts'
import { type Fault, type LabPlan, planSession } from '../lab/planSession.ts'
import type { ProgramDeclarations } from '../lab/readDeclarations.ts'
import type { LabSession } from '../lab/session.ts'
import { createOpenedSession, type OpenedSession } from './openedSession.ts'
import { FaultySession, sessionJob } from './sessionJob.ts'
import { createSessionNumbers, faultError } from './sessionNumbers.ts'

/** How long a run may take before its worker is killed, ms: pipelines of a software adapter compile slowly. */
export const RUN_MS = 8_000
/** What each pass adds to it, ms. */
const PASS_MS = 500
/** How long the device may take to open, ms: a browser without WebGPU yet starts its GPU process first. */
const OPEN_MS = 30_000
/** How long it may take after a kernel was ended, ms: nothing stops what a software adapter has begun, and the next run waits for it. */
const BUSY_MS = 120_000
/** Quiet after the last key before a run, ms. */
const QUIET_MS = 100

/** What a run ended in. */
export type LabResult =
  /** The gate refuses it, so nothing ran. */
  | { kind: 'refused' }
  | {
      kind: 'ran'
      outputs: ReadonlyMap<string, Uint8Array<ArrayBuffer>>
      check: CheckAnswer
      /** A loop was ended because its iterations were used up. */
      ended: boolean
      /** From the beginning of the run to the verdict, ms. */
      tookMs: number
    }
  | { kind: 'trouble'; trouble: RunTrouble }
  /** `busy`: the device did not answer at all, after a kernel that was ended before. */
  | { kind: 'hung'; waitedMs: number; busy: boolean }
  /** The run waits until the device has done with a kernel that was ended. */
  | { kind: 'waiting' }
  | { kind: 'lost'; words: string }
  | { kind: 'failed'; said: Said }

/** A refusal of the gate, with its program. */
export type LabRefusal = KernelRefusal & { program: number }

export interface LabEnvironment {
  gpu: LabWorker<LabGpuApi>
  numbers: LabWorker<LabNumbersApi>
  /** ms, steady. */
  nowMs(): number
  /** Calls back later; the function it gives calls that off. */
  later(work: () => void, ms: number): () => void
}

/** The lab as the page sees it. Opening a session, or changing it, runs it, unless it is held. */
export interface LabStore extends Omit<OpenedSession, 'describe' | 'release' | 'wanted'> {
  reflected: ReadonlySignal<readonly (ProgramDeclarations | null)[]>
  messages: ReadonlySignal<readonly ProgramMessage[]>
  faults: ReadonlySignal<readonly Fault[]>
  /** What the gate has against the kernel: it would run nowhere else. */
  refusals: ReadonlySignal<readonly LabRefusal[]>
  /** Runs what the gate refuses, on this device, until the session changes. */
  runRefused(): void
  device: ReadonlySignal<LabDevice | null>
  result: ReadonlySignal<LabResult | null>
  /** Something changed since the result. */
  stale: ReadonlySignal<boolean>
  running: ReadonlySignal<boolean>
  /** Whether a change runs the kernel by itself. */
  auto: ReadonlySignal<boolean>
  setAuto(on: boolean): void
  /** Changes what a sweep tries, which changes no result. */
  setSweep(sweep: LabSession['sweep']): void
  /** Runs now: the person wants it. */
  run(): Promise<void>
  /** Runs now, unless it is held. */
  resume(): void
  /** The plan at a point of a sweep with its inputs. @throws Error, LabError when it cannot be planned */
  planAt(
    session: LabSession,
    point: Readonly<Record<string, number>>,
  ): Promise<{
    plan: LabPlan
    /** The same with loops that end, for the run that proves it right. */
    bound: LabPlan
    inputs: ReadonlyMap<string, Uint8Array>
    request: NumbersRequest
  }>
  /** The session as a job for the fleet, with its inputs. @throws LabError when it has a fault or no output, or is held */
  jobFile(): Promise<JobFile>
  /** Takes note that the GPU worker died of what was asked. */
  note(error: unknown): void
  gpu: LabWorker<LabGpuApi>
  numbers: LabWorker<LabNumbersApi>
}

export function createLabStore({ gpu, numbers, nowMs, later }: LabEnvironment): LabStore {
  const current = createOpenedSession()
  const { session, held, opened, rewritten, before } = current
  const about = createSessionNumbers(numbers)
  const reflected = signal<readonly (ProgramDeclarations | null)[]>([])
  const messages = signal<readonly ProgramMessage[]>([])
  const faults = signal<readonly Fault[]>([])
  const refusals = signal<readonly LabRefusal[]>([])
  /** The turn whose kernel runs though the gate refuses it. */
  let dared = -1
  const device = signal<LabDevice | null>(null)
  const result = signal<LabResult | null>(null)
  const stale = signal(true)
  const running = signal(false)
  const auto = signal(true)
  /** Whether the last worker of the GPU was ended because of a kernel, and none has answered since. */
  let isBusy = false
  /** Whether a hung kernel switched `auto` off, and not the person. */
  let isAutoPaused = false
  let callOff = () => {}
  let turn = 0
  /** A run that was asked for while another one was under way. */
  let again = false

  function changed(): void {
    stale.value = true
    turn++
    callOff()
    if (auto.value && !held.value) callOff = later(() => void go(), QUIET_MS)
  }

  /** Reads what a held session declares, so that its description can be looked at. Reading runs nothing. */
  async function look(at: number): Promise<void> {
    const found = await about.reflect(session.value.programs)
    if (at !== turn) return
    batch(() => {
      reflected.value = found
      current.describe(describeSession(session.value, found))
    })
  }

  /** The device answers when it has measured itself: what it was busy with is over then. */
  async function openDevice(withinMs: number): Promise<void> {
    if (gpu.alive() && device.value) return
    device.value = await gpu.ask((api) => api.open(), withinMs)
    isBusy = false
    gpu
      .ask((api) => api.lost(), 2 ** 31 - 1)
      .then(
        (words) => {
          gpu.kill()
          batch(() => {
            auto.value = false
            device.value = null
            result.value = { kind: 'lost', words }
          })
        },
        () => {},
      )
  }

  function note(error: unknown): void {
    if (error instanceof WorkerHung) {
      const { waitedMs } = error
      batch(() => {
        // What hung must not run again by itself at the next key.
        if (!gpu.alive()) {
          isAutoPaused ||= auto.value
          auto.value = false
          device.value = null
        }
        result.value = { kind: 'hung', waitedMs, busy: isBusy }
        isBusy ||= !gpu.alive()
      })
    } else if (!(error instanceof WorkerKilled)) {
      result.value = { kind: 'failed', said: saidBy(error) }
    }
  }

  async function attempt(at: number): Promise<void> {
    const startMs = nowMs()
    const programs = session.value.programs
    const openMs = isBusy ? BUSY_MS : OPEN_MS
    if (isBusy) result.value = { kind: 'waiting' }
    const [found, , said] = await Promise.all([
      about.reflect(programs),
      openDevice(openMs),
      gpu.ask((api) => api.compile(programs.map(({ text }) => text)), openMs),
    ])
    if (at !== turn) return
    batch(() => {
      messages.value = said
      // Half-typed declarations: the last ones that could be read stand in.
      reflected.value = found.map((program, index) => program ?? reflected.value[index] ?? null)
      current.describe(describeSession(session.value, reflected.value))
    })
    const planned = planSession(session.value, reflected.value)
    faults.value = planned.faults
    if (planned.faults.length > 0 || said.some(({ type }) => type === 'error')) {
      refusals.value = []
      result.value = null
      stale.value = false
      return
    }
    const plan = await gated(planned.plan, at)
    if (at !== turn) return
    if (!plan) {
      result.value = { kind: 'refused' }
      stale.value = false
      return
    }
    const request = about.requestOf(session.value, {})
    const filling = await about.inputs(request)
    if (at !== turn) return
    if (!filling.ok) {
      batch(() => {
        faults.value = filling.faults
        result.value = null
        stale.value = false
      })
      return
    }
    const { inputs } = filling
    const withinMs = RUN_MS + PASS_MS * planned.plan.passes.length
    let answer = await gpu.ask((api) => api.run(plan, inputs), withinMs)
    // The gate's count makes a loop's end depend on more than the program says: a barrier behind it may be refused then.
    if (!answer.ok && answer.trouble === null) {
      answer = await gpu.ask((api) => api.run(planned.plan, inputs), withinMs)
    }
    if (at !== turn) return
    if (!answer.ok) {
      batch(() => {
        messages.value = answer.messages
        result.value = answer.trouble && { kind: 'trouble', trouble: answer.trouble }
        stale.value = false
      })
      return
    }
    const { check, toleranceUlp } = session.value
    const verdict = await about.judge({ ...request, check, toleranceUlp }, answer.outputs)
    if (at !== turn) return
    batch(() => {
      const { outputs, ended } = answer
      result.value = { kind: 'ran', outputs, ended, check: verdict, tookMs: nowMs() - startMs }
      stale.value = false
      // Mended: it runs as the person types again.
      if (isAutoPaused) auto.value = true
      isAutoPaused = false
    })
  }

  /** The plan as the gate lets it run; null where it does not. */
  async function gated(plan: LabPlan, at: number): Promise<LabPlan | null> {
    const answers = await about.gate(session.value, reflected.value, plan, {}, device.value?.budget)
    if (at !== turn) return null
    const seen = new Set<string>()
    const against = answers.flatMap((answer, pass) =>
      answer.ok
        ? []
        : answer.refusals.map((refusal) => ({ ...refusal, program: plan.passes[pass]!.program })),
    )
    // Passes of one program are refused for the same reason.
    refusals.value = against.filter(({ program, line, rule, message }) => {
      const key = JSON.stringify([program, line, rule, message])
      return !seen.has(key) && seen.add(key)
    })
    const checked = answers.filter((answer) => answer.ok)
    if (checked.length === answers.length) return boundPlan(plan, checked)
    return dared === at ? plan : null
  }

  async function run(): Promise<void> {
    current.release()
    await go()
  }

  async function go(): Promise<void> {
    callOff()
    if (running.value) {
      again = true
      return
    }
    running.value = true
    try {
      do {
        again = false
        await attempt(turn)
      } while (again)
    } catch (error) {
      note(error)
    } finally {
      running.value = false
    }
  }

  return {
    session,
    opened,
    rewritten,
    reflected,
    messages,
    faults,
    refusals,
    runRefused() {
      dared = turn
      // It is not refused any more.
      result.value = null
      void run()
    },
    device,
    result,
    stale,
    running,
    auto,
    gpu,
    numbers,
    note,
    run,
    held,
    resume() {
      if (!held.value) void go()
    },
    setAuto(on) {
      isAutoPaused = false
      auto.value = on
      if (on && stale.value) changed()
    },
    before,
    open(next, from) {
      batch(() => {
        current.open(next, from)
        reflected.value = []
        messages.value = []
        faults.value = []
        refusals.value = []
        result.value = null
      })
      changed()
      if (held.value) void look(turn).catch(note)
    },
    change(part) {
      current.change(part)
      changed()
    },
    replaceProgram(text) {
      current.replaceProgram(text)
      changed()
    },
    setSweep(sweep) {
      current.change({ sweep })
    },
    async jobFile() {
      current.wanted()
      try {
        return await sessionJob(session.value, about, numbers)
      } catch (error) {
        if (error instanceof FaultySession)
          batch(() => {
            faults.value = error.faults
            result.value = null
          })
        throw error
      }
    },
    async planAt(at, point) {
      current.wanted()
      const found = await about.reflect(at.programs)
      const { plan, faults } = planSession(at, found, point)
      if (faults.length > 0) throw faultError(faults[0]!)
      const request = about.requestOf(at, point)
      const answers = await about.gate(at, found, plan, point, device.value?.budget)
      const refused = answers.find((answer) => !answer.ok)
      if (refused && dared !== turn) throw new Error(refused.refusals[0]!.message)
      const checked = answers.filter((answer) => answer.ok)
      const bound = refused ? plan : boundPlan(plan, checked)
      return { plan, bound, inputs: await about.madeInputs(request), request }
    },
  }
}
