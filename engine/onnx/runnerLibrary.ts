import type { OnnxRunner } from './onnxRunner.ts'
import type { OrtDevice } from './ortDevice.ts'
import type { OrtRuntime } from './ortRuntime.ts'

/** What a runner stands on. */
export interface RunnerLibrary {
  ort: OrtRuntime
  /** The device of a WebGPU runner; null for WASM. */
  device: OrtDevice | null
}

const libraries = new WeakMap<OnnxRunner, RunnerLibrary>()

/** Notes what a runner stands on, and gives the runner back. */
export function standingOn<Runner extends OnnxRunner>(library: RunnerLibrary, runner: Runner): Runner {
  libraries.set(runner, library)
  return runner
}

/** What a runner stands on, for another one that shall use the same copy; undefined for a runner of another making. */
export const libraryOf = (runner: OnnxRunner): RunnerLibrary | undefined => libraries.get(runner)
