import { seededFloat32, seededInt8 } from '../../protocol/seededInputs.ts'
import { elementCount, elementsOf, type Tensor, tensorOf } from '../../protocol/tensor.ts'
import { areWhole } from '../wholeNumbers.ts'
import type { Q4Form } from './q4Forms.ts'

/** Weights that a seed stands for, every code and zero point among them, scales of both signs; inputs 1 to 3 of the seed. */
export function seededQ4(
  form: Q4Form['program'],
  { n, k }: { n: number; k: number },
  seed: number,
): Tensor[] {
  const blocks = Math.ceil(k / 32)
  const bytes = (input: number, count: number) => new Uint8Array(seededInt8(seed, input, count).buffer)
  const pairs = Math.ceil(blocks / 2)
  return [
    tensorOf('codes', 'UINT8', [n, blocks, 16], bytes(1, n * blocks * 16)),
    tensorOf('scales', 'FP32', [n, blocks], seededFloat32(seed, 2, n * blocks)),
    form === 'offsets'
      ? tensorOf('offsets', 'FP32', [n, blocks], seededFloat32(seed, 3, n * blocks))
      : tensorOf('zeroPoints', 'UINT8', [n, pairs], bytes(3, n * pairs)),
  ]
}

/** Whole numbers for codes, scales, the third tensor and x: any codes and zero points. */
export const wholeQ4 =
  (form: Q4Form['program']) =>
  ([codes, scales, third, x]: readonly Tensor[]): Tensor[] => {
    const bytes = ({ name, shape }: Tensor, input: number) => {
      const codes = seededInt8(1, input, elementCount(shape))
      return tensorOf(name, 'UINT8', shape, new Uint8Array(codes.buffer))
    }
    return [bytes(codes!, 0), scales!, form === 'offsets' ? third! : bytes(third!, 2), x!]
  }

/**
 * Whether scales, offsets and x are whole numbers and no scale is zero: then what q4Bound takes as the magnitude of a sum
 * bounds every partial sum, also of codes before they meet their scale.
 */
export function areWholeQ4(form: Q4Form['program'], [, scales, third, x]: readonly Tensor[]): boolean {
  const numbers = (tensor: Tensor | undefined) => elementsOf(tensor!) as Float32Array
  const offsets = form === 'offsets' ? numbers(third) : []
  return areWhole(numbers(scales), offsets, numbers(x)) && !numbers(scales).includes(0)
}
