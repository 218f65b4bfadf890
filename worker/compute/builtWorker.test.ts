import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { extname, join, normalize } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { build } from 'vite'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { onnxFile } from '../../engine/onnx/testGraph.ts'
import { seededInt8 } from '../../protocol/seededInputs.ts'
import type { TaskSpec } from '../../protocol/task.ts'
import type { TestPage } from './testPage/testPage.ts'

// The compute worker as it is built and served: under a policy that gives it no network.

const root = new URL('../..', import.meta.url).pathname
const page404 = { status: 404, headers: {} }
const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.wasm': 'application/wasm',
}
const computePolicy =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval' blob:; worker-src 'self' blob:; connect-src 'none'"
const pagePolicy = "default-src 'none'; script-src 'self'; worker-src 'self'; connect-src 'self'"

let folder: string
let server: Server
let browser: Browser
let page: Page
let origin: string
/** Paths that were asked for, in order. */
const requests: string[] = []

const installed = ['/usr/bin/chromium', '/usr/bin/google-chrome', '/usr/bin/chromium-browser']
const executablePath = process.env.OPENTAB_CHROMIUM ?? installed.find((path) => existsSync(path))

async function answer(path: string): Promise<{ status: number; headers: object; body?: Buffer }> {
  const file = join(folder, normalize(path))
  if (!existsSync(file)) return page404
  const headers = {
    'content-type': types[extname(file)] ?? 'application/octet-stream',
    'content-security-policy': path.startsWith('/assets/compute/') ? computePolicy : pagePolicy,
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-embedder-policy': 'require-corp',
    'cross-origin-resource-policy': 'same-origin',
  }
  return { status: 200, headers, body: await readFile(file) }
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'opentab-built-'))
  await build({
    root,
    configFile: join(root, 'vite.config.ts'),
    logLevel: 'error',
    build: {
      outDir: folder,
      rolldownOptions: { input: join(root, 'worker/compute/testPage/index.html') },
    },
  })
  server = createServer(async ({ url }, response) => {
    const { pathname } = new URL(url ?? '/', 'http://local')
    requests.push(pathname)
    const { status, headers, body } = await answer(pathname)
    response.writeHead(status, { ...headers }).end(body)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  origin = `http://127.0.0.1:${address.port}`
  browser = await chromium.launch({
    ...(executablePath === undefined ? {} : { executablePath }),
    args: ['--no-sandbox', '--enable-unsafe-webgpu', '--disable-quic', '--disable-background-networking'],
  })
}, 60_000)

afterAll(async () => {
  await browser?.close()
  server?.close()
  if (folder) await rm(folder, { recursive: true })
})

beforeEach(async () => {
  page = await browser.newPage()
  await page.goto(`${origin}/worker/compute/testPage/index.html`)
  await page.waitForFunction('globalThis.testPage')
})

afterEach(async () => {
  await page.close()
})

/** Opens a fresh compute worker in the page; `globalThis.api` is it. */
const open = (options: { wasmThreads: number; test?: boolean }) =>
  page.evaluate(async (given) => {
    const { testPage } = globalThis as unknown as { testPage: TestPage }
    const wasmBinary = await (await fetch(testPage.wasmRuntime.binary)).arrayBuffer()
    const { api } = await testPage.spawn()
    Object.assign(globalThis, { api })
    return await api.open(testPage.transfer({ ...given, wasmBinary, memoryBytes: 0 }, [wasmBinary]))
  }, options)

type Spec = { inputs: { bytes: number[] }[] }
type Outcome =
  | { outputs: { name: string; shape: readonly number[]; bytes: number[] }[]; error: null }
  | { outputs: null; error: { code: string; message: string; name: string } }

