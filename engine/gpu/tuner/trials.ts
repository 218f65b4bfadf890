import { OpentabError } from '../../../protocol/errors.ts'
import { medianOf } from '../../../protocol/medianOf.ts'
import type { Tensor } from '../../../protocol/tensor.ts'
import { tensorBytes } from '../../../shaders/canonicalCost.ts'
import { arrangedOnHost } from '../../../shaders/hostLayouts.ts'
import type { KernelVariant } from '../../../shaders/kernel.ts'
import { mismatchOf } from '../../../shaders/kernelSuite.ts'
import { sizeOf } from '../../../shaders/size.ts'
import type { PipelineCache } from '../pipelineCache.ts'
import { type PreparedKernel, prepareKernel } from '../preparedKernel.ts'
import type { Trial } from './searchVariants.ts'
import type { TimedShape } from './timedShape.ts'
import type { Workload } from './workload.ts'

/** A loser is given up when its first run takes this many times the best time. */
const GIVEN_UP_AT = 2
/** Samples whose median counts; the best meet once more at the end of a search. */
const SAMPLES = 3
/** A sample repeats a kernel until it takes about this long, ms: shorter ones measure the queue. */
const SAMPLE_MS = 2
const MOST_REPEATS = 64

/** What a trial runs on. */
export interface TrialBench {
  device: GPUDevice
  pipelines: PipelineCache
  now(): number
  /** After it fires nothing more is submitted: the trial throws its reason. */
  signal?: AbortSignal | undefined
}

/**
 * Times a variant that gave right answers.
 * @param bestMs the fastest time so far, for giving up losers
 * @throws OpentabError `device_lost`, and what prepareKernel throws
 */
export async function timeVariant(
  bench: TrialBench,
  variant: KernelVariant,
  timed: TimedShape,
  bestMs: number,
): Promise<Exclude<Trial, { wrong: string }>> {
  const prepared = await prepareKernel(bench.device, bench.pipelines, { variant, ...timed })
  try {
    // The first run compiles: only the next one is a time.
    await sampleMs(bench, prepared, 1)
    const once = await sampleMs(bench, prepared, 1)
    if (once > bestMs * GIVEN_UP_AT) return { givenUpMs: once }
    const repeats = Math.min(MOST_REPEATS, Math.max(1, Math.ceil(SAMPLE_MS / Math.max(once, 0.01))))
    const samples = repeats === 1 ? [once] : []
    while (samples.length < SAMPLES) {
      samples.push((await sampleMs(bench, prepared, repeats)) / repeats)
    }
    return { ms: medianOf(samples) }
  } finally {
    prepared.destroy()
  }
}

async function sampleMs(
  { device, now, signal }: TrialBench,
  prepared: PreparedKernel,
  repeats: number,
): Promise<number> {
  signal?.throwIfAborted()
  const encoder = device.createCommandEncoder()
  const pass = encoder.beginComputePass()
  for (let repeat = 0; repeat < repeats; repeat++) prepared.encode(pass)
  pass.end()
  const commands = encoder.finish()
  const startedMs = now()
  device.queue.submit([commands])
  await device.queue.onSubmittedWorkDone()
  return now() - startedMs
}

/**
 * What is wrong with a variant's outputs, or null; what cannot be compiled or bound here is wrong, too.
 * @throws OpentabError `out_of_memory` and the like: they say nothing about the variant
 */
export async function checkVariant(
  bench: TrialBench,
  variant: KernelVariant,
  workload: Workload,
): Promise<string | null> {
  try {
    return await wrongAnswer(bench, variant, workload)
  } catch (error) {
    if (!(error instanceof OpentabError) || error.code !== 'kernel_failed') throw error
    return error.message
  }
}

async function wrongAnswer(
  bench: TrialBench,
  variant: KernelVariant,
  workload: Workload,
): Promise<string | null> {
  const { suite, shape, inputs } = workload
  const { device, pipelines } = bench
  const prepared = await prepareKernel(device, pipelines, { kernel: suite.kernel, variant, shape })
  for (const [name, bytes] of arrangedOnHost(suite.kernel, [variant], inputs, shape)) {
    const whole = new Uint8Array(Math.ceil(bytes.byteLength / 4) * 4)
    whole.set(bytes)
    device.queue.writeBuffer(prepared.buffer(name), 0, whole)
  }
  const staging: GPUBuffer[] = []
  try {
    await sampleMs(bench, prepared, 1)
    const outputs: Tensor[] = []
    for (const tensor of suite.kernel.tensors.filter(({ role }) => role === 'output')) {
      const bytes = tensorBytes(tensor, shape)
      const size = Math.max(4, Math.ceil(bytes / 4) * 4)
      const target = device.createBuffer({ size, usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ })
      staging.push(target)
      const encoder = device.createCommandEncoder()
      encoder.copyBufferToBuffer(prepared.buffer(tensor.name), 0, target, 0, size)
      device.queue.submit([encoder.finish()])
      await target.mapAsync(GPUMapMode.READ)
      outputs.push({
        name: tensor.name,
        datatype: tensor.datatype,
        shape: tensor.shape.map((dimension) => sizeOf(dimension, shape)),
        bytes: new Uint8Array(target.getMappedRange().slice(0, bytes)),
      })
    }
    return mismatchOf(suite, outputs, inputs, shape)
  } finally {
    for (const buffer of staging) buffer.destroy()
    prepared.destroy()
  }
}
