import { type CheckedKernel, checkKernel, type RefusedKernel } from '../../../protocol/kernel/checkKernel.ts'
import {
  type KernelLimits,
  type KernelProgram,
  kernelLimits,
} from '../../../protocol/kernel/kernelProgram.ts'
import { readProgram } from '../../../protocol/kernel/readProgram.ts'
import { reflectProgram } from '../../../protocol/kernel/reflectProgram.ts'
import { elementCount } from '../../../protocol/tensor.ts'
import { passText } from '../../../shaders/kernel.ts'
import { libraryKernels } from '../../../shaders/library.ts'

/** Programs of the library as they are: known to end, so that the time of this device does not bound them. */
let libraryTexts: ReadonlySet<string> | null = null

/**
 * What the gate says of a pass of the lab. A job binds what its entry point uses; a session describes every variable of
 * the program: the others are left out here.
 */
export function judgeKernel(job: KernelProgram, budget: KernelLimits): CheckedKernel | RefusedKernel {
  libraryTexts ??= new Set(
    libraryKernels.flatMap((kernel) =>
      kernel.variants.flatMap(({ passes }) => passes.map((pass) => passText(kernel, pass))),
    ),
  )
  return checkKernel(asSent(job), libraryTexts.has(job.program) ? kernelLimits : budget)
}

/**
 * A pass of the lab as it is sent to others: without the bindings that its entry point does not use, an empty buffer as the
 * one element that the lab makes of it.
 */
export function asSent(job: KernelProgram): KernelProgram {
  const used = usedPlaces(job)
  const bindings = job.bindings
    .filter(({ group = 0, binding }) => used === null || used.has(`${group}.${binding}`))
    .map((binding) => (elementCount(binding.shape) === 0 ? { ...binding, shape: [1] } : binding))
  return { ...job, bindings }
}

/** Bindings that the entry point reaches; null where the program cannot be read, which the gate will say. */
function usedPlaces(job: KernelProgram): ReadonlySet<string> | null {
  const read = readProgram(job)
  if ('refusal' in read) return null
  const reflection = reflectProgram(read.code, read.tokens, job.entryPoint)
  if (!('program' in reflection)) return null
  return new Set(reflection.program.buffers.map(({ group, binding }) => `${group}.${binding}`))
}
