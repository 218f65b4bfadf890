import { readCustomTask } from '../../protocol/kernel/customTask.ts'
import type { Tensor } from '../../protocol/tensor.ts'

/** What a tab gives a program to compile, and its first run, ms (engine/gpu/customKernels.ts): then it says so itself. */
const COMPILE_MS = 5_000
const DISPATCH_MS = 5_000
/** After so long a tab begins no timed run any more, ms; the last one may take a dispatch's time. */
const TIMED_MS = 3_000
/** What a slow line carries in a second, bytes. */
const LINE_BYTES = 1024 * 1024
/** For a tab that measures its device first, or whose machine has other work, ms. */
const MARGIN_MS = 30_000

/**
 * How long a tab may have a program in hand and nothing before it, ms: 40 s to some minutes.
 * @param inputs of the task, the description first
 * @param outputBytes what it sends back
 */
export function runDeadlineMs(inputs: readonly Tensor[], outputBytes: number): number {
  const { repeat } = readCustomTask(inputs).kernel
  const bytes = inputs.reduce((sum, { bytes }) => sum + bytes.byteLength, outputBytes)
  const timedMs = repeat === 0 ? 0 : TIMED_MS + DISPATCH_MS
  return COMPILE_MS + DISPATCH_MS + timedMs + Math.floor(bytes / LINE_BYTES) * 1000 + MARGIN_MS
}
