import type { KernelName, KernelTask } from '../protocol/task.ts'
import type { Datatype } from '../protocol/tensor.ts'

/** A count of elements: a number, a dimension of the task's shape, or an expression over them. */
export type Size =
  | number
  | keyof KernelTask['shape']
  | { ceilDiv: readonly [Size, number] }
  | { times: readonly Size[] }

/** A tensor that the kernel's caller sees; its shape is row-major, outermost dimension first. */
export interface KernelTensor {
  name: string
  role: 'input' | 'output'
  datatype: Datatype
  shape: readonly Size[]
}

/** Memory between two passes, which no caller sees. */
export interface ScratchTensor {
  name: string
  datatype: Datatype
  shape: readonly Size[]
}

/** What a device must have for a variant to run on it. */
export interface VariantNeeds {
  /** Names of `navigator.gpu.wgslLanguageFeatures`. */
  languageFeatures: readonly string[]
  /** Names of `GPUDevice.features`. */
  features: readonly string[]
}

/**
 * One dispatch of one program. Binding 0 is the uniform `Task` of task.wgsl, then come `reads` in order (read-only
 * storage), then `writes` (read-write storage). A pass fills a grid of `rows` x `columns` cells and may be cut into
 * bands at multiples of `perWorkgroup`, because every program adds `task.firstRow` and `task.firstColumn`.
 */
export interface KernelPass {
  /** `seed` makes the inputs from a seed, `arrange` lays out given inputs, `compute` does the work. */
  step: 'seed' | 'arrange' | 'compute'
  /** Keys of the descriptor's `programs`; the final text is those texts joined in this order. */
  programs: readonly string[]
  entryPoint: string
  reads: readonly string[]
  writes: string
  /** Values of the program's `override` constants. */
  overrides: Readonly<Record<string, number>>
  rows: Size
  columns: Size
  /** Cells that one workgroup fills. */
  perWorkgroup: { rows: number; columns: number }
  /** Rough operations of one cell, by which bands are cut; canonical cost is the descriptor's `operations`. */
  cellOperations: Size
}

/** One way to compute the kernel. All variants of a kernel give a result that its check accepts. */
export interface KernelVariant {
  name: string
  /** `registerTile`: no workgroup memory, no barriers. `workgroupTile`: tiles shared through workgroup memory. */
  family: 'registerTile' | 'workgroupTile'
  needs: VariantNeeds
  scratch: readonly ScratchTensor[]
  passes: readonly KernelPass[]
}

/** A kernel: what it computes, what it costs and the programs that compute it. */
export interface KernelDescriptor {
  v: 1
  name: KernelName
  /** What it computes, in one sentence. */
  summary: string
  /** `exact`: bit-equal on every device. `float`: within the accumulated rounding bound. */
  lane: 'exact' | 'float'
  tensors: readonly KernelTensor[]
  /** Canonical operations of a task; one multiply-add = 2. */
  operations: Size
  variants: readonly KernelVariant[]
  /** WGSL texts by name. */
  programs: Readonly<Record<string, string>>
}

/** The value of a size expression for one task's shape. */
export function sizeOf(size: Size, shape: KernelTask['shape']): number {
  if (typeof size === 'number') return size
  if (typeof size === 'string') return shape[size]
  if ('ceilDiv' in size) return Math.ceil(sizeOf(size.ceilDiv[0], shape) / size.ceilDiv[1])
  return size.times.reduce((product: number, factor) => product * sizeOf(factor, shape), 1)
}

/** Canonical operations of a task of this kernel: what it is credited for. */
export function operationsOf(kernel: KernelDescriptor, shape: KernelTask['shape']): number {
  return sizeOf(kernel.operations, shape)
}

/** The final text of a pass: what the WGSL compiler sees. */
export function passText(kernel: KernelDescriptor, pass: KernelPass): string {
  return pass.programs.map((name) => kernel.programs[name]!).join('\n')
}
