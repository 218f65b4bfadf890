import type { Battery } from './governor.ts'
import type { TabSettings, TabSnapshot } from './tabApi.ts'

/** What only the page can see. */
export type PageEvent =
  | { type: 'battery'; battery: Battery | null }
  | { type: 'visibility'; visible: boolean }
  | { type: 'network'; online: boolean }
  /** The page goes away. */
  | { type: 'leaving' }
  /** The compute worker threw outside of a call, or could not be loaded. */
  | { type: 'compute-error'; message: string }

/** Faults that the tests switch on; `none` switches off. `idle-stage` waits 40 ms in place of computing a stage. */
export const faults = [
  'none',
  'zeros',
  'noise',
  'stale',
  'bit-flip',
  'lose-device',
  'vanish',
  'idle-stage',
] as const
export type Fault = (typeof faults)[number]

/** What the page does for the link worker. */
export interface PageApi {
  /** Spawns a compute worker (an older one is killed) and gives a comlink port to it. */
  spawnCompute(): Promise<MessagePort>
  killCompute(): Promise<void>
  /** Settles when the page has it. */
  show(snapshot: TabSnapshot): Promise<void>
}

export interface LinkOptions {
  /** Origin of the relay, e.g. `https://relay.example`. */
  relayUrl: string
  settings: TabSettings
  /** Lets `fault` work. */
  test: boolean
}

/** The link worker as the page sees it, over comlink. */
export interface LinkApi {
  /** Begins a session. The page's end of `page` is a comlink port. */
  start(options: LinkOptions, page: PageApi): Promise<void>
  pause(): Promise<void>
  resume(): Promise<void>
  finish(): Promise<void>
  stop(): Promise<void>
  change(settings: Partial<Omit<TabSettings, 'address'>>): Promise<void>
  deleteModel(hash: string): Promise<void>
  tell(event: PageEvent): Promise<void>
  /** Without effect unless the session was started with `test`. */
  fault(fault: Fault): Promise<void>
}
