import type { ErrorCode } from '../../protocol/errors.ts'
import { encodeResults } from '../../protocol/frames.ts'
import { MAX_FRAME_BYTES, MAX_NAME_BYTES, MAX_RESULTS } from '../../protocol/limits.ts'
import type { FromTab } from '../../protocol/messages.ts'
import type { TaskResult } from '../../protocol/task.ts'
import { checkTensor } from '../../protocol/tensor.ts'
import { failureOf } from './failureOf.ts'

/** Bytes of a frame before its first result, at most. */
const HEADER_BYTES = 8

/** Rough size of a result in its frame, bytes: never too small. */
function resultBytes(result: TaskResult): number {
  let bytes = 32
  for (const tensor of result.outputs) bytes += tensor.bytes.byteLength + 3 * tensor.name.length + 80
  return bytes
}

/** Whether a name comes out of a frame as it went in. */
const isFrameName = (name: string): boolean =>
  name.isWellFormed() && new TextEncoder().encode(name).length <= MAX_NAME_BYTES

/** Why a result cannot be sent, null where it can: the relay ends the connection over a frame that it cannot read. */
function unfitFor({ outputs }: TaskResult, size: number): { code: ErrorCode; message: string } | null {
  if (size + HEADER_BYTES > MAX_FRAME_BYTES) {
    const message = `The result of ${size} bytes is over the frame limit of ${MAX_FRAME_BYTES}.`
    return { code: 'frame_too_large', message }
  }
  try {
    for (const output of outputs) checkTensor(output)
    const unfit = outputs.find(({ name }) => !isFrameName(name))
    if (unfit === undefined) return null
    const message = `An output has the name ${JSON.stringify(unfit.name.slice(0, 40))}, which no frame can hold as it is.`
    return { code: 'bad_frame', message }
  } catch (error) {
    return { code: 'internal', message: failureOf(error).message }
  }
}

/** Results in as few frames as the limits allow, and a `failed` for each that no frame may hold. */
export function* resultFrames(
  results: readonly TaskResult[],
): Generator<Uint8Array<ArrayBuffer> | Extract<FromTab, { type: 'failed' }>> {
  let frame: TaskResult[] = []
  let bytes = HEADER_BYTES
  for (const result of results) {
    const size = resultBytes(result)
    const unfit = unfitFor(result, size)
    if (unfit !== null) {
      const { task, generation } = result
      yield { type: 'failed', task, generation, ...unfit }
      continue
    }
    if (frame.length === MAX_RESULTS || bytes + size > MAX_FRAME_BYTES) {
      yield encodeResults(frame)
      frame = []
      bytes = HEADER_BYTES
    }
    frame.push(result)
    bytes += size
  }
  if (frame.length > 0) yield encodeResults(frame)
}
