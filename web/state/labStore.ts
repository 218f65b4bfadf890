import { batch, type ReadonlySignal, signal } from '@preact/signals'
import { type KernelRefusal, kernelLimits } from '../../protocol/kernel/kernelProgram.ts'
import { describeSession } from '../lab/describeSession.ts'
import { evaluateExpression } from '../lab/expression.ts'
import { firstKernel } from '../lab/firstKernel.ts'
import type { LabDevice, LabGpuApi, ProgramMessage, RunTrouble } from '../lab/gpu/labGpuApi.ts'
import { type JobFile, jobFileOf } from '../lab/jobFile.ts'
import { boundPlan, kernelJobsOf } from '../lab/kernelJobs.ts'
import { LabError, type Said, saidBy, wordsOf } from '../lab/labWords.ts'
import { type LabWorker, WorkerHung, WorkerKilled } from '../lab/labWorker.ts'
import type {
  CheckAnswer,
  InputsAnswer,
  LabNumbersApi,
  NumbersRequest,
} from '../lab/numbers/labNumbersApi.ts'
import { type Fault, type LabPlan, planSession, shapeOf } from '../lab/planSession.ts'
import type { ReflectedProgram } from '../lab/reflectProgram.ts'
import type { LabSession } from '../lab/session.ts'

/** How long a run may take before its worker is killed, ms: pipelines of a software adapter compile slowly. */
export const RUN_MS = 8_000
/** What each pass adds to it, ms. */
const PASS_MS = 500
/** How long the device may take to open, ms: a browser without WebGPU yet starts its GPU process first. */
const OPEN_MS = 30_000
/** How long it may take after a kernel was ended, ms: nothing stops what a software adapter has begun, and the next run waits for it. */
const BUSY_MS = 120_000
/** How long a reference or an expression may take, ms. */
const CHECK_MS = 8_000
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

/** The lab as the page sees it. */
export interface LabStore {
  session: ReadonlySignal<LabSession>
  /** Moves when another session is opened: what was measured of the last one is over. */
  opened: ReadonlySignal<number>
  /** Moves when programs were changed outside of the editor, which then takes their text. */
  rewritten: ReadonlySignal<number>
  reflected: ReadonlySignal<readonly (ReflectedProgram | null)[]>
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
  /** Opens another session. `held`: it came by a link or a file, and nothing of it runs before `run`. */
  open(session: LabSession, from?: { held: boolean }): void
  /** Whether what is open waits for the person: nothing of it has run, neither program nor reference. */
  held: ReadonlySignal<boolean>
  /** What was open before, where it had been changed: opening something by mistake loses nothing. */
  before: ReadonlySignal<LabSession | null>
  /** Changes the session that is open. */
  change(part: Partial<LabSession>): void
  /** Changes what a sweep tries, which changes no result. */
  setSweep(sweep: LabSession['sweep']): void
  /** Puts another text into the first program and keeps its description: a file was saved. */
  replaceProgram(text: string): void
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
  const session = signal<LabSession>(firstKernel)
  const opened = signal(0)
  const rewritten = signal(0)
  const before = signal<LabSession | null>(null)
  const held = signal(false)
  /** Whether `before` is held. */
  let heldBefore = false
  /** Whether the session was changed since it was opened. */
  let edited = false
  const reflected = signal<readonly (ReflectedProgram | null)[]>([])
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
  let filled: { key: string; answer: InputsAnswer } | null = null
  const described = new Map<string, ReflectedProgram | null>()

  function changed(): void {
    stale.value = true
    turn++
    callOff()
    if (auto.value && !held.value) callOff = later(() => void go(), QUIET_MS)
  }

  /** Reads what a held session declares, so that its description can be looked at. Reading runs nothing. */
  async function look(at: number): Promise<void> {
    const found = await reflect(session.value.programs)
    if (at !== turn) return
    batch(() => {
      reflected.value = found
      session.value = describeSession(session.value, found)
    })
  }

  /** @throws LabError while it is held */
  function wanted(): void {
    if (held.value) throw new LabError(wordsOf('lab.pressRun'))
  }

  /** The declarations of programs; what was read before a program was broken stays. */
  async function reflect(programs: readonly { text: string }[]): Promise<(ReflectedProgram | null)[]> {
    const texts = programs.map(({ text }) => text).filter((text) => !described.has(text))
    if (texts.length > 0) {
      const answers = await numbers.ask((api) => api.reflect(texts), CHECK_MS)
      for (const [at, answer] of answers.entries()) described.set(texts[at]!, answer)
    }
    return programs.map(({ text }) => described.get(text) ?? null)
  }

  function numbersOf(at: LabSession, point: Readonly<Record<string, number>>): NumbersRequest {
    return {
      buffers: at.buffers.map((buffer) => ({ ...buffer, shape: shapeOf(at, buffer.name, point) ?? [0] })),
      numbers: { ...at.numbers, ...point },
      seed: at.seed,
    }
  }

  async function inputsOf(request: NumbersRequest): Promise<InputsAnswer> {
    const key = JSON.stringify(request)
    if (filled?.key === key) return filled.answer
    const answer = await numbers.ask((api) => api.inputs(request), CHECK_MS)
    filled = { key, answer }
    return answer
  }

