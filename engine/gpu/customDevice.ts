import { createStore, get, update } from 'idb-keyval'
import { OpentabError } from '../../protocol/errors.ts'
import { type KernelLimits, MAX_KERNEL_BUFFERS } from '../../protocol/kernel/kernelProgram.ts'
import { measureLimits } from './measureLimits.ts'

/** A device that custom kernels have to themselves: what they do to it, no other task feels. */
export interface CustomDevice {
  device: GPUDevice
  /** What one dispatch may do on it, by the best of its measurements. */
  limits: KernelLimits
  /** When it was measured again last, `performance.now()`; -Infinity before. */
  measuredAtMs: number
  /** Its adapter as WebGPU names it: what was measured of another one says nothing of it. */
  adapter: string
  /** Fulfils with the reason when the driver dropped it, not when it was given up here. */
  dropped: Promise<string>
}

/** A device is measured again no sooner, ms: kernels that end in no budget come one after the other. */
const MEASURE_EVERY_MS = 10_000
/** What a second measurement must give more to be worth another run: less is chance. */
const NOTABLE = 1.25

const WANTED: readonly GPUFeatureName[] = ['shader-f16', 'subgroups', 'timestamp-query']

/**
 * How many times what is measured now an earlier measurement may be: other work on the machine makes a device seem slower, but
 * another device may have the same name. So many budgets of 150 ms are far from two seconds.
 */
const TRUSTED = 4
/** The best measurement of each adapter, also over restarts of the tab; where the browser keeps nothing, none is known. */
const measurements = createStore('opentab-custom-device', 'limits')
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

/**
 * Measures a device again that was too slow for a kernel: the machine may have been busy when it was measured.
 * @returns whether a kernel may do notably more than before
 */
export async function measureAgain(opened: CustomDevice): Promise<boolean> {
  const { device, limits, measuredAtMs } = opened
  if (performance.now() - measuredAtMs < MEASURE_EVERY_MS) return false
  opened.limits = larger(limits, await measured(device, opened.adapter).catch(() => limits))
  opened.measuredAtMs = performance.now()
  return opened.limits.work > limits.work * NOTABLE || opened.limits.serialWork > limits.serialWork * NOTABLE
}

async function measured(device: GPUDevice, adapter: string): Promise<KernelLimits> {
  const limits = await measureLimits(device)
  const before = (await exchange(adapter, limits).catch(() => undefined)) ?? limits
  const better = (name: keyof KernelLimits): number =>
    Math.max(limits[name], Math.min(before[name], TRUSTED * limits[name]))
  return { work: better('work'), serialWork: better('serialWork') }
}

/** The best of the measurements before, to which this one is added. Rejects where the browser keeps nothing. */
async function exchange(adapter: string, found: KernelLimits): Promise<KernelLimits | undefined> {
  const before = await get<KernelLimits>(adapter, measurements)
  await update<KernelLimits>(adapter, (kept) => larger(kept, found), measurements)
  return before
}

const larger = (kept: KernelLimits | undefined, found: KernelLimits): KernelLimits => ({
  work: Math.max(kept?.work ?? 0, found.work),
  serialWork: Math.max(kept?.serialWork ?? 0, found.serialWork),
})

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
    const { vendor, architecture, device: model, description } = adapter.info
    const name = [vendor, architecture, model, description].join('/')
    const limits = await measured(device, name)
    return { device, limits, dropped, adapter: name, measuredAtMs: Number.NEGATIVE_INFINITY }
  } catch (error) {
    if (error instanceof OpentabError) refused = error
    device.destroy()
    throw error
  }
}
