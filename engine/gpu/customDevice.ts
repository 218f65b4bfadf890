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

/** The device of this worker, opened with WebGPU's default limits. @throws OpentabError `no_gpu` */
export function customDevice(): Promise<CustomDevice> {
  open ??= openCustomDevice().catch((error: unknown) => {
    open = null
    throw error
  })
  return open
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
  return { device, limits: await measureLimits(device), dropped }
}