  /** @throws LabError with the first fault */
  async function madeInputs(request: NumbersRequest): Promise<ReadonlyMap<string, Uint8Array>> {
    const answer = await inputsOf(request)
    if (answer.ok) return answer.inputs
    throw faultError(answer.faults[0]!)
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
      reflect(programs),
      openDevice(openMs),
      gpu.ask((api) => api.compile(programs.map(({ text }) => text)), openMs),
    ])
    if (at !== turn) return
    batch(() => {
      messages.value = said
      // Half-typed declarations: the last ones that could be read stand in.
      reflected.value = found.map((program, index) => program ?? reflected.value[index] ?? null)
      session.value = describeSession(session.value, reflected.value)
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
    const request = numbersOf(session.value, {})
    const filling = await inputsOf(request)
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
    const verdict = await judge({ ...request, check, toleranceUlp }, answer.outputs)
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
    const jobs = kernelJobsOf(session.value, reflected.value, plan)
    const answers = await numbers.ask((api) => api.gate(jobs, device.value?.budget ?? kernelLimits), CHECK_MS)
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

  async function judge(
    request: Parameters<LabNumbersApi['check']>[0],
    outputs: ReadonlyMap<string, Uint8Array>,
  ): Promise<CheckAnswer> {
    try {
      return await numbers.ask((api) => api.check(request, outputs), CHECK_MS)
    } catch (error) {
      if (!(error instanceof WorkerHung)) throw error
      return { kind: 'failed', words: wordsOf('check.slow', { seconds: error.waitedMs / 1000 }) }
    }
  }

  async function run(): Promise<void> {
    held.value = false
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
    open(next, from = { held: before.value === next && heldBefore }) {
      batch(() => {
        const wasHeld = held.value
        held.value = from.held
        if (edited) {
          before.value = session.value
          heldBefore = wasHeld
        } else if (before.value === next) before.value = null
        edited = false
        session.value = next
        reflected.value = []
        messages.value = []
        faults.value = []
        refusals.value = []
        result.value = null
        opened.value++
        rewritten.value++
      })
      changed()
      if (held.value) void look(turn).catch(note)
    },
    change(part) {
      edited = true
      session.value = { ...session.value, ...part }
      changed()
    },
    replaceProgram(text) {
      const [first, ...others] = session.value.programs
      batch(() => {
        session.value = { ...session.value, programs: [{ ...first!, text }, ...others] }
        rewritten.value++
      })
      changed()
    },
    setSweep(sweep) {
      edited = true
      session.value = { ...session.value, sweep }
    },
    async jobFile() {
      wanted()
      const at = session.value
      const found = await reflect(at.programs)
      const { plan, faults: wrong } = planSession(at, found)
      const filling = await inputsOf(numbersOf(at, {}))
      const all = [...wrong, ...(filling.ok ? [] : filling.faults)]
      const [job] = kernelJobsOf(at, found, plan)
      if (!filling.ok || all.length > 0 || !job) {
        batch(() => {
          faults.value = all
          result.value = null
        })
        throw new LabError(wordsOf('lab.hasFault'))
      }
      if (!plan.buffers.some(({ role }) => role === 'output')) throw new LabError(wordsOf('lab.noOutput'))
      const inputs = new Map<string, Uint8Array>(filling.inputs)
      // Uniforms are inputs of a job, too.
      for (const [index, planned] of plan.passes[0]!.bindings.entries()) {
        if (planned.space === 'uniform') inputs.set(job.bindings[index]!.name, planned.bytes)
      }
      const operations = operationsOf(at)
      const sent = await numbers.ask((api) => api.asSent(job), CHECK_MS)
      const { check, toleranceUlp } = at
      const asked = { ...numbersOf(at, {}), check, toleranceUlp }
      const reference = await numbers.ask((api) => api.reference(asked), CHECK_MS)
      return jobFileOf(at, sent, inputs, operations, reference)
    },
    async planAt(at, point) {
      wanted()
      const found = await reflect(at.programs)
      const planned = planSession(at, found, point)
      const fault = planned.faults[0]
      if (fault) throw faultError(fault)
      const request = numbersOf(at, point)
      const { plan } = planned
      const jobs = kernelJobsOf(at, found, plan, point)
      const answers = await numbers.ask(
        (api) => api.gate(jobs, device.value?.budget ?? kernelLimits),
        CHECK_MS,
      )
      const refused = answers.find((answer) => !answer.ok)
      if (refused && dared !== turn) throw new Error(refused.refusals[0]!.message)
      const checked = answers.filter((answer) => answer.ok)
      const bound = refused ? plan : boundPlan(plan, checked)
      return { plan, bound, inputs: await madeInputs(request), request }
    },
  }
}

const faultError = ({ label, words }: Fault): LabError => new LabError({ ...words, field: label })

/** Operations of a run; 0 where nobody said. @throws LabError when the expression has no value */
function operationsOf({ operations, numbers }: LabSession): number {
  if (operations.trim() === '') return 0
  try {
    return evaluateExpression(operations, numbers)
  } catch (error) {
    if (!(error instanceof LabError)) throw error
    throw new LabError({ ...error.words, field: wordsOf('setup.operations') })
  }
}
