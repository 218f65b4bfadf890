import { OpentabError } from '../../protocol/errors.ts'
import type { OnnxRunner } from './onnxRunner.ts'
import { createOrtRunner } from './ortRunner.ts'
import type { OrtRuntime } from './ortRuntime.ts'
import { standingOn } from './runnerLibrary.ts'

export interface WasmRunnerOptions {
  /** Threads of the WASM instance. The first runner over a copy of the library decides; 1 where threads cannot be had. */
  threads: number
  /** ONNX Runtime's `.wasm`, where it cannot read the file beside it: in a worker without network. */
  wasmBinary?: ArrayBuffer
  /** Loads the library; a browser names its own copy here. Node takes the installed package. */
  loadRuntime?: () => Promise<OrtRuntime>
}

export interface WasmRunner extends OnnxRunner {
  /** Threads that the WASM instance really has. */
  readonly threads: number
}

/**
 * In a variable, so that no bundler follows it: the package's build for Node is of no use in a page, where
 * `loadRuntime` is given.
 */
const packageName: string = 'onnxruntime-web'
const loadPackage = async (): Promise<OrtRuntime> =>
  (await import(/* @vite-ignore */ packageName)) as OrtRuntime

const started = new WeakMap<OrtRuntime, number>()

/**
 * A runner on ONNX Runtime Web's WASM build: the tab's backend where there is no hardware GPU, and the referee's.
 * @throws OpentabError `invalid_value` for a thread count that is not a positive integer
 */
export async function createWasmRunner(options: WasmRunnerOptions): Promise<WasmRunner> {
  if (!Number.isInteger(options.threads) || options.threads < 1) {
    throw new OpentabError('invalid_value', `A WASM runner cannot have ${options.threads} threads.`, {
      param: 'threads',
      fix: 'Give an integer from 1 up.',
    })
  }
  const ort = await (options.loadRuntime ?? loadPackage)()
  if (!started.has(ort)) {
    const threads = typeof SharedArrayBuffer === 'undefined' ? 1 : options.threads
    ort.env.wasm.numThreads = threads
    ort.env.logLevel = 'error'
    if (options.wasmBinary) ort.env.wasm.wasmBinary = options.wasmBinary
    started.set(ort, threads)
  }
  const runner = createOrtRunner(ort, 'wasm', () => ({
    executionProviders: ['wasm'],
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
  }))
  return standingOn({ ort, device: null }, { ...runner, threads: started.get(ort) ?? 1 })
}
