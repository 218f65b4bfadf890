import { type CheckedKernel, checkKernel, type RefusedKernel } from '../../../protocol/kernel/checkKernel.ts'
import type { KernelLimits, KernelProgram } from '../../../protocol/kernel/kernelProgram.ts'
import { reflectProgram } from '../../../protocol/kernel/reflectProgram.ts'
import { tokensOf, withoutComments } from '../../../protocol/kernel/wgslText.ts'
import { elementCount } from '../../../protocol/tensor.ts'

/**
 * What the gate says of a pass of the lab. A job binds what its entry point uses; a session describes every variable of
 * the program: the others are left out here. An empty buffer is judged as the one element that the lab makes of it.
 */
export function judgeKernel(job: KernelProgram, budget: KernelLimits): CheckedKernel | RefusedKernel {
  const used = usedPlaces(job)
  const bindings = job.bindings
    .filter(({ group = 0, binding }) => used === null || used.has(`${group}.${binding}`))
    .map((binding) => (elementCount(binding.shape) === 0 ? { ...binding, shape: [1] } : binding))
  return checkKernel({ ...job, bindings }, budget)
}

/** Bindings that the entry point reaches; null where the program cannot be read, which the gate will say. */
function usedPlaces({ program, entryPoint }: KernelProgram): ReadonlySet<string> | null {
  const plain = withoutComments(program)
  if ('refusal' in plain) return null
  const read = reflectProgram(plain.code, tokensOf(plain.code), entryPoint)
  if (!('program' in read)) return null
  return new Set(read.program.buffers.map(({ group, binding }) => `${group}.${binding}`))
}
