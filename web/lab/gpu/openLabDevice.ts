import { measureLimits } from '../../../engine/gpu/measureLimits.ts'
import { OpentabError } from '../../../protocol/errors.ts'
import { kernelLimits } from '../../../protocol/kernel/kernelProgram.ts'
import type { LabDevice } from './labGpuApi.ts'

/** A person who waits for their own kernel waits longer than a tab that others send theirs to: about a second a dispatch. */
const PATIENCE = 8
/** About two seconds of a software adapter: less is only measured while the machine is busy with something else. */
const LEAST = { work: 2 ** 31, serialWork: 2 ** 18 }

/** Opens a device with everything that the adapter has: a kernel may ask for any of it. @throws OpentabError `no_gpu` */
export async function openLabDevice(): Promise<{ device: GPUDevice; about: LabDevice }> {
  const gpu = navigator.gpu as GPU | undefined
  if (!gpu) throw new OpentabError('no_gpu', 'This browser has no WebGPU here.')
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' })
  if (!adapter) throw new OpentabError('no_gpu', 'The browser has WebGPU and gave no adapter.')
  const limits: Record<string, number> = {}
  for (const name in adapter.limits) {
    const value: unknown = Reflect.get(adapter.limits, name)
    if (typeof value === 'number') limits[name] = value
  }
  const device = await adapter.requestDevice({
    label: 'lab',
    requiredFeatures: [...adapter.features] as GPUFeatureName[],
    requiredLimits: limits,
  })
  const measured = await measureLimits(device)
  const { vendor, architecture, description, isFallbackAdapter } = adapter.info
  return {
    device,
    about: {
      vendor,
      architecture,
      description,
      isFallbackAdapter,
      features: [...device.features].sort(),
      languageFeatures: [...gpu.wgslLanguageFeatures].sort(),
      limits,
      budget: {
        work: Math.min(kernelLimits.work, Math.max(LEAST.work, measured.work * PATIENCE)),
        serialWork: Math.min(
          kernelLimits.serialWork,
          Math.max(LEAST.serialWork, measured.serialWork * PATIENCE),
        ),
      },
    },
  }
}
