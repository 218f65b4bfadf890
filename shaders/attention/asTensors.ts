import { elementsOf, type Tensor, tensorOf } from '../../protocol/tensor.ts'
import type { KernelDescriptor } from '../kernel.ts'
import { seededTensors } from '../seededTensors.ts'
import type { Shape } from '../size.ts'
import type { AttentionInputs } from './reference.ts'

/** What the tensors of an attention hold. */
export const inputsOf = ([queries, keys, values]: readonly Tensor[]): AttentionInputs => ({
  queries: elementsOf(queries!) as Float32Array,
  keys: elementsOf(keys!) as Float32Array,
  values: elementsOf(values!) as Float32Array,
})

/** A seed's queries, keys and values; queries of [-8, 8), so that some keys weigh much more than others. */
export function seededAttention(kernel: KernelDescriptor, shape: Shape, seed: number): Tensor[] {
  const [queries, keys, values] = seededTensors(kernel, shape, seed)
  const wide = (elementsOf(queries!) as Float32Array).map((value) => value * 8)
  return [tensorOf('queries', 'FP32', queries!.shape, wide), keys!, values!]
}
