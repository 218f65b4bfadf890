import { expose } from 'comlink'
import { faultyCompute } from './faults.ts'
import type { Fault, LinkApi, PageEvent } from './linkApi.ts'
import { MemoryFiles } from './memoryFiles.ts'
import { OpfsFiles } from './opfsFiles.ts'
import { loadOrtWasm } from './ortWasm.ts'
import { pageComputeHost } from './remoteCompute.ts'
import { browserKeyValues } from './settingsStore.ts'
import { relayShardSource } from './shardSource.ts'
import { ShardStore, sha256Of } from './shardStore.ts'
import { TabSession } from './tabSession.ts'
import { wasmThreadsFor } from './wasmThreadsFor.ts'
import { openWebSocket, tabSocketUrl } from './webSocket.ts'
import { workerClock } from './workerClock.ts'

/** The link worker: real socket, real files, real compute around the session's core. */

const clock = workerClock()
const keyValues = browserKeyValues()
let session: TabSession | null = null
/** What the page told while a session was being made. */
let early: PageEvent[] = []
let fault: Fault = 'none'
let faultsAllowed = false

const link: LinkApi = {
  async start({ relayUrl, settings, test }, page) {
    const last = session
    session = null
    early = []
    await last?.stop()
    fault = 'none'
    faultsAllowed = test
    const host = pageComputeHost(page)
    const store = new ShardStore({
      files: (await OpfsFiles.open()) ?? new MemoryFiles(),
      source: relayShardSource(relayUrl),
      digest: sha256Of,
      keyValues,
      now: clock.now,
      limitBytes: settings.storageBytes,
    })
    session = new TabSession({
      environment: {
        clock,
        random: Math.random,
        store,
        loadWasm: loadOrtWasm,
        wasmThreads: wasmThreadsFor(navigator.hardwareConcurrency, crossOriginIsolated),
        openSocket: (listener) => openWebSocket(tabSocketUrl(relayUrl), listener),
        compute: test
          ? {
              kill: () => host.kill(),
              spawn: async () =>
                faultyCompute(
                  await host.spawn(),
                  () => fault,
                  () => {
                    fault = 'none'
                  },
                ),
            }
          : host,
      },
      keyValues,
      settings,
      show: (snapshot) => page.show(snapshot),
    })
    for (const event of early) session.tell(event)
    await session.start()
  },
  async pause() {
    session?.pause()
  },
  async resume() {
    session?.resume()
  },
  async finish() {
    session?.finish()
  },
  async stop() {
    await session?.stop()
  },
  async change(settings) {
    session?.change(settings)
  },
  async deleteModel(hash) {
    await session?.deleteModel(hash)
  },
  async tell(event) {
    if (session) session.tell(event)
    else early.push(event)
  },
  async fault(next) {
    if (!faultsAllowed) return
    fault = next
    if (next === 'vanish') session?.vanish()
  },
}

expose(link)
