import { expose, transfer } from 'comlink'
import { type ConstraintOpener, createLanguageRunner } from '../../engine/language/createLanguageRunner.ts'
import { wasmBackend, webgpuBackend } from '../../engine/language/languageBackend.ts'
import { libraryOf } from '../../engine/onnx/runnerLibrary.ts'
import { createWasmRunner } from '../../engine/onnx/wasmRunner.ts'
import { createWebgpuRunner } from '../../engine/onnx/webgpuRunner.ts'
import { OpentabError } from '../../protocol/errors.ts'
import { createComputeWorker } from './computeWorker.ts'
import { loadRuntime } from './loadRuntime.ts'
import { openGpu } from './openGpu.ts'
import { wasmRuntime, webgpuRuntime } from './runtimeFiles.ts'
import { transferErrors } from './transferError.ts'

// The compute worker's entry: serves ComputeApi on itself, and on each port that comlink's createEndpoint asks for.

/** Most tabs are never asked for one. */
const openConstraint: ConstraintOpener = async (...parts) => {
  const { createConstraint } = await import('../../engine/language/constraint/createConstraint.ts')
  return createConstraint(...parts)
}

const worker = createComputeWorker({
  openGpu,
  makeWasm: (threads, wasmBinary) =>
    createWasmRunner({ threads, wasmBinary, loadRuntime: () => loadRuntime(wasmRuntime.script) }),
  makeWebgpu: ({ device }, wasmBinary) =>
    createWebgpuRunner({ device, wasmBinary, loadRuntime: () => loadRuntime(webgpuRuntime.script) }),
  async makeLanguage(beside, options) {
    const library = libraryOf(beside)
    if (!library) throw new OpentabError('internal', 'The ONNX runner of this tab is of another making.')
    const { ort, device } = library
    // Graphs run on WebGPU only where there is hardware, which has use for small weights.
    const backend = device ? webgpuBackend(ort, device as unknown as GPUDevice, true) : wasmBackend(ort)
    return createLanguageRunner(backend, openConstraint, options)
  },
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
