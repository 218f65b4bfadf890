import type { KernelName, KernelTask } from '../protocol/task.ts'
import type { Tensor } from '../protocol/tensor.ts'
import { matmulI8HostLayout } from './matmul-i8/hostLayout.ts'

/**
 * The kernel's `arrange` passes on the CPU: from its inputs to the bytes of every buffer that its `compute` passes
 * read, by name. For software adapters, where a pass costs more than the CPU needs.
 */
export type HostLayout = (
  inputs: readonly Tensor[],
  shape: KernelTask['shape'],
) => ReadonlyMap<string, Uint8Array>

const asTheyAre: HostLayout = (inputs) => new Map(inputs.map(({ name, bytes }) => [name, bytes]))

export const hostLayouts: Readonly<Record<KernelName, HostLayout>> = {
  'matmul-i8': matmulI8HostLayout,
  'matmul-f32': asTheyAre,
}
