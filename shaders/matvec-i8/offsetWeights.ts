import { elementsOf, type Tensor } from '../../protocol/tensor.ts'

/** What offsetWeights.wgsl does, on the CPU. weights: u32[n, 8 * groups] gives the same words, 128 more in bytes 0 to 2. */
export function offsetWeightsLayout([, weights]: readonly Tensor[]): ReadonlyMap<string, Uint8Array> {
  const offset = (elementsOf(weights!) as Uint32Array).slice()
  // A loop, because a callback for each word takes ten times as long.
  for (let at = 0; at < offset.length; at++) offset[at]! ^= 0x808080
  return new Map([['offsetWeights', new Uint8Array(offset.buffer)]])
}
