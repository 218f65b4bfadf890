import { computed, type ReadonlySignal, signal } from '@preact/signals'
import { isErrorCode } from '../../protocol/errors.ts'
import { snapshotAtRest } from '../../worker/link/snapshotAtRest.ts'
import type { TabApi, TabSettings, TabSnapshot, TabState } from '../../worker/link/tabApi.ts'
import { say } from '../text/say.ts'
import { type AddressCheck, checkAddress, type Eip55 } from './addressCheck.ts'
import { clampIntensity, readSettings } from './settings.ts'
import { isRunning } from './stateSentence.ts'
import { addSession, earnedToday, readTally } from './todayTally.ts'

/** What the store needs of the browser. */
export interface TabStoreEnvironment {
  /** Fetches the code of the tab's workers and makes them; called on Start and not before. */
  loadTab(): Promise<TabApi>
  loadEip55(): Promise<Eip55>
  /** Small texts kept between visits; both are silent where the browser forbids storage. */
  storage: { get(key: string): string | null; set(key: string, value: string): void }
  /** The reader's calendar day, `2026-11-22`. */
  today(): string
}

/** The tab as the pages see it: what it shows, what the person chose, and the buttons. */
export interface TabStore {
  snapshot: ReadonlySignal<TabSnapshot>
  settings: ReadonlySignal<TabSettings>
  running: ReadonlySignal<boolean>
  /** What is wrong with the address; null while nothing is known to be. */
  addressTrouble: ReadonlySignal<string | null>
  /** Why the tab could not be started at all. */
  loadTrouble: ReadonlySignal<string | null>
  /** Micro-credits of this browser, today, for the address in use. */
  today: ReadonlySignal<string>
  setAddress(text: string): void
  /** Checks the address now; true when it is good. */
  checkAddress(): Promise<boolean>
  setIntensity(percent: number): void
  setOnBattery(allowed: boolean): void
  setCustomKernels(allowed: boolean): void
  setStorageBytes(bytes: number): void
  setMemoryBytes(bytes: number): void
  start(): Promise<void>
  pause(): Promise<void>
  resume(): Promise<void>
  finish(): Promise<void>
  stop(): Promise<void>
  deleteModel(hash: string): Promise<void>
}

const SETTINGS_KEY = 'opentab.settings'
const TALLY_KEY = 'opentab.today'

/** Makes the store. Nothing is fetched and no device is touched before `start`. */
export function createTabStore(environment: TabStoreEnvironment): TabStore {
  const { storage } = environment
  const settings = signal(readSettings(storage.get(SETTINGS_KEY)))
  const snapshot = signal(snapshotAtRest(settings.value.storageBytes))
  const addressTrouble = signal<string | null>(null)
  const loadTrouble = signal<string | null>(null)
  const tally = signal(readTally(storage.get(TALLY_KEY)))
  const running = computed(() => isRunning(snapshot.value.state))
  let tab: TabApi | null = null
  /** Counts Start and Stop, so that a Stop during the loading of the tab is not overtaken by it. */
  let press = 0
  let starting = false

  function show(next: TabSnapshot): void {
    // The tab's first snapshot says that it is off, though Start (and perhaps Stop) was pressed already.
    if (next.state.name === 'off' && snapshot.value.state.name !== 'off') return
    starting = false
    snapshot.value = next
    const { startedAt, microCredits } = next.session
    if (startedAt === null || microCredits === '0') return
    const id = String(startedAt)
    const day = environment.today()
    const { address } = settings.value
    const known = tally.value
    if (known?.day === day && known.address === address && known.sessions[id] === microCredits) return
    tally.value = addSession(known, { day, address, id, microCredits })
    storage.set(TALLY_KEY, JSON.stringify(tally.value))
  }

  function choose(change: Partial<TabSettings>): void {
    settings.value = { ...settings.value, ...change }
    storage.set(SETTINGS_KEY, JSON.stringify(settings.value))
  }

  /** A choice that a running tab must hear of. */
  function change(changed: Partial<Omit<TabSettings, 'address'>>): void {
    choose(changed)
    if (tab !== null && running.value) void tab.change(changed)
    else if (changed.storageBytes !== undefined) {
      const { storage: used } = snapshot.value
      snapshot.value = { ...snapshot.value, storage: { ...used, allowedBytes: changed.storageBytes } }
    }
  }

  async function check(): Promise<AddressCheck | null> {
    try {
      const result = checkAddress(settings.value.address, await environment.loadEip55())
      addressTrouble.value = result.ok ? null : result.text
      return result
    } catch {
      loadTrouble.value = say('state.notLoaded')
      return null
    }
  }

  async function start(): Promise<void> {
    if (running.value) return
    const mine = ++press
    loadTrouble.value = null
    const checked = await check()
    if (mine !== press || checked === null || !checked.ok) return
    choose({ address: checked.address })
    starting = true
    snapshot.value = { ...snapshot.value, state: { name: 'starting', step: 'device' } }
    try {
      if (tab === null) {
        const loaded = await environment.loadTab()
        await loaded.subscribe(show)
        tab = loaded
      }
      if (mine !== press) return
      await tab.start(settings.value)
    } catch (error) {
      if (mine !== press) return
      starting = false
      if (tab === null) {
        loadTrouble.value = say('state.notLoaded')
        snapshot.value = { ...snapshot.value, state: { name: 'off' } }
      } else snapshot.value = { ...snapshot.value, state: { name: 'stopped', error: readError(error) } }
    }
  }

  async function stop(): Promise<void> {
    press++
    if (starting) {
      starting = false
      snapshot.value = { ...snapshot.value, state: { name: 'stopped', error: null } }
    }
    await tab?.stop()
  }

  return {
    snapshot,
    settings,
    running,
    addressTrouble,
    loadTrouble,
    today: computed(() => {
      // Read with each snapshot, so that the figure begins anew at midnight.
      void snapshot.value
      return earnedToday(tally.value, environment.today(), settings.value.address)
    }),
    setAddress: (text) => {
      addressTrouble.value = null
      choose({ address: text.trim() })
    },
    checkAddress: async () => (await check())?.ok === true,
    setIntensity: (percent) => change({ intensity: clampIntensity(percent) }),
    setOnBattery: (allowed) => change({ onBattery: allowed }),
    setCustomKernels: (allowed) => change({ customKernels: allowed }),
    setStorageBytes: (bytes) => change({ storageBytes: bytes }),
    setMemoryBytes: (bytes) => change({ memoryBytes: bytes }),
    start,
    pause: async () => tab?.pause(),
    resume: async () => tab?.resume(),
    finish: async () => tab?.finish(),
    stop,
    deleteModel: async (hash) => tab?.deleteModel(hash),
  }
}

/** An error that crossed from a worker, as the state of a stopped tab carries it. */
function readError(error: unknown): Extract<TabState, { name: 'stopped' }>['error'] {
  const field = (name: string): unknown =>
    typeof error === 'object' && error !== null ? Reflect.get(error, name) : undefined
  const code = field('code')
  const fix = field('fix')
  return {
    code: typeof code === 'string' && isErrorCode(code) ? code : 'internal',
    message: error instanceof Error ? error.message : String(error),
    fix: typeof fix === 'string' ? fix : '',
  }
}
