import type { Tensor } from '../protocol/tensor.ts'
import type { KernelDescriptor, KernelVariant } from './kernel.ts'
import { matmulI8HostLayout } from './matmul-i8/hostLayout.ts'
import { offsetWeightsLayout } from './matvec-i8/offsetWeights.ts'
import type { Shape } from './size.ts'

/** The `arrange` passes of a kernel on the CPU, for software adapters, where a pass costs more than the CPU needs. */
interface HostLayout {
  /** From the inputs to the bytes of every buffer that `arrange` passes of any variant write, by name. */
  arrange(inputs: readonly Tensor[], shape: Shape): ReadonlyMap<string, Uint8Array>
}

const layouts: Readonly<Record<string, HostLayout>> = {
  'matmul-i8': { arrange: matmulI8HostLayout },
  'matvec-i8': { arrange: offsetWeightsLayout },
}

/** What the `compute` passes of variants read, by buffer name: inputs as they are given, and what is made of them. */
export function arrangedOnHost(
  kernel: KernelDescriptor,
  variants: readonly KernelVariant[],
  inputs: readonly Tensor[],
  shape: Shape,
): ReadonlyMap<string, Uint8Array> {
  const passes = variants.flatMap((variant) => variant.passes)
  const made = passes.some(({ step }) => step === 'arrange')
    ? layouts[kernel.name]!.arrange(inputs, shape)
    : new Map<string, Uint8Array>()
  const read = new Set(passes.filter(({ step }) => step === 'compute').flatMap(({ reads }) => reads))
  return new Map([...inputsByName(kernel, inputs), ...made].filter(([name]) => read.has(name)))
}

/** The inputs' bytes by the names that the descriptor gives them; their order counts, not how the caller names them. */
export function inputsByName(
  kernel: KernelDescriptor,
  inputs: readonly Tensor[],
): ReadonlyMap<string, Uint8Array> {
  const names = kernel.tensors.filter(({ role }) => role === 'input').map(({ name }) => name)
  return new Map(names.map((name, index) => [name, inputs[index]!.bytes]))
}
