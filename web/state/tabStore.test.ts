import { describe, expect, it } from 'vitest'
import { snapshotAtRest } from '../../worker/link/snapshotAtRest.ts'
import type { TabApi, TabSettings, TabSnapshot } from '../../worker/link/tabApi.ts'
import * as eip55 from './eip55.ts'
import { createTabStore } from './tabStore.ts'

const ADDRESS = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed'

/** A tab that notes its calls and says what the test tells it to say. */
function stage(
  options: { stored?: Record<string, string>; load?: () => Promise<void>; startFails?: unknown } = {},
) {
  const calls: string[] = []
  const stored = new Map(Object.entries(options.stored ?? {}))
  let listener: (snapshot: TabSnapshot) => void = () => {}
  let started: TabSettings | null = null
  const note = (name: string) => async () => {
    calls.push(name)
  }
  const tab: TabApi = {
    subscribe: async (listen) => {
      listener = listen
      listen(snapshotAtRest(1e9))
    },
    start: async (settings) => {
      calls.push('start')
      started = settings
      if (options.startFails !== undefined) throw options.startFails
    },
    pause: note('pause'),
    resume: note('resume'),
    finish: note('finish'),
    stop: note('stop'),
    change: async (settings) => {
      calls.push(`change ${JSON.stringify(settings)}`)
    },
    deleteModel: async (hash) => {
      calls.push(`delete ${hash}`)
    },
  }
  let day = '2026-11-22'
  const store = createTabStore({
    loadTab: async () => {
      calls.push('load')
      await options.load?.()
      return tab
    },
    loadEip55: async () => eip55,
    storage: { get: (key) => stored.get(key) ?? null, set: (key, value) => stored.set(key, value) },
    today: () => day,
  })
  return {
    store,
    calls,
    stored,
    started: () => started,
    say: (change: Partial<TabSnapshot>) =>
      listener({ ...snapshotAtRest(1e9), state: { name: 'working' }, ...change }),
    tomorrow: () => {
      day = '2026-11-23'
    },
  }
}

const session = (microCredits: string, startedAt = 5) => ({
  microCredits,
  completed: 1,
  rejected: 0,
  startedAt,
})

describe('Start', () => {
  it('is refused without a good address, and loads nothing', async () => {
    const { store, calls } = stage()
    await store.start()
    expect(store.addressTrouble.value).toContain('Paste a wallet address first')
    store.setAddress(`${ADDRESS}0`)
    expect(store.addressTrouble.value).toBeNull()
    await store.start()
    expect(store.addressTrouble.value).toContain('41 digits')
    expect(store.running.value).toBe(false)
    expect(calls).toEqual([])
  })

  it('loads the tab once, gives it the settings, and keeps them for the next visit', async () => {
    const { store, calls, started, say, stored } = stage()
    store.setAddress(` ${ADDRESS.toLowerCase()} `)
    store.setIntensity(42)
    store.setOnBattery(true)
    await store.start()
    expect(started()).toEqual({
      address: ADDRESS,
      intensity: 40,
      onBattery: true,
      storageBytes: 1e9,
      memoryBytes: 1e9,
      customKernels: false,
    })
    say({ state: { name: 'stopped', error: null } })
    await store.start()
    expect(calls).toEqual(['load', 'start', 'start'])
    const next = stage({ stored: Object.fromEntries(stored) })
    expect(next.store.settings.value).toMatchObject({ address: ADDRESS, intensity: 40, onBattery: true })
  })

  it('shows at once that it starts, though the tab still says that it is off', async () => {
    const { store } = stage()
    store.setAddress(ADDRESS)
    const pressed = store.start()
    await pressed
    expect(store.snapshot.value.state).toEqual({ name: 'starting', step: 'device' })
    expect(store.running.value).toBe(true)
  })

  it('is overtaken by a Stop while the tab loads', async () => {
    let loaded = () => {}
    const { store, calls } = stage({
      load: () =>
        new Promise((resolve) => {
          loaded = resolve
        }),
    })
    store.setAddress(ADDRESS)
    const pressed = store.start()
    await new Promise((resolve) => setImmediate(resolve))
    await store.stop()
    loaded()
    await pressed
    expect(calls).toEqual(['load'])
    expect(store.snapshot.value.state).toEqual({ name: 'stopped', error: null })
  })

  it('says that the tab could not be loaded, and can be pressed again', async () => {
    let fail = true
    const { store, calls } = stage({
      load: async () => {
        if (fail) throw new TypeError('Failed to fetch')
      },
    })
    store.setAddress(ADDRESS)
    await store.start()
    expect(store.loadTrouble.value).toContain('could not be loaded')
    expect(store.running.value).toBe(false)
    fail = false
    await store.start()
    expect(store.loadTrouble.value).toBeNull()
    expect(calls).toEqual(['load', 'load', 'start'])
  })

  it('shows why the tab refused', async () => {
    const refusal = Object.assign(new Error('No GPU.'), { code: 'kernel_failed', fix: 'Update.' })
    const { store } = stage({ startFails: refusal })
    store.setAddress(ADDRESS)
    await store.start()
    expect(store.snapshot.value.state).toEqual({
      name: 'stopped',
      error: { code: 'kernel_failed', message: 'No GPU.', fix: 'Update.' },
    })
  })
})

it('passes the buttons on, and choices only while it runs', async () => {
  const { store, calls, say } = stage()
  store.setIntensity(50)
  store.setStorageBytes(5e9)
  expect(store.snapshot.value.storage.allowedBytes).toBe(5e9)
  store.setAddress(ADDRESS)
  await store.start()
  say({})
  store.setIntensity(60)
  await store.pause()
  await store.resume()
  await store.deleteModel('aa')
  await store.finish()
  await store.stop()
  expect(calls.slice(2)).toEqual([
    'change {"intensity":60}',
    'pause',
    'resume',
    'delete aa',
    'finish',
    'stop',
  ])
})

it('adds up what sessions earned today, over visits and up to midnight', async () => {
  const { store, say, stored, tomorrow } = stage()
  store.setAddress(ADDRESS)
  await store.start()
  say({ session: session('100') })
  say({ session: session('250') })
  expect(store.today.value).toBe('250')
  const next = stage({ stored: Object.fromEntries(stored) })
  await next.store.start()
  next.say({ session: session('50', 9) })
  expect(next.store.today.value).toBe('300')
  tomorrow()
  say({ session: session('0') })
  expect(store.today.value).toBe('0')
})
