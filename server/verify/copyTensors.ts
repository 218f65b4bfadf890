import { setImmediate } from 'node:timers/promises'
import type { Tensor } from '../../protocol/tensor.ts'

/** Bytes copied before the event loop gets its turn: about a quarter of a millisecond. */
const SLICE_BYTES = 1024 * 1024

/** Tensors with memory of their own, which can be transferred to a thread. */
export interface CopiedTensors {
  tensors: Tensor[]
  transfer: ArrayBuffer[]
}

/**
 * Copies tensors into memory of their own, a slice per turn of the event loop, so that handing a large result to a
 * thread does not hold up the relay. The tensors must not be changed until the promise resolves.
 */
export async function copyTensors(tensors: readonly Tensor[]): Promise<CopiedTensors> {
  const copies: CopiedTensors = { tensors: [], transfer: [] }
  let untilPause = SLICE_BYTES
  for (const { name, datatype, shape, bytes } of tensors) {
    const copy = new Uint8Array(bytes.byteLength)
    for (let from = 0; from < bytes.byteLength; ) {
      const part = Math.min(untilPause, bytes.byteLength - from)
      copy.set(bytes.subarray(from, from + part), from)
      from += part
      untilPause -= part
      if (untilPause === 0) {
        await setImmediate()
        untilPause = SLICE_BYTES
      }
    }
    copies.tensors.push({ name, datatype, shape, bytes: copy })
    copies.transfer.push(copy.buffer)
  }
  return copies
}
