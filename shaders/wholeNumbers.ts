import { seededFloat32 } from '../protocol/seededInputs.ts'
import { elementCount, type Tensor, tensorOf } from '../protocol/tensor.ts'
import type { KernelDescriptor } from './kernel.ts'
import type { KernelCase } from './kernelSuite.ts'
import { type Shape, sizeOf } from './size.ts'

/** f32 holds all whole numbers up to it. */
const MOST_EXACT = 2 ** 24

/** Whether they are all whole numbers. */
export const areWhole = (...tensors: readonly ArrayLike<number>[]): boolean =>
  tensors.every((values) => Array.prototype.every.call(values, Number.isInteger))

/**
 * The bound of a sum, or 0 where it has no error: f32 holds every partial sum of whole numbers whose magnitudes add up
 * to at most 2^24, in whatever order they are added and wherever a device fuses. The bound of a long sum of any numbers
 * is as large as one of its products: only with whole numbers is it seen that one was lost.
 */
export const unlessExact = (isWhole: boolean, magnitude: number, bound: number): number =>
  isWhole && magnitude <= MOST_EXACT ? 0 : bound

/** f32[count]: whole numbers from -3 to 3 (seldom -4) without 0, so that each one that is lost is missed. */
export const smallWholeNumbers = (seed: number, input: number, count: number): Float32Array<ArrayBuffer> =>
  seededFloat32(seed, input, count).map((value) => Math.trunc(value * 3) + (value < 0 ? -1 : 1))

/** A case whose inputs are small whole numbers; `change` makes others of those that are not FP32. */
export function wholeCase(
  kernel: KernelDescriptor,
  name: string,
  shape: Shape,
  change: (inputs: readonly Tensor[]) => Tensor[] = (inputs) => [...inputs],
): KernelCase {
  const inputs = () =>
    change(
      kernel.tensors
        .filter(({ role }) => role === 'input')
        .map((tensor, at) => {
          const dimensions = tensor.shape.map((size) => sizeOf(size, shape))
          const values = smallWholeNumbers(1, at, elementCount(dimensions))
          return tensorOf(tensor.name, 'FP32', dimensions, values)
        }),
    )
  return { name, shape, seed: 0, inputs }
}
