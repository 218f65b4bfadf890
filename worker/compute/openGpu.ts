import { createKernelRunner } from '../../engine/gpu/kernelRunner.ts'
import { openDevice } from '../../engine/gpu/openDevice.ts'
import { OpentabError } from '../../protocol/errors.ts'
import { kernelLibrary } from '../../shaders/library.ts'
import type { ComputeGpu } from './computeWorker.ts'

/** The GPU with its device, which ONNX Runtime shares. */
export interface OpenedGpu extends ComputeGpu {
  device: GPUDevice
}

/** Opens the tab's GPU with its kernels; null where the browser has no WebGPU or gives no adapter. */
export async function openGpu(): Promise<OpenedGpu | null> {
  let opened: Awaited<ReturnType<typeof openDevice>>
  try {
    opened = await openDevice()
  } catch (error) {
    if (error instanceof OpentabError && error.code === 'no_gpu') return null
    throw error
  }
  const { device, info } = opened
  const limits: Record<string, number> = { ...info.limits }
  return {
    device,
    info: { ...info, limits },
    runner: createKernelRunner(device, info),
    kernels: Object.keys(kernelLibrary),
    custom: {
      // The gate and its parser are fetched with the first program: most tabs run none.
      run: async (task, signal) =>
        (await import('../../engine/gpu/customKernels.ts')).runCustomKernel(task, signal),
    },
    lost: device.lost.then(({ reason, message }) => [reason, message].filter(Boolean).join(', ')),
    destroy: () => device.destroy(),
  }
}
