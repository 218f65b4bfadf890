import { bandFields, field } from '../elementwise.ts'
import type { KernelArgument, UniformField } from '../kernel.ts'
import normTask from './normTask.wgsl?raw'

/** The arguments of a norm of rows: as many rows of as many elements, and what is added to a mean of squares. */
export const normArguments: readonly KernelArgument[] = [
  { name: 'rows', type: 'u32', least: 0, most: 2 ** 24 },
  { name: 'n', type: 'u32', least: 1, most: 2 ** 20 },
  // Above zero, so that a row of zeros has a norm.
  { name: 'epsilon', type: 'f32', least: 1e-12, most: 1 },
]

/** The fields of normTask.wgsl. */
export const normUniforms: readonly UniformField[] = [
  ...['rows', 'n'].map(field),
  { name: 'epsilon', type: 'f32', value: 'epsilon' },
  ...bandFields,
]

/** The struct of uniforms, for a descriptor's `programs`. */
export const normPrograms = { normTask }

/** A norm of rows. */
export type NormShape = { rows: number; n: number; epsilon: number }
