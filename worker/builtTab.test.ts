import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { extname, join, normalize } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { build } from 'vite'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { onnxFile } from '../engine/onnx/testGraph.ts'
import { decodeResults, encodeLeases } from '../protocol/frames.ts'
import { decodeFromTab, encodeMessage, type FromRelay, type FromTab } from '../protocol/messages.ts'
import { seededInt8 } from '../protocol/seededInputs.ts'
import type { Lease, TaskResult } from '../protocol/task.ts'
import { kernelLease } from './link/fakeRelay.ts'
import type { TestPage } from './page/testPage/testPage.ts'

// The whole tab as it is built, in a real browser, against a relay that only says what a test tells it to say.

const root = new URL('..', import.meta.url).pathname
const types: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.wasm': 'application/wasm',
}
const computePolicy =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval' blob:; worker-src 'self' blob:; connect-src 'none'"
const installed = ['/usr/bin/chromium', '/usr/bin/google-chrome', '/usr/bin/chromium-browser']
const executablePath = process.env.OPENTAB_CHROMIUM ?? installed.find((path) => existsSync(path))
const address = '0x52908400098527886e0f7030069857d2e4169ee7'

let folder: string
let browser: Browser
let page: Page
let origin: string
let socket: WebSocket | null = null
const blobs = new Map<string, Uint8Array>()
/** Paths that were asked for. */
const requests: string[] = []
let heard: (FromTab | { type: 'results'; results: TaskResult[] })[] = []
let wake = () => {}

const server = createServer(async ({ url, headers: { range } }, response) => {
  const { pathname } = new URL(url ?? '/', 'http://local')
  requests.push(pathname)
  const blob = blobs.get(pathname.replace('/blobs/', ''))
  const file = join(folder, normalize(pathname))
  if (!blob && !existsSync(file)) return void response.writeHead(404).end()
  response.writeHead(200, {
    'content-type': types[extname(file)] ?? 'application/octet-stream',
    ...(pathname.startsWith('/assets/compute/') && { 'content-security-policy': computePolicy }),
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-embedder-policy': 'require-corp',
    ...(range && { 'x-range-was': range }),
  })
  response.end(blob ?? (await readFile(file)))
})

const say = (message: FromRelay) => socket?.send(encodeMessage(message))
const lease = (...leases: Lease[]) => socket?.send(encodeLeases(leases))

