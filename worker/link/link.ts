import { expose } from 'comlink'
import { transferErrors } from '../compute/transferError.ts'
import { browserKeyValues } from './browserKeyValues.ts'
import { computeOptions } from './computeOptions.ts'
import { faultyHost } from './faults.ts'
import type { Fault, LinkApi } from './linkApi.ts'
import { MemoryFiles } from './memoryFiles.ts'
import { OpfsFiles } from './opfsFiles.ts'
import { pageComputeHost } from './remoteCompute.ts'
import { relayShardSource } from './shardSource.ts'
import { ShardStore, sha256Of } from './shardStore.ts'
import { TabSession } from './tabSession.ts'
import { openWebSocket, tabSocketUrl } from './webSocket.ts'
import { workerClock } from './workerClock.ts'

// The link worker's entry: real socket, real files and real compute around the session's core.

transferErrors()
const clock = workerClock()
const keyValues = browserKeyValues()
let session: TabSession | null = null
/** What comes while a session is being made waits for it. */
let made: Promise<void> = Promise.resolve()
let fault: Fault = 'none'
let faultsAllowed = false

async function make(...[{ relayUrl, settings, test }, page]: Parameters<LinkApi['start']>): Promise<void> {
  await session?.stop()
  fault = 'none'
  faultsAllowed = test
  const host = pageComputeHost(page)
  const faultSwitch = {
    now: () => fault,
    spent: () => {
      fault = 'none'
    },
  }
  session = new TabSession({
    environment: {
      clock,
      random: Math.random,
      openSocket: (listener) => openWebSocket(tabSocketUrl(relayUrl), listener),
      compute: test ? faultyHost(host, faultSwitch) : host,
      computeOptions: () => computeOptions(test, settings.memoryBytes),
      store: new ShardStore({
        files: (await OpfsFiles.open()) ?? new MemoryFiles(),
        source: relayShardSource(relayUrl),
        digest: sha256Of,
        keyValues,
        now: clock.now,
        limitBytes: settings.storageBytes,
      }),
    },
    keyValues,
    settings,
    show: (snapshot) => page.show(snapshot),
  })
}

const link: LinkApi = {
  async start(options, page) {
    made = make(options, page)
    await made
    await session?.start()
  },
  async pause() {
    await made
    session?.pause()
  },
  async resume() {
    await made
    session?.resume()
  },
  async finish() {
    await made
    session?.finish()
  },
  async stop() {
    await made
    await session?.stop()
  },
  async change(settings) {
    await made
    session?.change(settings)
  },
  async deleteModel(hash) {
    await made
    await session?.deleteModel(hash)
  },
  async tell(event) {
    await made
    session?.tell(event)
  },
  async fault(next) {
    await made
    if (!faultsAllowed) return
    fault = next
    if (next === 'vanish') session?.vanish()
  },
}

expose(link)
