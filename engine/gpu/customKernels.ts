import { OpentabError } from '../../protocol/errors.ts'
import { type CheckedKernel, checkKernel } from '../../protocol/kernel/checkKernel.ts'
import {
  CLOCK,
  type CustomKernel,
  outputSpecs,
  readCustomTask,
  TIMES,
} from '../../protocol/kernel/customTask.ts'
import { bindingBytes, KERNEL_STEP_MS, KERNEL_TIMED_MS } from '../../protocol/kernel/kernelProgram.ts'
import type { CustomTask } from '../../protocol/task.ts'
import { type Tensor, tensorOf } from '../../protocol/tensor.ts'
import { type CustomDevice, customDevice, giveUpCustomDevice, measureAgain } from './customDevice.ts'
import { type CustomPipeline, compileCustomKernel } from './customPipeline.ts'
import { createDispatchClock, type EncodeRun, runsOfMeasurement } from './dispatchClock.ts'

/** What the runs of one measurement may do at most, in budgets of a dispatch: each may be as long as the gate lets it. */
const MEASURED_BUDGETS = 4

const round4 = (bytes: number): number => (bytes + 3) & ~3

/**
 * Runs a requester's program once for its outputs and then measures its time `repeat` times, on a device of its own. The last
 * outputs hold the times, ms, and how they were taken; where time runs out, fewer were measured and the rest are NaN.
 * @throws OpentabError `kernel_refused` by the gate, `kernel_failed` by the compiler, `kernel_ended` when it used up its
 * budget or did not end, `kernel_lost_device`, `out_of_memory`, `cancelled`
 */
export async function runCustomKernel(task: CustomTask, signal: AbortSignal): Promise<Tensor[]> {
  const { kernel, given } = readCustomTask(task.inputs)
  const opened = await customDevice()
  const attempt = async (): Promise<Tensor[]> => {
    const checked = checkKernel(kernel, opened.limits)
    if (checked.ok) return await run(opened, kernel, checked, given, signal)
    const { line, rule, message } = checked.refusals[0]!
    const refusal = `Line ${line} (${rule}): ${message}`
    if (rule === 'work') throw new OverBudget('kernel_refused', refusal)
    throw new OpentabError('kernel_refused', refusal)
  }
  // The budget may have been measured while the machine had other work.
  const running = attempt().catch(async (error: unknown) => {
    if (error instanceof OverBudget && !signal.aborted && (await measureAgain(opened))) return await attempt()
    throw error
  })
  const lost = opened.dropped.then((reason): never => {
    throw new OpentabError('kernel_lost_device', `The device was lost while the kernel ran: ${reason}`)
  })
  lost.catch(() => {})
  return await Promise.race([running, lost])
}

/** A kernel that does not fit what was measured of the device. */
class OverBudget extends OpentabError {}

async function run(
  opened: CustomDevice,
  kernel: CustomKernel,
  checked: CheckedKernel,
  given: ReadonlyMap<string, Tensor>,
  signal: AbortSignal,
): Promise<Tensor[]> {
  const { device } = opened
  const compiled = await inTime(opened, compileCustomKernel(device, kernel, checked), 'compiled')
  const stop = (): void => {
    if (signal.aborted) throw new OpentabError('cancelled', 'The custom kernel was stopped.')
  }
  stop()
  device.pushErrorScope('out-of-memory')
  device.pushErrorScope('validation')
  const buffers = makeBuffers(device, kernel, checked, given)
  try {
    const groups = bindGroups(device, kernel, checked, compiled, buffers)
    const encode: EncodeRun = (pass) => {
      pass.setPipeline(compiled.pipeline)
      for (const [index, group] of groups.entries()) pass.setBindGroup(index, group)
      pass.dispatchWorkgroups(...kernel.dispatch)
    }
    const encoder = device.createCommandEncoder()
    const pass = encoder.beginComputePass()
    encode(pass)
    pass.end()
    copyBack(encoder, buffers.bound, buffers.readback)
    device.queue.submit([encoder.finish()])
    const [invalid, full] = await inTime(
      opened,
      Promise.all([device.popErrorScope(), device.popErrorScope()]),
      'begun',
    )
    if (full) throw new OpentabError('out_of_memory', full.message)
    if (invalid)
      throw new OpentabError('kernel_failed', `The kernel cannot run here: ${invalid.message}`.slice(0, 2000))
    await inTime(opened, device.queue.onSubmittedWorkDone(), 'run')
    const read = await inTime(opened, readBuffers(buffers.readback), 'read')
    if (isMarked(read))
      throw new OverBudget(
        'kernel_ended',
        `The kernel used up its ${checked.iterations} iterations for each of ${checked.invocations} invocations.`,
      )
    const { times, method } = await timesOf(opened, kernel.repeat, checked, encode, stop)
    const marks = new Map([...buffers.readback].filter(([name]) => name === MARK))
    if (marks.size > 0 && times.length > 0) {
      const again = device.createCommandEncoder()
      copyBack(again, buffers.bound, marks)
      device.queue.submit([again.finish()])
      // What did not come to its end took no time that means anything.
      if (isMarked(await inTime(opened, readBuffers(marks), 'read'))) times.fill(Number.NaN)
    }
    return outputSpecs(kernel).map(({ name, datatype, shape }) => {
      if (name === TIMES) return tensorOf(TIMES, 'FP64', shape, times)
      if (name === CLOCK)
        return tensorOf(CLOCK, 'UINT8', shape, Uint8Array.of(method === 'timestamps' ? 1 : 0))
      const bytes = read.get(name)!.subarray(0, bindingBytes({ datatype, shape }))
      return { name, datatype, shape, bytes }
    })
  } finally {
    for (const buffer of [...buffers.bound.values(), ...buffers.readback.values()]) buffer.destroy()
  }
}

