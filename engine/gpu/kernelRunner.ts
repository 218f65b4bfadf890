import { OpentabError } from '../../protocol/errors.ts'
import type { KernelName, KernelTask } from '../../protocol/task.ts'
import type { Tensor } from '../../protocol/tensor.ts'
import { arrangedOnHost, inputsByName } from '../../shaders/hostLayouts.ts'
import type { KernelDescriptor, KernelVariant } from '../../shaders/kernel.ts'
import { kernelLibrary } from '../../shaders/library.ts'
import { seededTensors } from '../../shaders/seededTensors.ts'
import type { Shape } from '../../shaders/size.ts'
import { createBufferPool } from './bufferPool.ts'
import { checkKernelRun } from './checkKernelRun.ts'
import { chooseVariant } from './chooseVariant.ts'
import { dispatchBands } from './dispatchBands.ts'
import { type KernelRun, runOfTask } from './kernelRun.ts'
import type { DeviceInfo } from './openDevice.ts'
import { type CompiledPass, createPipelineCache } from './pipelineCache.ts'
import { type PlannedPass, planPasses } from './plannedPass.ts'
import { createSubmitGate, type Speed } from './submitGate.ts'
import { type Submit, submitsOf } from './submits.ts'
import { createTaskBuffers, type TaskBuffers } from './taskBuffers.ts'
import { readOutputs, uniformBytesOf, uploadBytes } from './taskTransfer.ts'

/** Length that a submit is cut to, ms: with two of them under way, Stop is still well within 250 ms. */
const SUBMIT_MS = 30
/** Speed that is assumed before anything was measured, operations per ms: low, so that the first submits are short. */
const FIRST_SPEED = { software: 0.4e6, hardware: 20e6 }

/** Runs the library's kernels on one GPU device. */
export interface KernelRunner {
  /** The variant that this runner uses for a kernel. */
  variantOf(name: KernelName): KernelVariant
  /**
   * Runs one task of the network: `compute` of the kernel that it names.
   * @throws OpentabError as `compute` does
   */
  run(task: KernelTask, signal?: AbortSignal): Promise<Tensor[]>
  /**
   * Runs a kernel once; outputs come in the descriptor's order. Tasks run in the order of the calls, and a task that was
   * called before the last one ended is uploaded and started while that one's result is read. After `signal` fires
   * the promise rejects at once and nothing more is submitted for the task.
   * @throws OpentabError `cancelled` when the signal fired or the runner was disposed of, `device_lost`,
   * `out_of_memory`, `kernel_failed` with the compiler's message, `invalid_value`
   */
  compute(run: KernelRun, signal?: AbortSignal): Promise<Tensor[]>
  /** Frees the GPU memory and rejects what still runs; the device stays open, it is the caller's. */
  dispose(): void
}

export interface KernelRunnerOptions {
  /** Another choice of variants than `chooseVariant`. */
  choose?: (kernel: KernelDescriptor, info: DeviceInfo, shape?: Shape) => KernelVariant
  /** Length that a submit is cut to, ms; default 30. */
  submitMs?: number
  /** Make seeded inputs and lay out given ones on the CPU; default: on software adapters, where it is 10 times faster. */
  layoutOnHost?: boolean
}

