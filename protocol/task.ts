import type { Tensor } from './tensor.ts'

/** Kernels that can be asked for by name, with the code they have on the wire. */
export const kernelCodes = { 'matmul-i8': 1, 'matmul-f32': 2 } as const
export type KernelName = keyof typeof kernelCodes
export const isKernelName = (name: string): name is KernelName => Object.hasOwn(kernelCodes, name)

/** Task kinds with their code on the wire. */
export const taskKindCodes = { infer: 1, kernel: 2, generate: 3, stage: 4, custom: 5 } as const
export type TaskKind = keyof typeof taskKindCodes

/** One run of one graph of a model on given tensors. */
export interface InferTask {
  kind: 'infer'
  /** SHA-256 of the model's manifest. */
  model: string
  /** Index into the manifest's `graphs`. */
  graph: number
  inputs: readonly Tensor[]
}

/** A kernel of the library: `a`[m,k] times `b`[k,n] gives `c`[m,n]. */
export interface KernelTask {
  kind: 'kernel'
  kernel: KernelName
  /** SHA-256 of the kernel's descriptor and programs: the receipt's subject. */
  subject: string
  shape: { m: number; k: number; n: number }
  /** u32 from which both inputs are made (protocol/seededInputs.ts), or null when `inputs` holds them. */
  seed: number | null
  inputs: readonly Tensor[]
}

/** One whole answer of a language model: the tab runs the token loop and streams the ids (protocol/generation.ts). */
export interface GenerateTask {
  kind: 'generate'
  /** SHA-256 of the model's manifest. */
  model: string
  /**
   * Whose answer it is, a number that the relay makes; u32, 0 where it is left out. Keys and values of a prompt's beginning
   * are used again only within one scope: else the time of a first token would tell what others asked.
   */
  scope?: number
  inputs: readonly Tensor[]
}

/**
 * Some rows of one sequence through a run of a language model's stages (protocol/generation.ts). The tab keeps the
 * rows' keys and values under `session`; a tab whose cache of that session holds fewer than `position` rows refuses with
 * `cache_missing`, one that holds more cuts it back to `position` first (a step whose result was lost is asked for again),
 * and `position` 0 begins the session anew.
 */
export interface StageTask {
  kind: 'stage'
  /** SHA-256 of the model's manifest. */
  model: string
  /** First and last stage of the run, indices into the manifest's `language.stages`. */
  first: number
  last: number
  /** The sequence, a number that the relay makes; u32. */
  session: number
  /** Rows of the sequence that come before these. */
  position: number
  inputs: readonly Tensor[]
}

/**
 * A program that a requester wrote, for tabs whose contributor lets such run. `inputs` begins with `kernel`, the program
 * and how it is run (protocol/kernel/customTask.ts); the tensors that its buffers start with follow.
 */
export interface CustomTask {
  kind: 'custom'
  /** SHA-256 of the program's text. */
  subject: string
  inputs: readonly Tensor[]
  /** At the relay only: id of the tab that it is for, and the canonical operations that its requester states. */
  tab?: string
  operations?: number
}

/** What a tab is asked to run. The tab cannot tell a check of another tab's work from the work itself. */
export type TaskSpec = InferTask | KernelTask | GenerateTask | StageTask | CustomTask

/** The right to run one task until a deadline. */
export interface Lease {
  /** Task id, an integer below 2^53. */
  task: number
  /** Fencing token: a result with another generation has no effect. u32. */
  generation: number
  /** Time left when the frame was sent, ms. A heartbeat that names the task extends it. */
  leaseMs: number
  spec: TaskSpec
}

/** What a tab sends back. */
export interface TaskResult {
  task: number
  generation: number
  /** Time the tab says it computed, microseconds. Shown to people; never used for credit or trust. */
  computeMicros: number
  outputs: Tensor[]
}
