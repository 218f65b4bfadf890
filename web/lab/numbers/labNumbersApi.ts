import type { CheckedKernel, RefusedKernel } from '../../../protocol/kernel/checkKernel.ts'
import type { KernelLimits, KernelProgram } from '../../../protocol/kernel/kernelProgram.ts'
import type { LabWords } from '../labWords.ts'
import type { Fault } from '../planSession.ts'
import type { ProgramDeclarations } from '../readDeclarations.ts'
import type { ExpressionSandbox } from '../sandbox/expressionTask.ts'
import type { LabBuffer, LabCheck, LabSession } from '../session.ts'

/** A kernel of the library, for the list of templates. */
export interface TemplateName {
  kernel: string
  summary: string
  variants: readonly string[]
}

/** A buffer with its shape worked out. */
export type SizedBuffer = Omit<LabBuffer, 'shape'> & { shape: readonly number[] }

export interface NumbersRequest {
  /** Every buffer of the session. */
  buffers: readonly SizedBuffer[]
  numbers: Readonly<Record<string, number>>
  seed: number
}

export interface CheckRequest extends NumbersRequest {
  check: LabCheck
  toleranceUlp: number
}

/** How the first output compares. */
export interface Comparison {
  output: string
  /** Elements compared. */
  count: number
  /** Elements further off than allowed. */
  wrong: number
  /** Distances in units in the last place; for integers the difference. */
  maxUlp: number
  meanUlp: number
  first: { index: number; at: readonly number[]; got: number | bigint; expected: number | bigint } | null
  /** Greatest distance of each cell of a grid laid over the last two dimensions, row by row. */
  heat: { rows: number; columns: number; values: readonly number[]; rowStep: number; columnStep: number }
}

export type CheckAnswer =
  | { kind: 'none' }
  /** `words`: what the library's own check says, null when it is content. */
  | { kind: 'compared'; right: boolean; words: string | null; outputs: readonly Comparison[] }
  | { kind: 'failed'; words: LabWords }

/** The bytes of every buffer that is not zero at first, by name; or why one cannot be filled. */
export type InputsAnswer =
  | { ok: true; inputs: ReadonlyMap<string, Uint8Array<ArrayBuffer>> }
  | { ok: false; faults: readonly Fault[] }

export type GateAnswer = CheckedKernel | RefusedKernel

/** The first that is asked of that worker. */
export interface NumbersStart {
  /** Where the expressions of sessions run. */
  start(sandbox: ExpressionSandbox): Promise<void>
}

/** The worker for what is slow: references, inputs, parsing. It has no network. */
export interface LabNumbersApi {
  templates(): Promise<readonly TemplateName[]>
  /** A kernel of the library as a session. */
  template(kernel: string, variant: string): Promise<LabSession>
  reflect(programs: readonly string[]): Promise<readonly (ProgramDeclarations | null)[]>
  /** What the gate says of every pass under a time budget. */
  gate(jobs: readonly KernelProgram[], budget: KernelLimits): Promise<readonly GateAnswer[]>
  /** A pass as it is sent to others (judgeKernel.ts). */
  asSent(job: KernelProgram): Promise<KernelProgram>
  inputs(request: NumbersRequest): Promise<InputsAnswer>
  /** Compares outputs with what is right. */
  check(request: CheckRequest, outputs: ReadonlyMap<string, Uint8Array>): Promise<CheckAnswer>
  /** What an expression or a file holds right for the first output, as a job carries it; null where it carries none. */
  reference(request: CheckRequest): Promise<Uint8Array | null>
}