/** Runs tasks at once and gives what each came to. `then` is called as soon as they are under way. */
const run = (specs: Spec[], then: 'stop' | 'terminate' | 'wait' = 'wait'): Promise<Outcome[]> =>
  page.evaluate(
    async ([given, next]) => {
      const { testPage, api } = globalThis as unknown as {
        testPage: TestPage
        api: Awaited<ReturnType<TestPage['spawn']>>['api']
      }
      const withBytes = (spec: (typeof given)[number]) => ({
        ...spec,
        inputs: spec.inputs.map((tensor) => ({ ...tensor, bytes: Uint8Array.from(tensor.bytes) })),
      })
      const running = Promise.all(
        given.map((spec) =>
          api.run(withBytes(spec) as unknown as TaskSpec, 1).then(
            ({ outputs }) => ({
              outputs: outputs.map(({ name, shape, bytes }) => ({ name, shape, bytes: [...bytes] })),
              error: null,
            }),
            ({ code, message, name }: { code: string; message: string; name: string }) => ({
              outputs: null,
              error: { code, message, name },
            }),
          ),
        ),
      )
      if (next === 'stop') await api.stop()
      if (next === 'terminate') {
        // Answered behind the tasks' messages: by now the first one runs.
        await api.unloadModel('none')
        testPage.worker?.terminate()
        return []
      }
      return running
    },
    [specs, then] as const,
  )

const matmul = (size: number) => ({
  kind: 'kernel',
  kernel: 'matmul-i8',
  subject: '0'.repeat(64),
  shape: { m: size, k: size, n: size },
  seed: 7,
  inputs: [],
})

/** c[m,n] of two seeded square matrices, as bytes. */
function expectedProduct(size: number): number[] {
  const [a, b] = [seededInt8(7, 0, size * size), seededInt8(7, 1, size * size)]
  const c = new Int32Array(size * size)
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      for (let i = 0; i < size; i++) c[row * size + column]! += a[row * size + i]! * b[i * size + column]!
    }
  }
  return [...new Uint8Array(c.buffer)]
}

/** Calls in the compute worker itself that would reach the network, with what came of each. */
const networkOf = async () => {
  const worker = page.workers().find((each) => each.url().includes('/assets/compute/compute-'))
  if (!worker) throw new Error(`no compute worker among ${page.workers().map((each) => each.url())}`)
  return worker.evaluate(async (target) => {
    const outcome = (promise: Promise<unknown>) => promise.then(() => 'worked', String)
    const socket = new Promise((worked, failed) => {
      const each = new WebSocket(`${target.replace('http', 'ws')}/socket`)
      each.onopen = worked
      each.onerror = () => failed('blocked')
    })
    const request = new Promise((worked, failed) => {
      const each = new XMLHttpRequest()
      each.open('GET', `${target}/request`)
      each.onload = worked
      each.onerror = () => failed('blocked')
      each.send()
    })
    return {
      fetch: await outcome(fetch(`${target}/fetch`)),
      socket: await outcome(socket),
      request: await outcome(request),
    }
  }, origin)
}

it('has no network: fetch, WebSocket and XMLHttpRequest fail, and nothing arrives', async () => {
  await open({ wasmThreads: 1, test: true })
  requests.length = 0
  const { fetch: fetched, socket, request } = await networkOf()
  expect(fetched).toContain('TypeError')
  expect([socket, request]).toEqual(['blocked', 'blocked'])
  expect(requests).toEqual([])
})

it('opens with WebGPU, measures, and says what it found', async () => {
  const { report, kernels, limits } = await open({ wasmThreads: 2 })
  expect(report).toMatchObject({ webgpu: true, onnxBackend: 'wasm' })
  expect(report.browserMajor).toBeGreaterThan(100)
  expect(report.probe.wasmMs).toBeGreaterThan(0)
  expect(kernels).toContain('matmul-i8')
  expect(limits.maxBufferSize).toBeGreaterThan(0)
}, 60_000)

