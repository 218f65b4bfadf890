import { setImmediate } from 'node:timers/promises'
import type { Tensor } from '../../protocol/tensor.ts'

/** Bytes copied before the event loop gets its turn: about a quarter of a millisecond. */
const SLICE_BYTES = 1024 * 1024

/** Tensors with memory of their own, which can be transferred to a thread, or is shared with all of them. */
export interface CopiedTensors {
  tensors: Tensor[]
  /** Empty where the memory is shared. */
  transfer: ArrayBuffer[]
}

/**
 * Copies tensors into memory of their own, a slice per turn of the event loop, so that handing a large result to a
 * thread does not hold up the relay. The tensors must not be changed until the promise resolves.
 */
export async function copyTensors(
  tensors: readonly Tensor[],
  Memory: typeof ArrayBuffer | typeof SharedArrayBuffer = ArrayBuffer,
): Promise<CopiedTensors> {
  const copies: CopiedTensors = { tensors: [], transfer: [] }
  let untilPause = SLICE_BYTES
  for (const { name, datatype, shape, bytes } of tensors) {
    const buffer = new Memory(bytes.byteLength)
    const copy = new Uint8Array(buffer as ArrayBuffer)
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
    if (buffer instanceof ArrayBuffer) copies.transfer.push(buffer)
  }
  return copies
}
