import type { Tensor } from '../../protocol/tensor.ts'
import { type Comparison, compareOutputs, type Tolerance } from '../kernels/compareOutputs.ts'
import { copyTensors } from './copyTensors.ts'
import type { ThreadPool } from './threadPool.ts'

/** What a thread is sent to compare two sets of outputs; their memory is shared, so nothing is copied for each pair. */
export interface OutputPair {
  outputs: readonly Tensor[]
  reference: readonly Tensor[]
  tolerance: Tolerance
}

/**
 * Compares two of the sets of outputs that it was made for, by their indices.
 * @throws OpentabError `check_unavailable` (as a rejection)
 */
export type OutputComparer = (
  output: number,
  reference: number,
  signal?: AbortSignal,
) => Promise<Comparison> | Comparison

/** Bytes of a set of outputs up to which it is compared on the event loop: some 50 microseconds. */
export const INLINE_BYTES = 16 * 1024

/** @param sets must not be changed while they are compared */
export function createOutputComparer<Body, Answer>(
  pool: ThreadPool<Body | OutputPair, Answer | Comparison>,
  sets: readonly (readonly Tensor[])[],
  tolerance: Tolerance,
): OutputComparer {
  const shared = new Map<number, Promise<Tensor[]>>()
  const sharedOf = (index: number): Promise<Tensor[]> => {
    let copied = shared.get(index)
    if (!copied) {
      copied = copyTensors(sets[index]!, SharedArrayBuffer).then(({ tensors }) => tensors)
      shared.set(index, copied)
    }
    return copied
  }
  return async (output, reference, signal) => {
    const [a, b] = [sets[output]!, sets[reference]!]
    if (bytesOf(a) <= INLINE_BYTES) return compareOutputs(a, b, tolerance)
    const compared = await pool.run(async () => {
      const [outputs, other] = [await sharedOf(output), await sharedOf(reference)]
      return { body: { outputs, reference: other, tolerance }, transfer: [] }
    }, signal)
    return compared as Comparison
  }
}

const bytesOf = (tensors: readonly Tensor[]): number =>
  tensors.reduce((sum, { bytes }) => sum + bytes.byteLength, 0)
