import { OpentabError } from '../../protocol/errors.ts'
import type { OpenOptions } from '../compute/computeApi.ts'
import { hasWebgpuRuntime, wasmRuntime, webgpuRuntime } from '../compute/runtimeFiles.ts'

/** Most threads of the WASM backend: ONNX Runtime gains little beyond. */
export const MOST_WASM_THREADS = 4

/** Half of the machine's cores, so that it stays usable; 1 where the page is not cross-origin isolated. */
export function wasmThreadsFor(cores: number, isolated: boolean): number {
  if (!isolated) return 1
  return Math.min(Math.max(Math.floor(cores / 2), 1), MOST_WASM_THREADS)
}

/** The browser's cache keeps these files. @throws OpentabError `source_unreachable` */
async function fetchBinary(url: string): Promise<ArrayBuffer> {
  try {
    const response = await fetch(new URL(url, location.href))
    if (response.ok) return await response.arrayBuffer()
    throw new OpentabError('source_unreachable', `${url} answered ${response.status}.`)
  } catch (error) {
    if (error instanceof OpentabError) throw error
    throw new OpentabError('source_unreachable', `${url} could not be fetched.`, { cause: error })
  }
}

/** Whether ONNX Runtime's WebGPU build is worth its bytes here: on a software adapter WASM is faster by far. */
async function hasHardwareGpu(): Promise<boolean> {
  if (!hasWebgpuRuntime()) return false
  const adapter = await navigator.gpu?.requestAdapter().catch(() => null)
  return adapter ? !adapter.info.isFallbackAdapter : false
}

/** What the compute worker is opened with: it has no network, so the runtime's bytes are fetched here. */
export async function computeOptions(test: boolean, memoryBytes: number): Promise<OpenOptions> {
  const [wasmBinary, webgpuBinary] = await Promise.all([
    fetchBinary(wasmRuntime.binary),
    hasHardwareGpu().then((worth) => (worth ? fetchBinary(webgpuRuntime.binary) : undefined)),
  ])
  return {
    wasmThreads: wasmThreadsFor(navigator.hardwareConcurrency, crossOriginIsolated),
    wasmBinary,
    memoryBytes,
    ...(webgpuBinary && { webgpuBinary }),
    ...(test && { test }),
  }
}
