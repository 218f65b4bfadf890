import type { Tensor } from '../../../protocol/tensor.ts'
import type { KernelSuite } from '../../../shaders/kernelSuite.ts'
import type { Shape } from '../../../shaders/size.ts'

/** One shape with inputs, of which each variant makes outputs that can be checked. */
export interface Workload {
  suite: KernelSuite
  shape: Shape
  inputs: readonly Tensor[]
}

/** The inputs of a shape, made once for all variants. */
export function workloadOf(suite: KernelSuite, shape: Shape): Workload {
  return { suite, shape, inputs: suite.inputs(shape, 0x0be11) }
}
