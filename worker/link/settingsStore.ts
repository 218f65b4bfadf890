import { get, set, update } from 'idb-keyval'
import * as z from 'zod/mini'
import type { TabSettings } from './tabApi.ts'
import type { KeyValues } from './tabEnvironment.ts'

const SETTINGS_KEY = 'opentab-settings'

/** What a first visit starts with; the address is asked for. */
export const defaultSettings: TabSettings = {
  address: '',
  intensity: 100,
  onBattery: false,
  storageBytes: 2 * 1024 ** 3,
}

const settings = z.object({
  address: z.string(),
  intensity: z.number().check(z.gte(10), z.lte(100)),
  onBattery: z.boolean(),
  storageBytes: z.number().check(z.nonnegative()),
})

/** The settings in a stored value; fields that are missing or out of range are the defaults. */
export function settingsOf(value: unknown): TabSettings {
  const stored = typeof value === 'object' && value !== null ? value : {}
  const merged: Record<string, unknown> = { ...defaultSettings }
  for (const [name, field] of Object.entries(settings.shape)) {
    const parsed = field.safeParse(Reflect.get(stored, name))
    if (parsed.success) merged[name] = parsed.data
  }
  return settings.parse(merged)
}

/** The contributor's settings of this browser; the defaults where none, or no storage, is there. */
export async function loadSettings(): Promise<TabSettings> {
  return settingsOf(await get(SETTINGS_KEY).catch(() => undefined))
}

/** Keeps the settings in this browser; without effect where it keeps nothing (a private window). */
export async function saveSettings(settings: TabSettings): Promise<void> {
  await set(SETTINGS_KEY, settings).catch(() => {})
}

/** Small values in IndexedDB; forgotten with the tab where there is none. */
export function browserKeyValues(): KeyValues {
  const memory = new Map<string, unknown>()
  return {
    async get(key) {
      return await get(key).catch(() => memory.get(key))
    },
    async update(key, change) {
      await update(key, change).catch(() => memory.set(key, change(memory.get(key))))
    },
  }
}
