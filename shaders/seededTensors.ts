import { OpentabError } from '../protocol/errors.ts'
import { pcg, seededFloat32, seededInt8 } from '../protocol/seededInputs.ts'
import { elementCount, type Tensor, tensorOf } from '../protocol/tensor.ts'
import type { KernelDescriptor } from './kernel.ts'
import { type Shape, sizeOf } from './size.ts'

/** The input tensors that a seed (u32) stands for, in the descriptor's order. */
export function seededTensors(kernel: KernelDescriptor, shape: Shape, seed: number): Tensor[] {
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
        case 'UINT32':
        case 'INT32':
          return tensorOf(name, datatype, dimensions, seededWords(seed, input, count))
        default:
          throw new OpentabError(
            'internal',
            `${kernel.name} has an input of ${datatype}, which no seed makes.`,
          )
      }
    })
}

/** u32[count]: element t of input i is pcg(t + pcg(i + pcg(seed))), the words whose top bytes seededInt8 takes. */
export function seededWords(seed: number, input: number, count: number): Uint32Array<ArrayBuffer> {
  const base = pcg((input + pcg(seed >>> 0)) >>> 0)
  return Uint32Array.from({ length: count }, (_, t) => pcg((t + base) >>> 0))
}
