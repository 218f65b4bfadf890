import { OpentabError } from '../../protocol/errors.ts'
import type { OnnxRunner } from '../onnx/onnxRunner.ts'
import { libraryOf } from '../onnx/runnerLibrary.ts'
import {
  type BackendLanguageRunner,
  type ConstraintOpener,
  createLanguageRunner,
} from './createLanguageRunner.ts'
import { wasmBackend, webgpuBackend } from './languageBackend.ts'
import type { LanguageRunnerOptions } from './languageRunner.ts'

/** Grammars are loaded with the first one: most runners are never asked for any. */
const openConstraint: ConstraintOpener = async (...parts) => {
  const { createConstraint } = await import('./constraint/createConstraint.ts')
  return createConstraint(...parts)
}

/**
 * A runner of language models on the copy of ONNX Runtime that an ONNX runner stands on; they take turns. On WebGPU it
 * reads the packed graphs: an ONNX runner is only made there where there is hardware.
 * @throws OpentabError `internal` for a runner that was not made by createWasmRunner or createWebgpuRunner
 */
export function languageRunnerBeside(
  runner: OnnxRunner,
  options: LanguageRunnerOptions,
): BackendLanguageRunner {
  const library = libraryOf(runner)
  if (!library) throw new OpentabError('internal', 'It is not known what the ONNX runner stands on.')
  const { ort, device } = library
  const backend = device ? webgpuBackend(ort, device as GPUDevice, true) : wasmBackend(ort)
  return createLanguageRunner(backend, openConstraint, options)
}
