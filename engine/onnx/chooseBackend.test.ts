import { expect, it } from 'vitest'
import { chooseBackend, chooseWasmThreads, measureWasm } from './chooseBackend.ts'
import type { OnnxBackend, OnnxRunner } from './onnxRunner.ts'
import type { WasmRunner } from './wasmRunner.ts'

/** A clock that only runs when a fake runner runs. */
let clock = 0
const now = () => clock

function fakeRunner(
  backend: OnnxBackend,
  runMs: number | ((tokens: number) => number),
  events: string[] = [],
): OnnxRunner & { threads: number } {
  const loaded = new Set<string>()
  return {
    backend,
    threads: 1,
    load: async (model) => void loaded.add(model.hash),
    loaded: () => [...loaded],
    unload: async (hash) => void loaded.delete(hash),
    run: async ({ inputs }) => {
      clock += typeof runMs === 'number' ? runMs : runMs(inputs[0]!.shape[0]!)
      return []
    },
    dispose: async () => void events.push(`disposed ${runMs}`),
  }
}

const wasmOf =
  (times: Record<number, number>, events: string[] = []) =>
  async (threads: number): Promise<WasmRunner> => ({
    ...fakeRunner('wasm', times[threads] ?? 0, events),
    threads,
  })

it('keeps two threads where they are faster and lets the other instance go', async () => {
  const events: string[] = []
  const { runner, wasmMs } = await chooseWasmThreads(2, wasmOf({ 1: 20, 2: 11 }, events), now)
  expect([runner.threads, wasmMs, events]).toEqual([2, 11, ['disposed 20']])
})

it('takes one thread where two are slower, and where they save next to nothing', async () => {
  expect((await chooseWasmThreads(2, wasmOf({ 1: 20, 2: 40 }), now)).runner.threads).toBe(1)
  expect((await chooseWasmThreads(2, wasmOf({ 1: 20, 2: 19 }), now)).runner.threads).toBe(1)
})

it('makes one instance only where threads cannot be had', async () => {
  const made: number[] = []
  const make = async (threads: number) => {
    made.push(threads)
    return { ...fakeRunner('wasm', 20), threads: 1 }
  }
  await chooseWasmThreads(4, make, now)
  expect(made).toEqual([4])
})

const wasm = { runner: { ...fakeRunner('wasm', 20), threads: 2 }, wasmMs: 20 }

it('stays on WASM without a hardware adapter', async () => {
  const chosen = await chooseBackend(wasm, null, now)
  expect(chosen).toEqual({
    runner: wasm.runner,
    wasmThreads: 2,
    probe: { wasmMs: 20, webgpuMs: null },
  })
})

it('takes WebGPU where it is faster and leaves it where it is slower', async () => {
  const fast = await chooseBackend(wasm, async () => fakeRunner('webgpu', 2), now)
  expect([fast.runner.backend, fast.probe]).toEqual(['webgpu', { wasmMs: 20, webgpuMs: 2 }])
  const slow = await chooseBackend(wasm, async () => fakeRunner('webgpu', 200), now)
  expect([slow.runner.backend, slow.probe]).toEqual(['wasm', { wasmMs: 20, webgpuMs: 200 }])
})

it('judges by long tasks, which WebGPU may win though it loses short ones', async () => {
  const slowerByToken = { ...fakeRunner('wasm', (tokens) => tokens / 20), threads: 8 }
  const measured = await measureWasm(slowerByToken, now)
  expect(measured.wasmMs).toBeCloseTo(3.2)
  const chosen = await chooseBackend(measured, async () => fakeRunner('webgpu', 4), now)
  expect([chosen.runner.backend, Math.round(chosen.probe.wasmMs!)]).toEqual(['webgpu', 26])
})

it('stays on WASM where WebGPU fails the probe', async () => {
  const failing = { ...fakeRunner('webgpu', 1), run: () => Promise.reject(new Error('no pipeline')) }
  const chosen = await chooseBackend(wasm, async () => failing, now)
  expect([chosen.runner.backend, chosen.probe.webgpuMs]).toEqual(['wasm', null])
})
