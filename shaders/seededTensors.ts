import { OpentabError } from '../protocol/errors.ts'
import { seededFloat32, seededInt8 } from '../protocol/seededInputs.ts'
import type { KernelTask } from '../protocol/task.ts'
import { elementCount, type Tensor, tensorOf } from '../protocol/tensor.ts'
import { type KernelDescriptor, sizeOf } from './kernel.ts'

/** The input tensors that a seed (u32) stands for, in the descriptor's order. */
export function seededTensors(kernel: KernelDescriptor, shape: KernelTask['shape'], seed: number): Tensor[] {
  return kernel.tensors
    .filter(({ role }) => role === 'input')
    .map(({ name, datatype, shape: sizes }, input) => {
      const dimensions = sizes.map((size) => sizeOf(size, shape))
      const count = elementCount(dimensions)
      switch (datatype) {
        case 'INT8':
          return tensorOf(name, datatype, dimensions, seededInt8(seed, input, count))
        case 'FP32':
          return tensorOf(name, datatype, dimensions, seededFloat32(seed, input, count))
        default:
          throw new OpentabError(
            'internal',
            `${kernel.name} has an input of ${datatype}, which no seed makes.`,
          )
      }
    })
}
