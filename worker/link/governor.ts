import type { PauseReason } from './tabApi.ts'
import type { Clock } from './tabEnvironment.ts'

/** Pause after the first loss of the device, ms: browsers block the GPU after two losses in two minutes. */
export const DEVICE_LOST_WAIT_MS = 40_000
/** Shorter rests than this are saved up, ms: timers are coarse. */
export const LEAST_REST_MS = 20

export interface Battery {
  charging: boolean
}

export interface Pause {
  reason: PauseReason
  /** Epoch ms at which it ends by itself; null when a person or a plug must end it. */
  until: number | null
}

/** Decides when work is allowed: the person's pause, the battery, a lost device, and the duty cycle. */
export class Governor {
  readonly #clock: Pick<Clock, 'now'>
  #userPaused = false
  #battery: Battery | null = null
  #lostUntil: number | null = null
  #losses = 0
  #restOwedMs = 0
  /** Duty cycle, percent from 10 to 100. */
  intensity: number
  onBattery: boolean

  constructor(clock: Pick<Clock, 'now'>, settings: { intensity: number; onBattery: boolean }) {
    this.#clock = clock
    this.intensity = settings.intensity
    this.onBattery = settings.onBattery
  }

  pauseByUser(paused: boolean): void {
    this.#userPaused = paused
  }

  setBattery(battery: Battery | null): void {
    this.#battery = battery
  }

  /** The device was lost: wait and rebuild the first time, stop the second time. */
  deviceLost(): 'wait' | 'stop' {
    this.#losses++
    if (this.#losses > 1) return 'stop'
    this.#lostUntil = this.#clock.now() + DEVICE_LOST_WAIT_MS
    return 'wait'
  }

  /** The compute worker was rebuilt. */
  deviceBack(): void {
    this.#lostUntil = null
  }

  /** Why no work may start now; null when it may. */
  get pause(): Pause | null {
    if (this.#userPaused) return { reason: 'you', until: null }
    if (this.#lostUntil !== null) return { reason: 'device-lost', until: this.#lostUntil }
    if (this.#battery && !this.#battery.charging && !this.onBattery) return { reason: 'battery', until: null }
    return null
  }

  /**
   * Rest after a task of `taskMs`, ms: taskMs * (100 - intensity) / intensity. Rests below LEAST_REST_MS are 0 and
   * are owed to a later one, so that tiny tasks keep the same duty cycle.
   */
  restAfter(taskMs: number): number {
    const share = Math.min(Math.max(this.intensity, 10), 100)
    this.#restOwedMs += (taskMs * (100 - share)) / share
    if (this.#restOwedMs < LEAST_REST_MS) return 0
    const restMs = this.#restOwedMs
    this.#restOwedMs = 0
    return restMs
  }
}
