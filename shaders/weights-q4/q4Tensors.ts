import { seededFloat32, seededInt8 } from '../../protocol/seededInputs.ts'
import { type Tensor, tensorOf } from '../../protocol/tensor.ts'
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
