import { OpentabError } from '../../protocol/errors.ts'
import { type KernelLimits, MAX_KERNEL_BUFFERS } from '../../protocol/kernel/kernelProgram.ts'
import { measureLimits } from './measureLimits.ts'

/** A device that custom kernels have to themselves: what they do to it, no other task feels. */
export interface CustomDevice {
  device: GPUDevice
  /** What one dispatch may do on it. */
  limits: KernelLimits
  /** Fulfils with the reason when the driver dropped it, not when it was given up here. */
  dropped: Promise<string>
}

const WANTED: readonly GPUFeatureName[] = ['shader-f16', 'subgroups', 'timestamp-query']

let open: Promise<CustomDevice> | null = null
/** A browser drops a page whose devices are lost again and again: what could not be measured once is not tried again. */
let refused: OpentabError | null = null

/**
 * The device of this worker, opened with WebGPU's default limits.
 * @throws OpentabError `no_gpu`; `kernel_failed` from now on where a device could not be measured
 */
export async function customDevice(): Promise<CustomDevice> {
  if (refused) throw refused
  open ??= openCustomDevice().catch((error: unknown) => {
    open = null
    throw error
  })
  return await open
}

/** The next kernel gets a fresh device. */
export function giveUpCustomDevice({ device }: CustomDevice): void {
  open = null
  device.destroy()
}

async function openCustomDevice(): Promise<CustomDevice> {
  const adapter = await navigator.gpu?.requestAdapter({ powerPreference: 'high-performance' })
  if (!adapter) throw new OpentabError('no_gpu', 'The browser gave no adapter for a custom kernel.')
  // One more than a job may bind: for the mark of kernels that use up their iterations.
  const buffers = Math.min(MAX_KERNEL_BUFFERS + 1, adapter.limits.maxStorageBuffersPerShaderStage)
  const device = await adapter.requestDevice({
    label: 'opentab custom kernels',
    requiredFeatures: WANTED.filter((feature) => adapter.features.has(feature)),
    requiredLimits: { maxStorageBuffersPerShaderStage: buffers },
  })
  const dropped = new Promise<string>((resolve) => {
    void device.lost.then(({ reason, message }) => {
      if (reason === 'destroyed') return
      open = null
      resolve(message || 'no reason given')
    })
  })
  try {
    return { device, limits: await measureLimits(device), dropped }
  } catch (error) {
    if (error instanceof OpentabError) refused = error
    device.destroy()
    throw error
  }
}