/** Makes a runner; several on one device would get in each other's way. */
export function createKernelRunner(
  device: GPUDevice,
  info: DeviceInfo,
  {
    choose = chooseVariant,
    submitMs = SUBMIT_MS,
    layoutOnHost = info.isFallbackAdapter,
  }: KernelRunnerOptions = {},
): KernelRunner {
  const pipelines = createPipelineCache(device)
  const pool = createBufferPool()
  const gate = createSubmitGate(device)
  const speeds = new Map<string, Speed>()
  const running = new Set<(reason: OpentabError) => void>()
  let ended: OpentabError | undefined
  /** Settles when every task called so far has handed its inputs over: at most one more is made ahead of its turn. */
  let uploadTurn: Promise<unknown> = Promise.resolve()
  /** Settles when every task called so far has made its last submit. */
  let submitTurn: Promise<unknown> = Promise.resolve()

  function end(reason: OpentabError): void {
    ended ??= reason
    for (const stop of running) stop(ended)
    pool.dispose()
  }
  device.lost.then(({ reason, message }) => {
    end(
      new OpentabError('device_lost', `The GPU device was lost (${reason}): ${message || 'no reason given'}`),
    )
  })

  function speedOf(variant: string): Speed {
    const known = speeds.get(variant)
    if (known) return known
    const speed = { operationsPerMs: info.isFallbackAdapter ? FIRST_SPEED.software : FIRST_SPEED.hardware }
    speeds.set(variant, speed)
    return speed
  }

  /** `goOn` throws when the run was stopped; it is asked before every submit. */
  async function work(run: KernelRun, goOn: () => void): Promise<Tensor[]> {
    const uploadsBefore = uploadTurn
    const submitsBefore = submitTurn
    const uploaded = Promise.withResolvers<void>()
    const submitted = Promise.withResolvers<void>()
    uploadTurn = Promise.all([uploadsBefore, uploaded.promise])
    submitTurn = Promise.all([submitsBefore, submitted.promise])
    try {
      const { kernel, shape, seed } = run
      const variant = choose(kernel, info, shape)
      const layout = layoutOnHost ? 'host' : seed === null ? 'arrange' : 'seed'
      const made = canMake(variant, layout) ? layout : 'host'
      const passes = planPasses(variant, made, shape)
      const compiled = await Promise.all(
        passes.map(({ pass, scope }) => pipelines.compile(kernel, pass, scope)),
      )
      await uploadsBefore
      goOn()
      const uploads = uploadsOf(run, variant, made)
      await submitsBefore
      goOn()
      const variantKey = JSON.stringify([kernel.name, variant.name, variant.tuning])
      const key = JSON.stringify([variantKey, made, Object.entries(shape).sort()])
      const plan = { kernel, variant, passes, compiled, shape }
      const buffers = await pool.take(key, () => createTaskBuffers(device, key, plan))
      try {
        goOn()
        uploadBytes(device, buffers, uploads)
        uploaded.resolve()
        const speed = speedOf(variantKey)
        const checks: Promise<GPUError | null>[] = []
        for (const submit of submitsOf(passes, () => speed.operationsPerMs * submitMs)) {
          await gate.enter()
          goOn()
          device.pushErrorScope('validation')
          device.queue.writeBuffer(buffers.uniform, 0, uniformBytesOf(kernel, passes, seed, submit.bands))
          gate.submit(encode(device, passes, compiled, buffers, submit), submit.operations, speed)
          checks.push(device.popErrorScope().catch(() => null))
        }
        submitted.resolve()
        return await readOutputs(kernel, shape, buffers, checks)
      } finally {
        pool.put(buffers)
      }
    } finally {
      uploaded.resolve()
      submitted.resolve()
    }
  }

  async function compute(run: KernelRun, signal?: AbortSignal): Promise<Tensor[]> {
    if (ended) throw ended
    checkKernelRun(run)
    const result = Promise.withResolvers<Tensor[]>()
    let stopped: OpentabError | undefined
    const stop = (reason: OpentabError) => {
      stopped ??= reason
      result.reject(stopped)
    }
    const onAbort = () => stop(new OpentabError('cancelled', `The ${run.kernel.name} task was stopped.`))
    if (signal?.aborted) onAbort()
    signal?.addEventListener('abort', onAbort)
    running.add(stop)
    const goOn = () => {
      if (stopped) throw stopped
    }
    if (!stopped) work(run, goOn).then(result.resolve, result.reject)
    try {
      return await result.promise
    } finally {
      running.delete(stop)
      signal?.removeEventListener('abort', onAbort)
    }
  }

  return {
    variantOf: (name) => choose(kernelLibrary[name], info),
    run: async (task, signal) => compute(runOfTask(task), signal),
    compute,
    dispose: () => end(new OpentabError('cancelled', 'The kernel runner was closed.')),
  }
}

/** Whether the variant has passes for it: every kernel can be given inputs, few make them from a seed on the GPU. */
const canMake = (variant: KernelVariant, layout: 'seed' | 'arrange' | 'host'): boolean =>
  layout !== 'seed' || variant.passes.some(({ step }) => step === 'seed')

/** What must be in the buffers before the first pass, by buffer name. */
function uploadsOf(
  { kernel, shape, seed, inputs }: KernelRun,
  variant: KernelVariant,
  layout: 'seed' | 'arrange' | 'host',
): ReadonlyMap<string, Uint8Array> {
  if (layout === 'seed') return new Map()
  const tensors = seed === null ? inputs : seededTensors(kernel, shape, seed)
  return layout === 'host' ? arrangedOnHost(kernel, [variant], tensors, shape) : inputsByName(kernel, tensors)
}

function encode(
  device: GPUDevice,
  passes: readonly PlannedPass[],
  compiled: readonly CompiledPass[],
  buffers: TaskBuffers,
  { bands, last }: Submit,
): GPUCommandBuffer {
  const encoder = device.createCommandEncoder()
  const dispatches = encoder.beginComputePass()
  dispatchBands(dispatches, passes, compiled, buffers, bands)
  dispatches.end()
  if (last) {
    for (const [name, target] of buffers.readback) {
      encoder.copyBufferToBuffer(buffers.tensors.get(name)!, 0, target, 0, target.size)
    }
  }
  return encoder.finish()
}
