import { expect, it } from 'vitest'
import type { TokenChunk } from '../../engine/language/languageRunner.ts'
import type { OnnxRunner } from '../../engine/onnx/onnxRunner.ts'
import type { OpentabError } from '../../protocol/errors.ts'
import type { ServedModel } from '../../protocol/manifest.ts'
import type { GenerateTask, KernelTask } from '../../protocol/task.ts'
import type { Tensor } from '../../protocol/tensor.ts'
import { type ComputeGpu, createComputeWorker } from './computeWorker.ts'

const kernelTask: KernelTask = {
  kind: 'kernel',
  kernel: 'matmul-i8',
  subject: '0'.repeat(64),
  shape: { m: 1, k: 1, n: 1 },
  seed: 1,
  inputs: [],
}
const model: ServedModel = {
  hash: 'f'.repeat(64),
  manifest: { v: 1, id: 'tiny', kind: 'onnx', graphs: [], files: {}, licence: '', source: '' },
}

/** A worker over fakes: `runMs` of each backend on a clock that runs only in runs. */
function setUp({ gpu = true, fallback = true, webgpuMs = 1 } = {}) {
  let nowMs = 0
  const made: string[] = []
  const answering: { say(chunk: TokenChunk): void; end(): void }[] = []
  const losing = Promise.withResolvers<string>()
  const runner = (backend: OnnxRunner['backend'], runMs: number): OnnxRunner => ({
    backend,
    load: async (_, readShard) => void (await readShard('a'.repeat(64))),
    loaded: () => [],
    unload: async () => {},
    run: async () => {
      nowMs += runMs
      return []
    },
    dispose: async () => {},
  })
  const opened: ComputeGpu = {
    info: {
      vendor: 'v',
      architecture: 'a',
      description: 'd'.repeat(400),
      features: ['subgroups', 'f16'],
      isFallbackAdapter: fallback,
      limits: { maxBufferSize: 1024 },
    },
    runner: { run: (task, signal) => runKernel(task, signal) },
    kernels: ['matmul-i8'],
    custom: { run: () => Promise.reject(new Error('No program of a requester runs here.')) },
    lost: losing.promise,
    destroy: () => losing.resolve('destroyed'),
  }
  const runKernel = (_: KernelTask, signal?: AbortSignal): Promise<Tensor[]> =>
    new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
  const worker = createComputeWorker({
    openGpu: async () => (gpu ? opened : null),
    makeWasm: async (threads) => {
      made.push(`wasm ${threads}`)
      return { ...runner('wasm', 10), threads }
    },
    makeWebgpu: async () => {
      made.push('webgpu')
      return runner('webgpu', webgpuMs)
    },
    makeLanguage: async (beside, { cacheBytes }) => {
      made.push(`language on ${beside.backend}, ${cacheBytes} bytes of caches`)
      return {
        packed: false,
        load: async (_model, _range, readShard) => void (await readShard('a'.repeat(64))),
        unload: async () => {},
        loaded: () => [],
        generate: (_task, onTokens, signal) =>
          new Promise((resolve, reject) => {
            answering.push({ say: onTokens, end: () => resolve([]) })
            signal.addEventListener('abort', () => reject(signal.reason))
          }),
        stage: async () => [],
        forget() {},
        dispose: async () => {},
      }
    },
    userAgent: 'Mozilla/5.0 Chrome/156.0.0.0 Safari/537.36',
    now: () => nowMs,
  })
  return { worker, made, gpu: opened, lose: losing.resolve, answering }
}

const options = { wasmThreads: 1, wasmBinary: new ArrayBuffer(0), memoryBytes: 4000 }
const webgpuBinary = new ArrayBuffer(0)
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => null,
    (error: unknown) => error,
  )

it('refuses work before it is opened', async () => {
  const { worker } = setUp()
  expect(await failure(worker.run(kernelTask, 1))).toMatchObject({ code: 'internal' })
})

it('opens once, however often it is asked', async () => {
  const { worker, made } = setUp()
  const [first, second] = await Promise.all([worker.open(options), worker.open(options)])
  expect(second).toBe(first)
  expect(made).toEqual(['wasm 1'])
})

it('works without a GPU, and says so', async () => {
  const { worker } = setUp({ gpu: false })
  const { report, kernels } = await worker.open(options)
  expect(report).toMatchObject({ webgpu: false, vendor: '', onnxBackend: 'wasm', browserMajor: 156 })
  expect(kernels).toEqual([])
  expect(await failure(worker.run(kernelTask, 1))).toMatchObject({ code: 'kernel_failed' })
})

it('does not try WebGPU for graphs on a software adapter, nor without its binary', async () => {
  const software = setUp({ fallback: true })
  await software.worker.open({ ...options, webgpuBinary })
  expect(software.made).toEqual(['wasm 1'])
  const hardware = setUp({ fallback: false })
  await hardware.worker.open(options)
  expect(hardware.made).toEqual(['wasm 1'])
})

