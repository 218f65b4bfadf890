import { elementsOf, type Tensor, tensorOf } from '../../protocol/tensor.ts'
import type { KernelDescriptor } from '../kernel.ts'
import { seededTensors } from '../seededTensors.ts'
import type { Shape } from '../size.ts'

/** A seed's rows; those of even seeds hold few different numbers, so that many are equal. */
export function rowsToRank(kernel: KernelDescriptor, shape: Shape, seed: number): Tensor[] {
  const [x] = seededTensors(kernel, shape, seed)
  if (seed % 2 === 1) return [x!]
  const coarse = (elementsOf(x!) as Float32Array).map((value) => Math.round(value * 4) / 4)
  return [tensorOf('x', 'FP32', x!.shape, coarse)]
}

/** Rows whose order is easily got wrong, one a name. */
export const rowsHardToRank: Readonly<Record<string, Float32Array>> = {
  'equal numbers': new Float32Array(300).fill(-2),
  'zeros of both signs': Float32Array.of(-1, -0, 0, -0, -1),
  'NaN of both signs among numbers': new Float32Array(
    Uint32Array.of(0x7f800000, 0xffc00001, 0x7fc00000, 0x3f800000).buffer,
  ),
  'NaN before all numbers': Float32Array.of(Number.NaN, 3, Number.NaN, 4),
  infinities: Float32Array.of(Number.NEGATIVE_INFINITY, 1, Number.POSITIVE_INFINITY),
  'nothing but -infinity': new Float32Array(70).fill(Number.NEGATIVE_INFINITY),
  'subnormal numbers': Float32Array.of(2 ** -149, -(2 ** -149), 2 ** -148, 0),
  'negative numbers': Float32Array.of(-3, -1, -2),
}
