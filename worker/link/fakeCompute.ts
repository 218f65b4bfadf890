import { OpentabError } from '../../protocol/errors.ts'
import type { StageRange } from '../../protocol/language.ts'
import type { ServedModel } from '../../protocol/manifest.ts'
import type { TunedKernel, TuningReport } from '../../protocol/messages.ts'
import type { TaskSpec } from '../../protocol/task.ts'
import type { ComputeOutcome, OpenedDevice, TokenChunk } from '../compute/computeApi.ts'
import type { ComputeHost, ComputePort } from './tabEnvironment.ts'

export const fakeDevice: OpenedDevice = {
  report: {
    vendor: 'test',
    architecture: '',
    description: '',
    browserMajor: 156,
    features: [],
    fallbackAdapter: true,
    webgpu: true,
    onnxBackend: 'wasm',
    wasmThreads: 1,
    probe: { wasmMs: 1, webgpuMs: null },
  },
  kernels: ['matmul-i8'],
  limits: { maxBufferSize: 1024 },
}

/** One call of `run` that a test answers. */
export interface FakeRun {
  spec: TaskSpec
  id: number
  finish(computeMicros?: number): void
  fail(code: 'device_lost' | 'kernel_failed' | 'model_not_found' | 'cancelled'): void
}

/** A compute host whose runs end when a test says so, or at once with `immediate`. */
export class FakeComputeHost implements ComputeHost {
  spawned = 0
  killed = 0
  stopped = 0
  loaded: ServedModel[] = []
  unloaded: string[] = []
  /** Each load with its run of stages and the hashes of what was handed over. */
  loads: { model: string; range: StageRange | null; shards: string[] }[] = []
  /** Runs that were ended. */
  endedRuns: number[] = []
  /** Makes tokens of a run be heard. */
  tellTokens: (run: number, chunk: TokenChunk) => void = () => {}
  /** Choices of others that were taken over. */
  adopted: TunedKernel[] = []
  /** Makes what was measured be heard. */
  tellTuning: (report: TuningReport) => void = () => {}
  /** Calls that have not been answered. */
  runs: FakeRun[] = []
  /** Calls so far. */
  started = 0
  immediate = false
  loseNext = false
  openError: Error | null = null
  loadError: Error | null = null
  /** Loads stand until it settles. */
  loadsHeld: Promise<void> | null = null

  async spawn(): Promise<ComputePort> {
    this.spawned++
    const life = this.spawned
    return {
      open: async () => {
        if (this.openError) throw this.openError
        return fakeDevice
      },
      loadModel: async (model, shards, range) => {
        await this.loadsHeld
        if (this.loadError) throw this.loadError
        this.loaded.push(model)
        this.loads.push({ model: model.hash, range, shards: [...shards.keys()] })
        return { loadMs: 1 }
      },
      unloadModel: async (hash) => {
        this.unloaded.push(hash)
      },
      hearTokens: async (listener) => {
        this.tellTokens = listener
      },
      adoptTuning: async (choices) => {
        this.adopted.push(...choices)
      },
      hearTuning: async (listener) => {
        this.tellTuning = listener
      },
      endRun: async (run) => {
        this.endedRuns.push(run)
      },
      run: (spec, id) =>
        new Promise((resolve, reject) => {
          this.started++
          const end = (settle: () => void) => {
            this.runs = this.runs.filter((other) => other !== run)
            // A killed worker's answers are lost.
            if (life === this.spawned && this.killed < this.spawned) settle()
          }
          const outcome = (computeMicros: number): ComputeOutcome => ({
            outputs: [{ name: 'c', datatype: 'INT32', shape: [2], bytes: new Uint8Array(8).fill(1) }],
            computeMicros,
          })
          const run: FakeRun = {
            spec,
            id,
            finish: (computeMicros = 1000) => end(() => resolve(outcome(computeMicros))),
            fail: (code) => end(() => reject(new OpentabError(code))),
          }
          if (this.loseNext) {
            this.loseNext = false
            reject(new OpentabError('device_lost'))
          } else if (this.immediate) resolve(outcome(100))
          else this.runs.push(run)
        }),
      stop: async () => {
        this.stopped++
      },
      loseDevice: async () => {
        this.loseNext = true
      },
    }
  }

  kill(): void {
    this.killed = this.spawned
    this.runs = []
  }
}
