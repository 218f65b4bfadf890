import { OpentabError } from '../../protocol/errors.ts'
import type { KernelDescriptor, KernelVariant } from '../../shaders/kernel.ts'
import type { Shape } from '../../shaders/size.ts'
import type { DeviceInfo } from './openDevice.ts'
import { planPasses } from './plannedPass.ts'

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
 * The variant for a device and, where it is known, a shape: register tiles on a software adapter, where barriers and
 * workgroup memory are slow, tiles in workgroup memory elsewhere; in each family the first one that can run and whose
 * tiles are enough to fill a GPU.
 * @throws OpentabError `kernel_failed` when no variant can run
 */
export function chooseVariant(kernel: KernelDescriptor, info: DeviceInfo, shape?: Shape): KernelVariant {
  const family = info.isFallbackAdapter ? 'registerTile' : 'workgroupTile'
  const able = kernel.variants.filter((variant) => canRun(variant, info))
  const liked = able.filter((variant) => variant.family === family)
  const chosen = liked.find((variant) => !shape || fillsGpu(variant, shape)) ?? liked[0] ?? able[0]
  if (!chosen) {
    throw new OpentabError('kernel_failed', `No variant of ${kernel.name} runs on this device.`)
  }
  return chosen
}

/** Whether the pass that does most of the work has as many workgroups as the variant wants. */
function fillsGpu(variant: KernelVariant, shape: Shape): boolean {
  if (variant.leastWorkgroups === undefined) return true
  const passes = planPasses(variant, 'host', shape).map(({ extent, perWorkgroup, cellOperations }) => ({
    operations: extent.rows * extent.columns * cellOperations,
    workgroups: (extent.rows * extent.columns) / (perWorkgroup.rows * perWorkgroup.columns),
  }))
  const most = passes.reduce((a, b) => (b.operations > a.operations ? b : a))
  return most.workgroups >= variant.leastWorkgroups
}
