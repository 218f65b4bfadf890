import type { KernelBinding, KernelProgram } from '../protocol/kernel/kernelProgram.ts'
import {
  argumentsOf,
  type KernelDescriptor,
  type KernelVariant,
  passText,
  scopeOf,
  uniformsOf,
  writesOf,
} from './kernel.ts'
import { libraryKernels } from './library.ts'
import { type Shape, sizeOf } from './size.ts'

const words = (
  name: string,
  binding: number,
  type: KernelBinding['type'],
  count = 65_536,
): KernelBinding => ({
  name: `${type} ${name}`,
  binding,
  type,
  datatype: 'UINT32',
  shape: [count],
})

/** A program of the library as someone would send it. */
export interface LibraryProgram extends KernelProgram {
  kernel: string
  variant: KernelVariant
}

/** Every program of every variant of a kernel, for a shape. */
export const programsFor = (kernel: KernelDescriptor, shape: Shape): LibraryProgram[] =>
  kernel.variants.flatMap((variant) =>
    variant.passes.map((pass) => ({
      kernel: kernel.name,
      variant,
      program: passText(kernel, pass),
      entryPoint: pass.entryPoint,
      overrides: Object.fromEntries(
        Object.entries(pass.overrides).map(([name, value]) => [
          name,
          sizeOf(value, scopeOf(variant, shape, pass.constants)),
        ]),
      ),
      bindings: [
        words('task', 0, 'uniform', uniformsOf(kernel).length),
        ...pass.reads.map((name, i) => words(name, i + 1, 'read-only-storage')),
        ...writesOf(pass).map((name, i) => words(name, pass.reads.length + i + 1, 'storage')),
      ],
      dispatch: [4, 4, 1] as const,
    })),
  )

/** Every program of every variant of the library, for shapes of about 64. */
export const libraryPrograms: readonly LibraryProgram[] = libraryKernels.flatMap((kernel) =>
  programsFor(
    kernel,
    Object.fromEntries(
      argumentsOf(kernel).map(({ name, least, multipleOf = 1 }) => [
        name,
        Math.max(least, Math.ceil(64 / multipleOf) * multipleOf),
      ]),
    ),
  ),
)
