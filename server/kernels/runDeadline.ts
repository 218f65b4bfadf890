import { readCustomTask } from '../../protocol/kernel/customTask.ts'
import { KERNEL_STEP_MS, KERNEL_TIMED_MS } from '../../protocol/kernel/kernelProgram.ts'
import type { Tensor } from '../../protocol/tensor.ts'

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
  // The last measurement may begin just before the end.
  const timedMs = repeat === 0 ? 0 : KERNEL_TIMED_MS + KERNEL_STEP_MS
  // To compile and to run once.
  return 2 * KERNEL_STEP_MS + timedMs + Math.floor(bytes / LINE_BYTES) * 1000 + MARGIN_MS
}
