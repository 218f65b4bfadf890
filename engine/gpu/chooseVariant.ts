import { OpentabError } from '../../protocol/errors.ts'
import type { KernelDescriptor, KernelVariant } from '../../shaders/kernel.ts'
import type { DeviceInfo } from './openDevice.ts'

/** Whether the device has what the variant needs. */
export function canRun(variant: KernelVariant, info: DeviceInfo): boolean {
  const limits: Readonly<Record<string, number>> = { ...info.limits }
  return (
    variant.needs.features.every((name) => info.features.includes(name)) &&
    variant.needs.languageFeatures.every((name) => info.languageFeatures.includes(name)) &&
    Object.entries(variant.needs.limits ?? {}).every(([name, least]) => (limits[name] ?? 0) >= least)
  )
}

/**
 * The variant for a device: register tiles on a software adapter, where barriers and workgroup memory are slow, tiles
 * in workgroup memory elsewhere; in each family the first one that can run.
 * @throws OpentabError `kernel_failed` when no variant can run
 */
export function chooseVariant(kernel: KernelDescriptor, info: DeviceInfo): KernelVariant {
  const family = info.isFallbackAdapter ? 'registerTile' : 'workgroupTile'
  const able = kernel.variants.filter((variant) => canRun(variant, info))
  const chosen = able.find((variant) => variant.family === family) ?? able[0]
  if (!chosen) {
    throw new OpentabError('kernel_failed', `No variant of ${kernel.name} runs on this device.`)
  }
  return chosen
}
