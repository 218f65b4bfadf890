import type { Datatype } from '../protocol/tensor.ts'
import { type Shape, type Size, sizeOf } from './size.ts'

/** A number that a task names besides its inputs: a dimension of its tensors, or a parameter of the computation. */
export interface KernelArgument {
  name: string
  /** `u32` and `i32` are integers. */
  type: ScalarType
  /** Smallest and largest value that the kernel takes. */
  least: number
  most: number
  /** Values must be multiples of it; 1 where absent. */
  multipleOf?: number
}

export type ScalarType = 'u32' | 'i32' | 'f32'

/** A tensor that the kernel's caller sees; its shape is row-major, outermost dimension first. */
export interface KernelTensor {
  name: string
  role: 'input' | 'output'
  datatype: Datatype
  shape: readonly Size[]
}

/** Memory between two passes, which no caller sees. Its first content is undefined. */
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
  /** Least values of `GPUDevice.limits` above WebGPU's defaults. */
  limits?: Readonly<Record<string, number>>
}

/**
 * One field of the uniform struct of binding 0. Its value is an expression over the arguments, the variant's tuning
 * and the pass's constants; or where the band starts; or the seed base of an input (zero where inputs are given).
 */
export interface UniformField {
  name: string
  type: ScalarType
  value: Size | { band: 'firstRow' | 'firstColumn' } | { seedOf: number }
}

/**
 * One dispatch of one program. Binding 0 is the uniform struct of the kernel's `uniforms`, then come `reads` in order
 * (read-only storage), then `writes` (read-write storage). A pass fills a grid of `rows` x `columns` cells and may be
 * cut into bands at multiples of `perWorkgroup`, because every program adds firstRow and firstColumn; workgroups of one
 * pass must not wait for each other. Expressions see the arguments, the variant's tuning and the pass's constants.
 */
export interface KernelPass {
  /** `seed` makes the inputs from a seed, `arrange` lays out given inputs, `compute` does the work. */
  step: 'seed' | 'arrange' | 'compute'
  /** Keys of the descriptor's `programs`; the final text is those texts joined in this order. */
  programs: readonly string[]
  entryPoint: string
  reads: readonly string[]
  writes: string | readonly string[]
  /** Values of the program's `override` constants. */
  overrides: Readonly<Record<string, Size>>
  /** Values that only this pass has, for its expressions and uniforms: the digit of a sort, the level of a tree. */
  constants?: Readonly<Record<string, Size>>
  rows: Size
  columns: Size
  /** Cells that one workgroup fills. */
  perWorkgroup: { rows: Size; columns: Size }
  /** Rough operations of one cell, by which bands are cut; canonical cost is the descriptor's `operations`. */
  cellOperations: Size
}

/** A number of a variant that may be chosen for a device: the passes' expressions name it. */
export interface Tunable {
  value: number
  /** What a tuner may try; all are right. */
  values: readonly number[]
}

/** One way to compute the kernel. All variants of a kernel give a result that its check accepts. */
export interface KernelVariant {
  name: string
  /**
   * `registerTile`: no workgroup memory, no barriers. `workgroupTile`: shares through workgroup memory. `subgroup`:
   * shares through subgroup operations.
   */
  family: 'registerTile' | 'workgroupTile' | 'subgroup'
  needs: VariantNeeds
  /**
   * Workgroups that this variant wants, cells past the edges not counted: with fewer of them a GPU idles, and a later
   * variant of the family, with smaller tiles, is faster. Absent: it takes any number.
   */
  leastWorkgroups?: number
  tuning?: Readonly<Record<string, Tunable>>
  scratch: readonly ScratchTensor[]
  passes: readonly KernelPass[]
}

/** A kernel: what it computes, what it costs and the programs that compute it. */
export interface KernelDescriptor {
  v: 1
  name: string
  /** What it computes, in one sentence. */
  summary: string
  /** `exact`: bit-equal on every device. `float`: within a bound derived in its cases. */
  lane: 'exact' | 'float'
  /** Absent: m, k and n, each from 1 up. */
  arguments?: readonly KernelArgument[]
  /** Absent: the struct of task.wgsl. */
  uniforms?: readonly UniformField[]
  tensors: readonly KernelTensor[]
  /** Canonical operations of a task; one multiply-add = 2. */
  operations: Size
  variants: readonly KernelVariant[]
  /** WGSL texts by name. */
  programs: Readonly<Record<string, string>>
}

const dimensionFromOne = (name: string): KernelArgument => ({
  name,
  type: 'u32',
  least: 1,
  most: Number.MAX_SAFE_INTEGER,
})
const matmulArguments = ['m', 'k', 'n'].map(dimensionFromOne)

/** The arguments of a kernel. */
export const argumentsOf = (kernel: KernelDescriptor): readonly KernelArgument[] =>
  kernel.arguments ?? matmulArguments

/** The fields of task.wgsl. */
const matmulUniforms: readonly UniformField[] = [
  { name: 'm', type: 'u32', value: 'm' },
  { name: 'k', type: 'u32', value: 'k' },
  { name: 'n', type: 'u32', value: 'n' },
  { name: 'firstRow', type: 'u32', value: { band: 'firstRow' } },
  { name: 'firstColumn', type: 'u32', value: { band: 'firstColumn' } },
  { name: 'seedA', type: 'u32', value: { seedOf: 0 } },
  { name: 'seedB', type: 'u32', value: { seedOf: 1 } },
  { name: 'unused', type: 'u32', value: 0 },
]

/** The fields of a kernel's uniform struct, in order; four bytes each. */
export const uniformsOf = (kernel: KernelDescriptor): readonly UniformField[] =>
  kernel.uniforms ?? matmulUniforms

/** The tensors that a pass writes. */
export const writesOf = ({ writes }: KernelPass): readonly string[] =>
  typeof writes === 'string' ? [writes] : writes

/** What expressions see: the arguments, the variant's tuning and, in a pass, its constants (which see the others). */
export function scopeOf(
  variant: KernelVariant,
  shape: Shape,
  constants: KernelPass['constants'] = {},
): Shape {
  const tuning = Object.entries(variant.tuning ?? {}).map(([name, { value }]) => [name, value])
  const outside: Shape = { ...shape, ...Object.fromEntries(tuning) }
  const inside = Object.entries(constants).map(([name, size]) => [name, sizeOf(size, outside)])
  return { ...outside, ...Object.fromEntries(inside) }
}

/** The same variant with other values of its tuning. */
export function withTuning(variant: KernelVariant, values: Readonly<Record<string, number>>): KernelVariant {
  const tuning = Object.entries(variant.tuning ?? {}).map(([name, tunable]) => [
    name,
    { ...tunable, value: values[name] ?? tunable.value },
  ])
  return { ...variant, tuning: Object.fromEntries(tuning) }
}

/** The final text of a pass: what the WGSL compiler sees. */
export function passText(kernel: KernelDescriptor, pass: KernelPass): string {
  return pass.programs.map((name) => kernel.programs[name]!).join('\n')
}
