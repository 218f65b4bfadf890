import { proxy, type Remote, transfer, wrap } from 'comlink'
import type { Fault, LinkApi, PageEvent } from './link/linkApi.ts'
import { snapshotAtRest } from './link/snapshotAtRest.ts'
import type { TabApi, TabSnapshot } from './link/tabApi.ts'
import { createComputeSpawner } from './page/computeSpawner.ts'
import { keepAwake, watchPage } from './page/watchPage.ts'

export type { Fault } from './link/linkApi.ts'
export type * from './link/tabApi.ts'

export interface TabOptions {
  /** Origin of the relay, e.g. `location.origin`. */
  relayUrl: string
  /** Allows `fault`; only where the relay says that it runs for tests. */
  test?: boolean
}

export interface Tab extends TabApi {
  /** Switches a fault on; without effect unless made with `test`. */
  fault(fault: Fault): Promise<void>
}

/** The tab on the page. Nothing is loaded, fetched or asked of the GPU before `start`. */
export function createTab({ relayUrl, test = false }: TabOptions): Tab {
  const listeners = new Set<(snapshot: TabSnapshot) => void>()
  let latest = snapshotAtRest(0)
  let link: Remote<LinkApi> | null = null
  let endWatch: (() => void) | null = null

  const show = (snapshot: TabSnapshot) => {
    latest = snapshot
    if (snapshot.state.name === 'stopped') unwatch()
    for (const listener of listeners) listener(snapshot)
  }
  const unwatch = () => {
    endWatch?.()
    endWatch = null
  }
  const tell = (event: PageEvent) => void link?.tell(event)
  const compute = createComputeSpawner(
    () =>
      new Worker(new URL('./compute/compute.ts', import.meta.url), {
        type: 'module',
        name: 'opentab compute',
      }),
    (message) => tell({ type: 'compute-error', message }),
  )
  const page = proxy({
    async spawnCompute() {
      const port = await compute.spawn()
      return transfer(port, [port])
    },
    async killCompute() {
      compute.kill()
    },
    async show(snapshot: TabSnapshot) {
      show(snapshot)
    },
  })

  const makeLink = (): Remote<LinkApi> => {
    const worker = new Worker(new URL('./link/link.ts', import.meta.url), {
      type: 'module',
      name: 'opentab link',
    })
    worker.onerror = ({ message }) => {
      worker.terminate()
      compute.kill()
      link = null
      const error = {
        code: 'internal' as const,
        message: message || 'The link worker could not be loaded.',
        fix: 'Reload the tab.',
      }
      show({ ...latest, state: { name: 'stopped', error } })
    }
    return wrap<LinkApi>(worker)
  }

  return {
    async subscribe(listener) {
      listeners.add(listener)
      listener(latest)
    },
    async start(settings) {
      link ??= makeLink()
      unwatch()
      const started = link.start({ relayUrl, settings, test }, page)
      const ends = [watchPage(tell), keepAwake()]
      endWatch = () => {
        for (const end of ends) end()
      }
      await started
    },
    async pause() {
      await link?.pause()
    },
    async resume() {
      await link?.resume()
    },
    async finish() {
      await link?.finish()
    },
    async stop() {
      await link?.stop()
    },
    async change(settings) {
      await link?.change(settings)
    },
    async deleteModel(hash) {
      await link?.deleteModel(hash)
    },
    async fault(fault) {
      await link?.fault(fault)
    },
  }
}
