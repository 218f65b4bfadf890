import type { KernelTask } from '../../protocol/task.ts'
import type { Tensor } from '../../protocol/tensor.ts'
import type { KernelDescriptor } from '../../shaders/kernel.ts'
import { kernelLibrary } from '../../shaders/library.ts'
import type { Shape } from '../../shaders/size.ts'

/** One run of one kernel on given tensors, or on those that a seed stands for. */
export interface KernelRun {
  kernel: KernelDescriptor
  /** Values of the kernel's arguments. */
  shape: Shape
  /** u32 from which the inputs are made (shaders/seededTensors.ts), or null when `inputs` holds them. */
  seed: number | null
  /** In the descriptor's order. */
  inputs: readonly Tensor[]
}

/** What a task of the network asks to run. */
export const runOfTask = ({ kernel, shape, seed, inputs }: KernelTask): KernelRun => ({
  kernel: kernelLibrary[kernel],
  shape,
  seed,
  inputs,
})
