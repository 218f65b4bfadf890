import { OpentabError } from '../../protocol/errors.ts'
import { CUSTOM_KERNELS } from '../../protocol/kernel/kernelProgram.ts'
import type { FromTab, Hello, TuningReport } from '../../protocol/messages.ts'
import type { OpenedDevice } from '../compute/computeApi.ts'
import type { ModelLoader } from './modelLoader.ts'
import type { PauseReason, TabSettings } from './tabApi.ts'

/** Leases the tab wants to hold at once: enough to stay busy over a round trip. */
export const SLOTS = 8

export interface SelfReportOptions {
  settings: Readonly<TabSettings>
  /** The open device; null before there is one. */
  device(): OpenedDevice | null
  models(): Pick<ModelLoader, 'ready' | 'ranges' | 'failed'>
  /** To the relay where it listens; else dropped. */
  say(message: FromTab): void
}

/** What the tab tells the relay of itself: in its greeting, and each time that something of it changes. */
export class SelfReport {
  readonly #options: SelfReportOptions
  /** What the newest greeting said of models. */
  #greetedWith = ''
  /** The pause the relay was told of; undefined: told nothing since the greeting. */
  #toldPause: string | null | undefined
  /** What was measured of kernels here; null before anything was. */
  #tuning: TuningReport | null = null

  constructor(options: SelfReportOptions) {
    this.#options = options
  }

  hello(): Omit<Hello, 'type' | 'version' | 'resume'> {
    const { address, storageBytes, memoryBytes, customKernels } = this.#options.settings
    const device = this.#options.device()
    if (!device) throw new OpentabError('internal', 'The tab greets before its device is open.')
    const { ready, ranges, failed } = this.#options.models()
    this.#greetedWith = JSON.stringify([ready, ranges, failed])
    return {
      address,
      device: device.report,
      kernels: customKernels && device.report.webgpu ? [...device.kernels, CUSTOM_KERNELS] : device.kernels,
      ready,
      ranges,
      failed,
      slots: SLOTS,
      storageBytes,
      memoryBytes,
    }
  }

  /** The relay has answered the greeting: what that did not say, or what changed since, is said now. */
  welcomed(): void {
    // The greeting says nothing of a pause, and a relay that resumes may hold an old one.
    this.#toldPause = undefined
    if (this.#tuning) this.tuned(this.#tuning)
    const { ready, ranges, failed } = this.#options.models()
    if (JSON.stringify([ready, ranges, failed]) !== this.#greetedWith) this.modelsChanged()
  }

  modelsChanged(): void {
    const { ready, ranges, failed } = this.#options.models()
    this.#options.say({ type: 'ready', models: ready, ranges, failed })
  }

  tuned(report: TuningReport): void {
    this.#tuning = report
    this.#options.say({ type: 'tuned', ...report })
  }

  /** @returns whether the relay had been told something else */
  paused(reason: PauseReason | null): boolean {
    if (reason === this.#toldPause) return false
    this.#toldPause = reason
    this.#options.say(reason ? { type: 'state', state: 'paused', reason } : { type: 'state', state: 'ready' })
    return true
  }
}
