import type { ComputeApi, OpenedDevice } from '../compute/computeApi.ts'
import type { TabEnvironment } from './tabEnvironment.ts'

/** Time compute gets to stop by itself before it is killed, ms. */
export const STOP_MS = 200

export type ComputeKeeperEnvironment = Pick<TabEnvironment, 'clock' | 'compute' | 'computeOptions'>

/** The compute worker's life: opened, lost, rebuilt, ended. */
export class ComputeKeeper {
  readonly #environment: ComputeKeeperEnvironment
  #api: ComputeApi | null = null
  #device: OpenedDevice | null = null
  #ended: Promise<void> | null = null
  #callOffRebuild: () => void = () => {}

  constructor(environment: ComputeKeeperEnvironment) {
    this.#environment = environment
  }

  /** The open worker; null while there is none. */
  get api(): ComputeApi | null {
    return this.#api
  }

  /** The device as it was last opened. */
  get device(): OpenedDevice | null {
    return this.#device
  }

  /** Spawns and opens a worker; null when the session ended meanwhile. @throws what `open` throws */
  async open(): Promise<ComputeApi | null> {
    const { compute, computeOptions } = this.#environment
    const [options, api] = await Promise.all([computeOptions(), compute.spawn()])
    if (this.#ended) {
      compute.kill()
      return null
    }
    const device = await api.open(options)
    if (this.#ended) return null
    this.#device = device
    this.#api = api
    return api
  }

  /** Kills the worker now and opens another one after `ms`. */
  rebuild(ms: number, done: (api: ComputeApi) => void, failed: (error: unknown) => void): void {
    this.lose()
    this.#callOffRebuild = this.#environment.clock.after(ms, () => {
      this.open().then((api) => api && done(api), failed)
    })
  }

  /** Kills the worker now. */
  lose(): void {
    this.#api = null
    this.#environment.compute.kill()
  }

  /** Stops the worker's GPU work at once and kills it STOP_MS later; settles when it is gone. */
  end(): Promise<void> {
    this.#ended ??= new Promise((resolve) => {
      const { clock, compute } = this.#environment
      this.#callOffRebuild()
      // A worker that cannot stop is killed all the same.
      this.#api?.stop().catch(() => {})
      this.#api = null
      clock.after(STOP_MS, () => {
        compute.kill()
        resolve()
      })
    })
    return this.#ended
  }
}
