import { type KernelLimits, kernelLimits } from '../../protocol/kernel/kernelProgram.ts'
import { kernelJobsOf } from '../lab/kernelJobs.ts'
import { LabError, wordsOf } from '../lab/labWords.ts'
import { type LabWorker, WorkerHung } from '../lab/labWorker.ts'
import type {
  CheckAnswer,
  CheckRequest,
  GateAnswer,
  InputsAnswer,
  LabNumbersApi,
  NumbersRequest,
} from '../lab/numbers/labNumbersApi.ts'
import { type Fault, type LabPlan, shapeOf } from '../lab/planSession.ts'
import type { ProgramDeclarations } from '../lab/readDeclarations.ts'
import type { LabSession } from '../lab/session.ts'
import type { SweepPoint } from '../lab/sweepGrid.ts'

/** How long a reference or an expression may take, ms. */
export const CHECK_MS = 8_000

/** What the worker for numbers has to say about sessions; it is asked once for what stays the same. */
export interface SessionNumbers {
  /** The declarations of programs; null for one that cannot be read. */
  reflect(programs: LabSession['programs']): Promise<(ProgramDeclarations | null)[]>
  /** What it needs to fill the buffers of a session at a point of a sweep. */
  requestOf(session: LabSession, point: SweepPoint): NumbersRequest
  inputs(request: NumbersRequest): Promise<InputsAnswer>
  /** The same. @throws LabError with the first fault */
  madeInputs(request: NumbersRequest): Promise<ReadonlyMap<string, Uint8Array>>
  /** What the gate says of every pass. @param budget a device's; the least that every device keeps where none is known */
  gate(
    session: LabSession,
    found: readonly (ProgramDeclarations | null)[],
    plan: LabPlan,
    point: SweepPoint,
    budget: KernelLimits | undefined,
  ): Promise<readonly GateAnswer[]>
  /** The verdict over outputs; `failed` where the reference takes too long. */
  judge(request: CheckRequest, outputs: ReadonlyMap<string, Uint8Array>): Promise<CheckAnswer>
}

export function createSessionNumbers(numbers: LabWorker<LabNumbersApi>): SessionNumbers {
  const described = new Map<string, ProgramDeclarations | null>()
  let filled: { key: string; answer: InputsAnswer } | null = null

  async function inputs(request: NumbersRequest): Promise<InputsAnswer> {
    const key = JSON.stringify(request)
    if (filled?.key === key) return filled.answer
    const answer = await numbers.ask((api) => api.inputs(request), CHECK_MS)
    filled = { key, answer }
    return answer
  }

  return {
    async reflect(programs) {
      const texts = programs.map(({ text }) => text).filter((text) => !described.has(text))
      if (texts.length > 0) {
        const answers = await numbers.ask((api) => api.reflect(texts), CHECK_MS)
        for (const [at, answer] of answers.entries()) described.set(texts[at]!, answer)
      }
      return programs.map(({ text }) => described.get(text) ?? null)
    },
    requestOf: (session, point) => ({
      buffers: session.buffers.map((buffer) => ({
        ...buffer,
        shape: shapeOf(session, buffer.name, point) ?? [0],
      })),
      numbers: { ...session.numbers, ...point },
      seed: session.seed,
    }),
    inputs,
    async madeInputs(request) {
      const answer = await inputs(request)
      if (answer.ok) return answer.inputs
      throw faultError(answer.faults[0]!)
    },
    gate(session, found, plan, point, budget = kernelLimits) {
      const jobs = kernelJobsOf(session, found, plan, point)
      return numbers.ask((api) => api.gate(jobs, budget), CHECK_MS)
    },
    async judge(request, outputs) {
      try {
        return await numbers.ask((api) => api.check(request, outputs), CHECK_MS)
      } catch (error) {
        if (!(error instanceof WorkerHung)) throw error
        return { kind: 'failed', words: wordsOf('check.slow', { seconds: error.waitedMs / 1000 }) }
      }
    },
  }
}

/** A fault of a field as an error. */
export const faultError = ({ label, words }: Fault): LabError => new LabError({ ...words, field: label })