/**
 * Measures a kernel that ran once, each time as many runs as one measurement needs and as its budget allows: what was quick
 * until now may become as long as the gate lets it be.
 */
async function timesOf(
  opened: CustomDevice,
  repeat: number,
  { invocations, serialWork }: CheckedKernel,
  encode: EncodeRun,
  stop: () => void,
) {
  const times = new Float64Array(repeat).fill(Number.NaN)
  const clock = createDispatchClock(opened.device)
  const { method } = clock
  const share = Math.max(
    (invocations * serialWork) / opened.limits.work,
    serialWork / opened.limits.serialWork,
  )
  const most = Math.max(1, Math.floor(MEASURED_BUDGETS / share))
  const measure = (runs: number): Promise<number> => {
    stop()
    return inTime(opened, clock.measure(encode, runs), 'run')
  }
  try {
    const startedMs = performance.now()
    const runs = repeat === 0 ? 0 : await runsOfMeasurement(measure, most)
    for (let i = 0; i < repeat && performance.now() - startedMs < KERNEL_TIMED_MS; i++)
      times[i] = (await measure(runs)) / runs
  } finally {
    clock.destroy()
  }
  return { times, method }
}

/** Waits no longer than a kernel may take; then the device is given up, and what runs on it with it. */
async function inTime<T>(opened: CustomDevice, work: Promise<T>, what: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new OpentabError('kernel_ended', `The kernel was not ${what} within ${KERNEL_STEP_MS} ms.`))
      giveUpCustomDevice(opened)
    }, KERNEL_STEP_MS)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

const MARK = 'opentab.mark'

interface Buffers {
  bound: Map<string, GPUBuffer>
  readback: Map<string, GPUBuffer>
}

function makeBuffers(
  device: GPUDevice,
  kernel: CustomKernel,
  { mark }: CheckedKernel,
  given: ReadonlyMap<string, Tensor>,
): Buffers {
  const bound = new Map<string, GPUBuffer>()
  const readback = new Map<string, GPUBuffer>()
  const make = (name: string, bytes: number, usage: number, isRead: boolean): GPUBuffer => {
    const size = round4(bytes)
    const buffer = device.createBuffer({
      size,
      usage: usage | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC,
    })
    bound.set(name, buffer)
    if (isRead) {
      readback.set(
        name,
        device.createBuffer({ size, usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ }),
      )
    }
    return buffer
  }
  for (const binding of kernel.bindings) {
    const { name, type } = binding
    const usage = type === 'uniform' ? GPUBufferUsage.UNIFORM : GPUBufferUsage.STORAGE
    const buffer = make(name, bindingBytes(binding), usage, kernel.outputs.includes(name))
    const bytes = given.get(name)?.bytes
    if (bytes) {
      const padded = new Uint8Array(buffer.size)
      padded.set(bytes)
      device.queue.writeBuffer(buffer, 0, padded)
    }
  }
  if (mark) make(MARK, 4, GPUBufferUsage.STORAGE, true)
  return { bound, readback }
}

function bindGroups(
  device: GPUDevice,
  { bindings }: CustomKernel,
  { mark }: CheckedKernel,
  { layouts }: CustomPipeline,
  { bound }: Buffers,
): GPUBindGroup[] {
  const places = bindings.map(({ name, group = 0, binding }) => ({ name, group, binding }))
  if (mark) places.push({ name: MARK, ...mark })
  return layouts.map((layout, index) =>
    device.createBindGroup({
      layout,
      entries: places
        .filter(({ group }) => group === index)
        .map(({ name, binding }) => ({ binding, resource: { buffer: bound.get(name)! } })),
    }),
  )
}

function copyBack(
  encoder: GPUCommandEncoder,
  bound: ReadonlyMap<string, GPUBuffer>,
  readback: ReadonlyMap<string, GPUBuffer>,
): void {
  for (const [name, target] of readback)
    encoder.copyBufferToBuffer(bound.get(name)!, 0, target, 0, target.size)
}

/** Whether the program said that it used up its iterations. */
function isMarked(read: ReadonlyMap<string, Uint8Array<ArrayBuffer>>): boolean {
  const mark = read.get(MARK)
  return mark !== undefined && new Uint32Array(mark.buffer)[0] !== 0
}

async function readBuffers(
  readback: ReadonlyMap<string, GPUBuffer>,
): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  const read = new Map<string, Uint8Array<ArrayBuffer>>()
  await Promise.all([...readback.values()].map((buffer) => buffer.mapAsync(GPUMapMode.READ)))
  for (const [name, buffer] of readback) {
    read.set(name, new Uint8Array(buffer.getMappedRange().slice(0)))
    buffer.unmap()
  }
  return read
}
