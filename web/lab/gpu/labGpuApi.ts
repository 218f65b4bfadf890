import type { KernelLimits } from '../../../protocol/kernel/kernelProgram.ts'
import type { LabPlan } from '../planSession.ts'

/** What the lab's GPU worker says of its device. */
export interface LabDevice {
  vendor: string
  architecture: string
  description: string
  isFallbackAdapter: boolean
  features: readonly string[]
  languageFeatures: readonly string[]
  /** Limits of the adapter, all of which the device has. */
  limits: Readonly<Record<string, number>>
  /** What a dispatch may do here, for the gate. */
  budget: KernelLimits
}

/** A message of the WGSL compiler. */
export interface ProgramMessage {
  program: number
  type: 'error' | 'warning' | 'info'
  text: string
  /** Where it points, in UTF-16 units from 1; null where the compiler names no place. */
  place: { line: number; column: number; length: number } | null
}

/** Something failed past the compiler. */
export interface RunTrouble {
  /** What was done when it happened. */
  step: 'device' | 'buffer' | 'pipeline' | 'bindings' | 'dispatch' | 'result'
  /** The pass; null where it is none of them. */
  pass: number | null
  /** Name of the buffer, where it is one. */
  buffer: string | null
  /** The browser's own words. */
  text: string
}

export type RunAnswer =
  | {
      ok: true
      outputs: ReadonlyMap<string, Uint8Array<ArrayBuffer>>
      /** A loop was ended because its iterations were used up: the outputs are not the program's. */
      ended: boolean
      messages: readonly ProgramMessage[]
    }
  | { ok: false; trouble: RunTrouble | null; messages: readonly ProgramMessage[] }

/** Times of one program, ms. */
export interface Timing {
  method: 'timestamps' | 'wall'
  medianMs: number
  /** Median of the distances from the median, ms. */
  madMs: number
  n: number
  /** Runs that each of the n measurements is the mean of. */
  runsEach: number
}

export interface TimeRequest {
  plan: LabPlan
  inputs: ReadonlyMap<string, Uint8Array>
}

/** Times of programs that took turns, in the order given. */
export type TimeAnswer = { ok: true; timings: readonly Timing[] } | { ok: false; trouble: RunTrouble }

/** What the device can do at most, measured. */
export interface Roofline {
  gflops: number
  gigabytesPerSecond: number
  method: Timing['method']
}

/** The GPU worker as the page sees it, over comlink. It has no network. */
export interface LabGpuApi {
  /** Opens the device. @throws OpentabError `no_gpu`, `device_lost` */
  open(): Promise<LabDevice>
  /** Resolves with the browser's words when the device is lost. */
  lost(): Promise<string>
  /** Compiles without running: the messages of every program. */
  compile(programs: readonly string[]): Promise<readonly ProgramMessage[]>
  /** Runs the passes once. */
  run(plan: LabPlan, inputs: ReadonlyMap<string, Uint8Array>): Promise<RunAnswer>
  /** Times plans in alternating blocks. `budgetMs`: about how long all of it may take. */
  time(requests: readonly TimeRequest[], budgetMs: number): Promise<TimeAnswer>
  roofline(): Promise<Roofline>
}
