import { expose, transfer } from 'comlink'
import { languageRunnerBeside } from '../../engine/language/languageRunnerBeside.ts'
import { createWasmRunner } from '../../engine/onnx/wasmRunner.ts'
import { createWebgpuRunner } from '../../engine/onnx/webgpuRunner.ts'
import { createComputeWorker } from './computeWorker.ts'
import { loadRuntime } from './loadRuntime.ts'
import { openGpu } from './openGpu.ts'
import { wasmRuntime, webgpuRuntime } from './runtimeFiles.ts'
import { transferErrors } from './transferError.ts'

// The compute worker's entry: serves ComputeApi on itself, and on each port that comlink's createEndpoint asks for.

const worker = createComputeWorker({
  openGpu,
  makeWasm: (threads, wasmBinary) =>
    createWasmRunner({ threads, wasmBinary, loadRuntime: () => loadRuntime(wasmRuntime.script) }),
  makeWebgpu: ({ device }, wasmBinary) =>
    createWebgpuRunner({ device, wasmBinary, loadRuntime: () => loadRuntime(webgpuRuntime.script) }),
  makeLanguage: async (beside, options) => languageRunnerBeside(beside, options),
  userAgent: navigator.userAgent,
  now: () => performance.now(),
})

const served: typeof worker = {
  ...worker,
  async run(spec, run) {
    const outcome = await worker.run(spec, run)
    return transfer(outcome, [...new Set(outcome.outputs.map(({ bytes }) => bytes.buffer as ArrayBuffer))])
  },
}

transferErrors()
expose(served)