/** The first message that fits, now or later. */
async function hear<T extends (typeof heard)[number]>(
  fits: (message: (typeof heard)[number]) => message is T,
) {
  for (;;) {
    const found = heard.find(fits)
    if (found) return found
    await new Promise<void>((resolve) => {
      wake = resolve
    })
  }
}
type Heard<T extends (typeof heard)[number]['type']> = Extract<(typeof heard)[number], { type: T }>
const hearType = <T extends (typeof heard)[number]['type']>(type: T) =>
  hear((message): message is Heard<T> => message.type === type)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'opentab-tab-'))
  await build({
    root,
    configFile: join(root, 'vite.config.ts'),
    logLevel: 'error',
    build: { outDir: folder, rolldownOptions: { input: join(root, 'worker/page/testPage/index.html') } },
  })
  new WebSocketServer({ server, path: '/tab' }).on('connection', (connected) => {
    socket = connected
    connected.on('message', (data, isBinary) => {
      const bytes = new Uint8Array(data as Buffer)
      if (isBinary) heard.push({ type: 'results', results: decodeResults(bytes) })
      else {
        const message = decodeFromTab(data.toString())
        heard.push(message)
        if (message.type === 'hello') {
          const relay = { name: 'scripted', version: '0' }
          const resumed = message.resume !== undefined
          say({
            type: 'welcome',
            version: 1,
            tab: 't1',
            resume: 'r',
            resumed,
            relay,
            heartbeatMs: 4000,
            deviceClass: 'c',
          })
        }
      }
      wake()
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const bound = server.address()
  if (bound === null || typeof bound === 'string') throw new Error('no port')
  origin = `http://127.0.0.1:${bound.port}`
  browser = await chromium.launch({
    ...(executablePath === undefined ? {} : { executablePath }),
    args: ['--no-sandbox', '--enable-unsafe-webgpu', '--disable-quic', '--disable-background-networking'],
  })
}, 90_000)

afterAll(async () => {
  await browser?.close()
  server.closeAllConnections()
  server.close()
  if (folder) await rm(folder, { recursive: true })
})

beforeEach(async () => {
  heard = []
  requests.length = 0
  page = await browser.newPage()
  page.on('pageerror', (error) => console.error(error))
  await page.goto(`${origin}/worker/page/testPage/index.html`)
  await page.waitForFunction('globalThis.testPage')
})

afterEach(async () => {
  await page.close()
})

const inPage = <T>(run: (testPage: TestPage) => T | Promise<T>): Promise<T> =>
  page.evaluate(`(${run.toString()})(globalThis.testPage)`) as Promise<T>

async function start() {
  void page
    .evaluate(
      (payee) =>
        (globalThis as unknown as { testPage: TestPage }).testPage.tab.start({
          address: payee,
          intensity: 100,
          onBattery: true,
          memoryBytes: 0,
          customKernels: false,
          storageBytes: 1e8,
        }),
      address,
    )
    .catch(() => {})
  return await hearType('hello')
}

const state = () => inPage((testPage) => testPage.latest?.state ?? null)
const waitForState = (name: string) =>
  page.waitForFunction(`globalThis.testPage.latest.state.name === '${name}'`, null, { timeout: 30_000 })

describe('the built tab', () => {
  it('asks for nothing before Start: no runtime, no worker, no socket', async () => {
    expect(await state()).toEqual({ name: 'off' })
    expect(requests.filter((path) => /wasm|compute|link|blobs/.test(path))).toEqual([])
    expect(page.workers()).toEqual([])
  }, 60_000)

  it('greets with its device, computes a kernel rightly, and stops within a second', async () => {
    const hello = await start()
    expect(hello).toMatchObject({ address, device: { webgpu: true }, slots: 8 })
    lease(kernelLease(1))
    const { results } = await hearType('results')
    const [a, b] = [seededInt8(1, 0, 64), seededInt8(1, 1, 64)]
    const c = new Int32Array(results[0]!.outputs[0]!.bytes.slice().buffer)
    for (let i = 0; i < 64; i++) {
      let sum = 0
      for (let k = 0; k < 8; k++) sum += a[(i >> 3) * 8 + k]! * b[k * 8 + (i & 7)]!
      expect(c[i]).toBe(sum)
    }
    const big = kernelLease(2)
    lease({
      ...big,
      spec: { ...big.spec, kind: 'kernel', shape: { m: 2048, k: 2048, n: 2048 } } as Lease['spec'],
    })
    await page.waitForFunction('globalThis.testPage.latest.current !== null')
    const before = performance.now()
    const stopped = inPage((testPage) => testPage.tab.stop())
    expect(await hearType('handback')).toMatchObject({ leases: [[2, 1]], reason: 'stop' })
    await hearType('leaving')
    await stopped
    expect(performance.now() - before).toBeLessThan(1000)
    await waitForState('stopped')
    // The browser tells of a worker's end a moment after it.
    await expect
      .poll(() => page.workers().filter((worker) => worker.url().includes('compute')), { timeout: 10_000 })
      .toEqual([])
  }, 60_000)

  it('fetches a model, keeps it over a reload, and runs it', async () => {
    const file = onnxFile({
      inputs: [{ name: 'x', datatype: 'UINT8', shape: ['n'] }],
      outputs: [{ name: 'y', datatype: 'UINT8', shape: ['n'] }],
      nodes: [{ op: 'Max', inputs: ['x', 'x'], outputs: ['y'] }],
    })
    const sha256 = createHash('sha256').update(file).digest('hex')
    blobs.set(sha256, file)
    const spec = { datatype: 'UINT8', shape: ['n'] } as const
    const graph = {
      name: 'main',
      shards: [{ sha256, bytes: file.byteLength }],
      inputs: [{ name: 'x', ...spec }],
      outputs: [{ name: 'y', ...spec }],
      tolerance: { rtol: 0, atol: 0 },
    }
    const manifest = {
      v: 1,
      id: 'max',
      kind: 'onnx',
      graphs: [graph],
      files: {},
      licence: '',
      source: '',
    } as const
    const model = { hash: 'ab'.repeat(32), manifest }
    const ready = () =>
      hear((message): message is Heard<'ready'> => message.type === 'ready' && message.models.length === 1)
    await start()
    say({ type: 'models', models: [model] })
    await ready()
    const x = { name: 'x', datatype: 'UINT8' as const, shape: [3], bytes: Uint8Array.of(1, 2, 255) }
    lease({
      task: 7,
      generation: 1,
      leaseMs: 15_000,
      spec: { kind: 'infer', model: model.hash, graph: 0, inputs: [x] },
    })
    const { results } = await hearType('results')
    expect(results[0]!.outputs).toMatchObject([{ name: 'y', shape: [3] }])
    expect([...results[0]!.outputs[0]!.bytes]).toEqual([1, 2, 255])
    expect(requests.filter((path) => path.startsWith('/blobs/'))).toHaveLength(1)
    await page.reload()
    await page.waitForFunction('globalThis.testPage')
    heard = []
    await start()
    say({ type: 'models', models: [model] })
    await ready()
    expect(requests.filter((path) => path.startsWith('/blobs/'))).toHaveLength(1)
  }, 60_000)

  it('keeps computing while the relay is gone and hands the result to one that resumes', async () => {
    await start()
    const big = kernelLease(3)
    lease({
      ...big,
      spec: { ...big.spec, kind: 'kernel', shape: { m: 512, k: 512, n: 512 } } as Lease['spec'],
    })
    await page.waitForFunction('globalThis.testPage.latest.current !== null')
    heard = []
    socket?.terminate()
    expect(await hearType('hello')).toMatchObject({ resume: 'r' })
    expect((await hearType('results')).results).toMatchObject([{ task: 3, generation: 1 }])
  }, 60_000)

  it('hands the task back when the device is lost, and says so', async () => {
    await start()
    await inPage((testPage) => testPage.tab.fault('lose-device'))
    lease(kernelLease(4))
    expect(await hearType('handback')).toMatchObject({ leases: [[4, 1]], reason: 'device-lost' })
    await waitForState('paused')
    expect(await state()).toMatchObject({ name: 'paused', reason: 'device-lost' })
  }, 60_000)

  it('finishes: ends the task in hand, then leaves', async () => {
    await start()
    lease(kernelLease(5))
    await hearType('results')
    await inPage((testPage) => testPage.tab.finish())
    await hearType('leaving')
    await waitForState('stopped')
    expect(await state()).toEqual({ name: 'stopped', error: null })
  }, 60_000)
})