it('takes the backend that the probe shows faster on a hardware adapter', async () => {
  const fast = await setUp({ fallback: false }).worker.open({ ...options, webgpuBinary })
  expect(fast.report).toMatchObject({ onnxBackend: 'webgpu', probe: { wasmMs: 10, webgpuMs: 1 } })
  const slow = await setUp({ fallback: false, webgpuMs: 50 }).worker.open({ ...options, webgpuBinary })
  expect(slow.report).toMatchObject({ onnxBackend: 'wasm', probe: { wasmMs: 10, webgpuMs: 50 } })
})

it('reports the device in texts that the protocol takes', async () => {
  const { report, limits } = await setUp().worker.open(options)
  expect(report.description.length).toBe(300)
  expect(report.features).toEqual(['f16', 'subgroups'])
  expect(limits).toEqual({ maxBufferSize: 1024 })
})

it('names a shard that was not handed in', async () => {
  const { worker } = setUp()
  await worker.open(options)
  const error = await failure(worker.loadModel(model, new Map(), null))
  expect(error).toMatchObject({ code: 'model_failed' })
  expect((error as OpentabError).message).toContain('aaaaaaaaaaaa')
  const loaded = await worker.loadModel(model, new Map([['a'.repeat(64), new ArrayBuffer(1)]]), null)
  expect(loaded.loadMs).toBeGreaterThanOrEqual(0)
})

it('rejects everything with device_lost once the device is lost, whatever the kernel layer says', async () => {
  const { worker, lose } = setUp()
  await worker.open(options)
  const running = failure(worker.run(kernelTask, 1))
  lose('the driver was reset')
  expect(await running).toMatchObject({ code: 'device_lost' })
  expect(await failure(worker.run(kernelTask, 1))).toMatchObject({ code: 'device_lost' })
  expect(await failure(worker.loadModel(model, new Map(), null))).toMatchObject({ code: 'device_lost' })
})

it('loses the device in the next kernel when a test asks for it', async () => {
  const { worker } = setUp()
  await worker.open({ ...options, test: true })
  await worker.loseDevice()
  expect(await failure(worker.run(kernelTask, 1))).toMatchObject({ code: 'device_lost' })
})

it('runs every task as one that tuning waits for, and ends tuning when it stops', async () => {
  const { worker, gpu } = setUp()
  let tasks = 0
  let interrupted = false
  gpu.tuning = {
    during(work) {
      tasks++
      return work()
    },
    adopt: () => {},
    hear: () => {},
    interrupt: () => {
      interrupted = true
    },
  }
  await worker.open(options)
  await worker.run({ kind: 'infer', model: 'f'.repeat(64), graph: 0, inputs: [] }, 1)
  expect(tasks).toBe(1)
  expect(interrupted).toBe(false)
  await worker.stop()
  expect(interrupted).toBe(true)
})

it('refuses faults outside of tests', async () => {
  const { worker } = setUp()
  await worker.open(options)
  expect(await failure(worker.loseDevice())).toMatchObject({ code: 'not_available' })
})

const generateTask: GenerateTask = { kind: 'generate', model: model.hash, inputs: [] }
const shards = () => new Map([['a'.repeat(64), new ArrayBuffer(1)]])

it('makes the runner of language models with the first of them, on the backend that was chosen', async () => {
  const { worker, made } = setUp()
  await worker.open(options)
  expect(await failure(worker.run(generateTask, 1))).toMatchObject({ code: 'model_failed' })
  const handed = shards()
  await worker.loadModel(model, handed, { first: 0, last: 1 })
  await worker.loadModel(model, shards(), { first: 0, last: 2 })
  expect(made).toEqual(['wasm 1', 'language on wasm, 1000 bytes of caches'])
  expect(handed.size).toBe(0)
})

it('tells the tokens of each answer under the number of its run', async () => {
  const { worker, answering } = setUp()
  await worker.open(options)
  await worker.loadModel(model, shards(), { first: 0, last: 1 })
  const heard: [number, number[]][] = []
  await worker.hearTokens((run, { ids }) => heard.push([run, ids]))
  const answers = [worker.run(generateTask, 4), worker.run(generateTask, 5)]
  answering[1]!.say({ from: 0, ids: [7] })
  answering[0]!.say({ from: 0, ids: [8, 9] })
  expect(heard).toEqual([
    [5, [7]],
    [4, [8, 9]],
  ])
  for (const answer of answering) answer.end()
  expect(await Promise.all(answers)).toHaveLength(2)
})

it('ends one answer and lets the other go on', async () => {
  const { worker, answering } = setUp()
  await worker.open(options)
  await worker.loadModel(model, shards(), { first: 0, last: 1 })
  const [ended, other] = [failure(worker.run(generateTask, 1)), worker.run(generateTask, 2)]
  await worker.endRun(1)
  expect(await ended).toMatchObject({ code: 'cancelled' })
  answering[1]!.end()
  expect((await other).outputs).toEqual([])
})
