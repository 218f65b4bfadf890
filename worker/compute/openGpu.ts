import { createKernelRunner } from '../../engine/gpu/kernelRunner.ts'
import { type OpenedDevice, openDevice } from '../../engine/gpu/openDevice.ts'
import { createBrowserTuningStore } from '../../engine/gpu/tuner/browserTuningStore.ts'
import { programsHashOf } from '../../engine/gpu/tuner/programsHash.ts'
import { createTuner } from '../../engine/gpu/tuner/tuner.ts'
import { createTuningDesk } from '../../engine/gpu/tuner/tuningDesk.ts'
import { OpentabError } from '../../protocol/errors.ts'
import type { KernelName } from '../../protocol/task.ts'
import type { KernelSuite } from '../../shaders/kernelSuite.ts'
import { kernelLibrary } from '../../shaders/library.ts'
import type { ComputeGpu } from './computeWorker.ts'
import { browserMajorOf } from './deviceReport.ts'

/** The GPU with its device, which ONNX Runtime shares. */
export interface OpenedGpu extends ComputeGpu {
  device: GPUDevice
}

/** Opens the tab's GPU with its kernels; null where the browser has no WebGPU or gives no adapter. */
export async function openGpu(): Promise<OpenedGpu | null> {
  let opened: OpenedDevice
  try {
    opened = await openDevice()
  } catch (error) {
    if (error instanceof OpentabError && error.code === 'no_gpu') return null
    throw error
  }
  const { device, info } = opened
  const limits: Record<string, number> = { ...info.limits }
  const { runner, desk } = await tunedRunner(opened)
  return {
    device,
    info: { ...info, limits },
    runner: {
      run(task, signal) {
        desk.note(task)
        return runner.run(task, signal)
      },
    },
    tuning: desk,
    kernels: Object.keys(kernelLibrary),
    custom: {
      // The gate and its parser are fetched with the first program: most tabs run none.
      run: async (task, signal) =>
        (await import('../../engine/gpu/customKernels.ts')).runCustomKernel(task, signal),
    },
    lost: device.lost.then(({ reason, message }) => [reason, message].filter(Boolean).join(', ')),
    destroy() {
      desk.dispose()
      device.destroy()
    },
  }
}

/** What is right for the kernels of tasks; fetched with the first search. */
const suites: Readonly<Record<KernelName, () => Promise<KernelSuite>>> = {
  'matmul-i8': async () => (await import('../../shaders/matmul-i8/cases.ts')).matmulI8Suite,
  'matmul-f32': async () => (await import('../../shaders/matmul-f32/cases.ts')).matmulF32Suite,
}

/** A runner whose kernels' variants are chosen by measuring, and who does that. */
async function tunedRunner({ device, info }: OpenedDevice) {
  const browserMajor = browserMajorOf(navigator.userAgent)
  const tuner = createTuner(device, info, { store: createBrowserTuningStore(), browserMajor })
  const named = Object.values(kernelLibrary)
  const kernels = await Promise.all(
    named.map(async (kernel) => ({ kernel, programs: await programsHashOf(kernel) })),
  )
  const desk = createTuningDesk({
    tuner,
    kernels,
    suiteOf: async (name) => suites[name as KernelName](),
    after(ms, call) {
      const timer = setTimeout(call, ms)
      return () => clearTimeout(timer)
    },
  })
  // Nothing waits for it: a task that comes before runs as on a new device.
  void Promise.all(named.map((kernel) => tuner.restore(kernel))).then(() => desk.tell())
  return { runner: createKernelRunner(device, info, { choose: tuner.choose }), desk }
}
