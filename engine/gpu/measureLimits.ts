import { OpentabError } from '../../protocol/errors.ts'
import { type CheckedKernel, checkKernel } from '../../protocol/kernel/checkKernel.ts'
import { type KernelLimits, type KernelProgram, kernelLimits } from '../../protocol/kernel/kernelProgram.ts'
import { compileCustomKernel } from './customPipeline.ts'

/** Time that a dispatch may take by what was measured, ms: one whose invocations part ways takes many times as long, and none may take two seconds. */
const BUDGET_MS = 150
/** A measurement of less says more about latency than about speed, ms. */
const LEAST_MS = 20
const LEAST_WORK = 2 ** 20

/** A loop without an end, of the kind that a device is slow at: each step goes to memory. */
const endless = (workgroups: number): KernelProgram => ({
  program:
    '@group(0) @binding(0) var<storage, read_write> out: array<u32>;\n@compute @workgroup_size(64)\nfn main(@builtin(global_invocation_id) id: vec3u) { loop { out[id.x] += 1u; } }',
  entryPoint: 'main',
  bindings: [{ name: 'out', binding: 0, type: 'storage', datatype: 'UINT32', shape: [workgroups * 64] }],
  overrides: {},
  dispatch: [workgroups, 1, 1],
})

/**
 * What one dispatch may do on this device in BUDGET_MS, by how long it takes to use up ever larger budgets.
 * @throws OpentabError `kernel_failed` where that cannot be told, as of a device that is lost meanwhile: it may do nothing
 */
export async function measureLimits(device: GPUDevice): Promise<KernelLimits> {
  const serial = await workIn(device, 1, kernelLimits.serialWork, 64)
  const parallel = await workIn(device, 256, kernelLimits.work, 1)
  return {
    serialWork: Math.min(kernelLimits.serialWork, Math.max(serial, LEAST_WORK / 64)),
    work: Math.min(kernelLimits.work, Math.max(parallel, LEAST_WORK)),
  }
}

/**
 * Work that so many workgroups do in BUDGET_MS: of all of them, or of each `share` of it.
 * @param most where measuring ends
 */
async function workIn(device: GPUDevice, workgroups: number, most: number, share: number): Promise<number> {
  let work = LEAST_WORK / share
  for (;;) {
    const limits = { work: work * share, serialWork: share === 1 ? Number.POSITIVE_INFINITY : work }
    const kernel = endless(workgroups)
    // The gate lets no loop start that may make only a few iterations: the smallest budgets are too small for a probe.
    const checked = checkKernel(kernel, limits)
    const isLargest = work * 4 > most
    if (checked.ok) {
      let ms = await timeOf(device, kernel, checked)
      // Whatever else the machine did made it longer: the shorter of two counts.
      if (ms >= LEAST_MS) ms = Math.min(ms, await timeOf(device, kernel, checked))
      if (ms >= LEAST_MS || isLargest) return (work * BUDGET_MS) / Math.max(ms, 0.1)
    } else if (isLargest) throw unmeasured(checked.refusals[0]!.message)
    work *= 4
  }
}

async function timeOf(device: GPUDevice, kernel: KernelProgram, checked: CheckedKernel): Promise<number> {
  const { STORAGE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage
  const { pipeline, layouts } = await compileCustomKernel(device, kernel, checked)
  const out = device.createBuffer({ size: kernel.bindings[0]!.shape[0]! * 4, usage: STORAGE })
  const mark = device.createBuffer({ size: 4, usage: STORAGE | COPY_SRC })
  const read = device.createBuffer({ size: 4, usage: COPY_DST | MAP_READ })
  try {
    const encoder = device.createCommandEncoder()
    const pass = encoder.beginComputePass()
    pass.setPipeline(pipeline)
    for (const [group, buffer] of [out, mark].entries()) {
      const entries = [{ binding: 0, resource: { buffer } }]
      pass.setBindGroup(group, device.createBindGroup({ layout: layouts[group]!, entries }))
    }
    pass.dispatchWorkgroups(...kernel.dispatch)
    pass.end()
    encoder.copyBufferToBuffer(mark, 0, read, 0, 4)
    const commands = encoder.finish()
    await device.queue.onSubmittedWorkDone()
    const startedMs = performance.now()
    device.queue.submit([commands])
    await device.queue.onSubmittedWorkDone()
    const ms = performance.now() - startedMs
    // A queue that did nothing, as a lost device's, is done at once: the time counts where the probe left its mark.
    const isMarked = await read.mapAsync(GPUMapMode.READ).then(
      () => new Uint32Array(read.getMappedRange())[0] !== 0,
      (reason: Error) => {
        throw unmeasured(reason.message)
      },
    )
    if (!isMarked) throw unmeasured('what measures it did not run.')
    return ms
  } finally {
    for (const buffer of [out, mark, read]) buffer.destroy()
  }
}

const unmeasured = (why: string): OpentabError =>
  new OpentabError(
    'kernel_failed',
    `The speed of this device could not be measured, so it runs no custom kernels: ${why}`,
  )
