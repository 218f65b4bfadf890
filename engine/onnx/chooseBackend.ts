import type { OnnxRunner } from './onnxRunner.ts'
import { LONG_PROBE_TOKENS, probeModel, probeTask, SHORT_PROBE_TOKENS } from './probeGraph.ts'
import type { WasmRunner } from './wasmRunner.ts'

/** Runs of the probe on each side; the median of an odd number is a run that happened. */
const PROBE_RUNS = 5
/** A second thread must save at least this share of the time to be worth its processor. */
const WORTHWHILE = 0.9

/** Measures milliseconds; `performance.now` where there is no reason for another. */
export type Stopwatch = () => number

/** Milliseconds of one probe run on each runner, the runs taken in turn so that a busy moment meets them all. */
export async function probeRunners(
  runners: readonly OnnxRunner[],
  now: Stopwatch,
  tokens = SHORT_PROBE_TOKENS,
): Promise<number[]> {
  const { model, readShard } = probeModel()
  const task = probeTask(tokens)
  for (const runner of runners) {
    await runner.load(model, readShard)
    // The first run pays for pipelines and memory, which later ones do not.
    await runner.run(task)
  }
  const times: number[][] = runners.map(() => [])
  for (let round = 0; round < PROBE_RUNS; round++) {
    for (const [index, runner] of runners.entries()) {
      const started = now()
      await runner.run(task)
      times[index]?.push(now() - started)
    }
  }
  return times.map((each) => each.sort((a, b) => a - b)[PROBE_RUNS >> 1] ?? Number.POSITIVE_INFINITY)
}

/** A WASM runner and the milliseconds of one probe run on it. */
export interface MeasuredWasm {
  runner: WasmRunner
  wasmMs: number
}

/** Measures a WASM runner whose thread count is settled. */
export async function measureWasm(runner: WasmRunner, now: Stopwatch): Promise<MeasuredWasm> {
  const [wasmMs = Number.POSITIVE_INFINITY] = await probeRunners([runner], now)
  return { runner, wasmMs }
}

/**
 * The WASM runner with `threads` threads or with one, whichever is faster here and now: where other tabs or programs
 * keep the processor busy, threads that wait for each other can take twice as long as one alone. `make` gives a
 * runner on a copy of the library of its own for each count.
 */
export async function chooseWasmThreads(
  threads: number,
  make: (threads: number) => Promise<WasmRunner>,
  now: Stopwatch,
): Promise<MeasuredWasm> {
  const many = await make(threads)
  if (many.threads === 1) return measureWasm(many, now)
  const one = await make(1)
  const [manyMs = Number.POSITIVE_INFINITY, oneMs = 0] = await probeRunners([many, one], now)
  const chosen = manyMs < oneMs * WORTHWHILE ? many : one
  await (chosen === many ? one : many).dispose()
  return { runner: chosen, wasmMs: chosen === many ? manyMs : oneMs }
}

/** The backend that ONNX graphs run on, and why. */
export interface ChosenBackend {
  runner: OnnxRunner
  /** Threads of the WASM backend, chosen or not. */
  wasmThreads: number
  /** Milliseconds of the probe on each backend, the long one where both were tried; null where it was not tried. */
  probe: { wasmMs: number | null; webgpuMs: number | null }
}

/**
 * The faster backend on this device, by a long probe: a short one is over on WASM before WebGPU has sent its commands,
 * and most of the time goes into long tasks. On an NVIDIA H100 a short probe took 2.5 ms on WASM with eight threads and 3.7
 * ms on WebGPU, while WebGPU found and read lines of text in a quarter to an eighth of the time. `makeWebgpu` is null where there is no hardware adapter: a software one is 6 to 70
 * times slower than WASM, so that it is not even tried. A WebGPU backend that fails the probe is not chosen.
 */
export async function chooseBackend(
  wasm: MeasuredWasm,
  makeWebgpu: (() => Promise<OnnxRunner>) | null,
  now: Stopwatch,
): Promise<ChosenBackend> {
  const wasmThreads = wasm.runner.threads
  const stayOnWasm = { runner: wasm.runner, wasmThreads, probe: { wasmMs: wasm.wasmMs, webgpuMs: null } }
  if (!makeWebgpu) return stayOnWasm
  let webgpu: OnnxRunner
  let wasmMs: number
  let webgpuMs: number
  try {
    webgpu = await makeWebgpu()
    const times = await probeRunners([wasm.runner, webgpu], now, LONG_PROBE_TOKENS)
    ;[wasmMs = 0, webgpuMs = Number.POSITIVE_INFINITY] = times
  } catch {
    return stayOnWasm
  }
  const probe = { wasmMs, webgpuMs }
  // The probe's session stays on the WebGPU side: releasing the last one can destroy the device.
  if (webgpuMs < wasmMs) return { runner: webgpu, wasmThreads, probe }
  return { runner: wasm.runner, wasmThreads, probe }
}
