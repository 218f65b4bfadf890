import { expect, it } from 'vitest'
import type { OnnxRunner } from '../../engine/onnx/onnxRunner.ts'
import type { OpentabError } from '../../protocol/errors.ts'
import type { ServedModel } from '../../protocol/manifest.ts'
import type { KernelTask } from '../../protocol/task.ts'
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
    userAgent: 'Mozilla/5.0 Chrome/156.0.0.0 Safari/537.36',
    now: () => nowMs,
  })
  return { worker, made, lose: losing.resolve }
}

const options = { wasmThreads: 1, wasmBinary: new ArrayBuffer(0) }
const webgpuBinary = new ArrayBuffer(0)
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => null,
    (error: unknown) => error,
  )

it('refuses work before it is opened', async () => {
  const { worker } = setUp()
  expect(await failure(worker.run(kernelTask))).toMatchObject({ code: 'internal' })
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
  expect(await failure(worker.run(kernelTask))).toMatchObject({ code: 'kernel_failed' })
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
  const error = await failure(worker.loadModel(model, new Map()))
  expect(error).toMatchObject({ code: 'model_failed' })
  expect((error as OpentabError).message).toContain('aaaaaaaaaaaa')
  const loaded = await worker.loadModel(model, new Map([['a'.repeat(64), new ArrayBuffer(1)]]))
  expect(loaded.loadMs).toBeGreaterThanOrEqual(0)
})

it('rejects everything with device_lost once the device is lost, whatever the kernel layer says', async () => {
  const { worker, lose } = setUp()
  await worker.open(options)
  const running = failure(worker.run(kernelTask))
  lose('the driver was reset')
  expect(await running).toMatchObject({ code: 'device_lost' })
  expect(await failure(worker.run(kernelTask))).toMatchObject({ code: 'device_lost' })
  expect(await failure(worker.loadModel(model, new Map()))).toMatchObject({ code: 'device_lost' })
})

it('loses the device in the next kernel when a test asks for it', async () => {
  const { worker } = setUp()
  await worker.open({ ...options, test: true })
  await worker.loseDevice()
  expect(await failure(worker.run(kernelTask))).toMatchObject({ code: 'device_lost' })
})

it('refuses faults outside of tests', async () => {
  const { worker } = setUp()
  await worker.open(options)
  expect(await failure(worker.loseDevice())).toMatchObject({ code: 'not_available' })
})
