import type { Tensor } from '../protocol/tensor.ts'
import type { KernelDescriptor } from './kernel.ts'
import { matmulI8HostLayout } from './matmul-i8/hostLayout.ts'
import type { Shape } from './size.ts'

/** The `arrange` passes of a kernel on the CPU, for software adapters, where a pass costs more than the CPU needs. */
interface HostLayout {
  /** From the inputs to the bytes of every buffer that the `compute` passes read, by name. */
  arrange(inputs: readonly Tensor[], shape: Shape): ReadonlyMap<string, Uint8Array>
}

const layouts: Readonly<Record<string, HostLayout>> = {
  'matmul-i8': { arrange: matmulI8HostLayout },
}

/** What a kernel's `compute` passes read, by buffer name; a kernel without `arrange` passes reads its inputs. */
export function arrangedOnHost(
  kernel: KernelDescriptor,
  inputs: readonly Tensor[],
  shape: Shape,
): ReadonlyMap<string, Uint8Array> {
  const layout = layouts[kernel.name]
  return layout ? layout.arrange(inputs, shape) : inputsByName(kernel, inputs)
}

/** The inputs' bytes by the names that the descriptor gives them; their order counts, not how the caller names them. */
export function inputsByName(
  kernel: KernelDescriptor,
  inputs: readonly Tensor[],
): ReadonlyMap<string, Uint8Array> {
  const names = kernel.tensors.filter(({ role }) => role === 'input').map(({ name }) => name)
  return new Map(names.map((name, index) => [name, inputs[index]!.bytes]))
}
