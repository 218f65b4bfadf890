import * as z from 'zod/mini'
import type { TabSettings } from '../../worker/link/tabApi.ts'

/** Bytes of models that may be stored, to choose from. */
export const storageChoices = [250e6, 500e6, 1e9, 2e9, 5e9, 10e9] as const

/** Bytes of memory for language models, to choose from; WebAssembly has room for 4 GB in all. */
export const memoryChoices = [0, 500e6, 1e9, 2e9, 3e9] as const

/** Before the person chose anything: all of the time, since Start is a clear yes, and never on battery. */
export const defaultSettings: TabSettings = {
  address: '',
  intensity: 100,
  onBattery: false,
  storageBytes: 1e9,
  memoryBytes: 1e9,
  customKernels: false,
}

/** Intensity is a percentage in steps of this. */
export const INTENSITY_STEP = 5

const stored = z.partial(
  z.object({
    address: z.string().check(z.maxLength(100)),
    intensity: z.number().check(z.gte(10), z.lte(100)),
    onBattery: z.boolean(),
    storageBytes: z.number().check(z.int(), z.gte(1e6), z.lte(1e13)),
    memoryBytes: z.number().check(z.int(), z.gte(0), z.lte(1e13)),
    customKernels: z.boolean(),
  }),
)

/** Settings from an earlier visit over the defaults; what cannot be read is left out. */
export function readSettings(text: string | null): TabSettings {
  try {
    const parsed = stored.safeParse(JSON.parse(text ?? '{}'))
    return parsed.success ? { ...defaultSettings, ...parsed.data } : defaultSettings
  } catch {
    return defaultSettings
  }
}

/** An intensity that the tab takes: within 10 to 100, on a step. */
export const clampIntensity = (percent: number): number =>
  Number.isNaN(percent)
    ? defaultSettings.intensity
    : Math.min(100, Math.max(10, Math.round(percent / INTENSITY_STEP) * INTENSITY_STEP))