it('runs ONNX on two threads, and gives errors with their codes', async () => {
  const { report } = await open({ wasmThreads: 2, test: true })
  expect(report.wasmThreads).toBe(2)
  const file = onnxFile({
    inputs: [{ name: 'x', datatype: 'UINT8', shape: ['n'] }],
    outputs: [{ name: 'y', datatype: 'UINT8', shape: ['n'] }],
    nodes: [{ op: 'Max', inputs: ['x', 'x'], outputs: ['y'] }],
  })
  await page.evaluate(
    async (bytes) => {
      const { testPage, api } = globalThis as unknown as {
        testPage: TestPage
        api: Awaited<ReturnType<TestPage['spawn']>>['api']
      }
      const spec = { datatype: 'UINT8', shape: ['n'] } as const
      const graph = {
        name: 'main',
        shards: [{ sha256: 'a'.repeat(64), bytes: bytes.length }],
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
      const { buffer } = Uint8Array.from(bytes)
      const shards = new Map([['a'.repeat(64), buffer]])
      await api.loadModel({ hash: 'f'.repeat(64), manifest }, testPage.transfer(shards, [buffer]), null)
    },
    [...file],
  )
  const task = (model: string, bytes: number[]) => ({
    kind: 'infer',
    model: model.repeat(64),
    graph: 0,
    inputs: [{ name: 'x', datatype: 'UINT8', shape: [bytes.length], bytes }],
  })
  const [right, unknown, wrong] = await run([
    task('f', [1, 2, 255]),
    task('e', [1]),
    { ...task('f', []), inputs: [] },
  ])
  expect(right?.outputs).toEqual([{ name: 'y', shape: [3], bytes: [1, 2, 255] }])
  expect(unknown?.error).toMatchObject({ name: 'OpentabError', code: 'model_not_found' })
  expect(wrong?.error).toMatchObject({ code: 'invalid_value' })
  const threads = page.workers().filter((each) => each.url().includes('/assets/compute/onnxruntime-wasm-'))
  expect(threads.length).toBe(1)
}, 60_000)

it('runs a kernel on WebGPU', async () => {
  await open({ wasmThreads: 1, test: true })
  const [outcome] = await run([matmul(32)])
  expect(outcome?.error).toBeNull()
  expect(outcome?.outputs?.[0]?.bytes).toEqual(expectedProduct(32))
}, 60_000)

it('stops at once: what runs and what waits is cancelled, and later tasks run', async () => {
  await open({ wasmThreads: 1, test: true })
  const outcomes = await run([matmul(2048), matmul(32), matmul(32)], 'stop')
  expect(outcomes.map(({ error }) => error?.code)).toEqual(['cancelled', 'cancelled', 'cancelled'])
  const [after] = await run([matmul(32)])
  expect(after?.outputs?.[0]?.bytes).toEqual(expectedProduct(32))
}, 60_000)

it('can be terminated in the middle of a run and made anew', async () => {
  await open({ wasmThreads: 1, test: true })
  await run([matmul(2048)], 'terminate')
  await open({ wasmThreads: 1, test: true })
  const [outcome] = await run([matmul(32)])
  expect(outcome?.outputs?.[0]?.bytes).toEqual(expectedProduct(32))
}, 60_000)

it('says device_lost for every task after the device was lost, and a fresh worker works', async () => {
  await open({ wasmThreads: 1, test: true })
  await page.evaluate(() =>
    (globalThis as unknown as { api: { loseDevice(): Promise<void> } }).api.loseDevice(),
  )
  const [during, waiting] = await run([matmul(512), matmul(32)])
  const [later] = await run([matmul(32)])
  expect([during, waiting, later].map((each) => each?.error?.code)).toEqual([
    'device_lost',
    'device_lost',
    'device_lost',
  ])
  await open({ wasmThreads: 1, test: true })
  const [fresh] = await run([matmul(32)])
  expect(fresh?.outputs?.[0]?.bytes).toEqual(expectedProduct(32))
}, 60_000)

it('has no fault switches unless it was opened for tests', async () => {
  await open({ wasmThreads: 1 })
  const code = await page.evaluate(() =>
    (globalThis as unknown as { api: { loseDevice(): Promise<void> } }).api.loseDevice().then(
      () => 'worked',
      (error: { code: string }) => error.code,
    ),
  )
  expect(code).toBe('not_available')
})
