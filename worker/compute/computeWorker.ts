import type { TuningDesk } from '../../engine/gpu/tuner/tuningDesk.ts'
import type { LanguageRunner, LanguageRunnerOptions } from '../../engine/language/languageRunner.ts'
import {
  type ChosenBackend,
  chooseBackend,
  chooseWasmThreads,
  measureWasm,
} from '../../engine/onnx/chooseBackend.ts'
import { oneAtATime } from '../../engine/onnx/oneAtATime.ts'
import type { OnnxRunner } from '../../engine/onnx/onnxRunner.ts'
import type { WasmRunner } from '../../engine/onnx/wasmRunner.ts'
import { runTask, type TaskRunners } from '../../engine/runTask.ts'
import { OpentabError } from '../../protocol/errors.ts'
import type { StageRange } from '../../protocol/language.ts'
import { LANGUAGE_CACHE_SHARE } from '../../protocol/limits.ts'
import type { ServedModel } from '../../protocol/manifest.ts'
import type { TaskSpec } from '../../protocol/task.ts'
import type { Tensor } from '../../protocol/tensor.ts'
import type { ComputeApi, ComputeFaults, OpenOptions } from './computeApi.ts'
import { deviceReport, type ReportedGpu } from './deviceReport.ts'
import { createTaskLine, notWanted, stopped } from './taskLine.ts'

/** The GPU with its kernels, as the worker uses it. */
export interface ComputeGpu {
  info: ReportedGpu & { limits: Readonly<Record<string, number>> }
  runner: NonNullable<TaskRunners['kernels']>
  /** Names of the kernels that can run on it. */
  kernels: string[]
  /** Runs programs that requesters wrote, on a device of their own. */
  custom: NonNullable<TaskRunners['custom']>
  /** Chooses its kernels' variants by measuring; absent: nothing is measured. */
  tuning?: Pick<TuningDesk, 'during' | 'adopt' | 'hear' | 'interrupt'>
  /** Fulfils with the reason when the device is lost; never rejects. */
  lost: Promise<string>
  /** Gives the device up. */
  destroy(): void
}

/** What the worker stands on: the real things in compute.ts, fakes in tests. */
export interface ComputeEnvironment<Gpu extends ComputeGpu = ComputeGpu> {
  /** Null where there is no WebGPU. */
  openGpu(): Promise<Gpu | null>
  /** A WASM runner on a copy of the library of its own. */
  makeWasm(threads: number, wasmBinary: ArrayBuffer): Promise<WasmRunner>
  makeWebgpu(gpu: Gpu, webgpuBinary: ArrayBuffer): Promise<OnnxRunner>
  /** The runner of language models beside the ONNX runner that was chosen, on the same copy of the library. */
  makeLanguage(beside: OnnxRunner, options: LanguageRunnerOptions): Promise<LanguageRunner>
  userAgent: string
  /** Milliseconds, for measuring. */
  now(): number
}

interface Opened {
  gpu: ComputeGpu | null
  backend: ChosenBackend
  /** Bytes that language models may take. */
  memoryBytes: number
}

/** The compute worker without its port: runs the tasks of one tab. */
export function createComputeWorker<Gpu extends ComputeGpu>(
  environment: ComputeEnvironment<Gpu>,
): ComputeApi & ComputeFaults {
  let opening: ReturnType<ComputeApi['open']> | null = null
  let opened: Opened | null = null
  let lost: OpentabError | null = null
  let testing = false
  let loseNext = false
  let loadedLanguage: LanguageRunner | null = null
  let tellTokens: Parameters<ComputeApi['hearTokens']>[0] = () => {}
  /** Models come and go in the order of the calls: an unloading that waits must not take what was loaded after it. */
  const inOrder = oneAtATime()

  const usable = (): Opened => {
    if (lost) throw lost
    if (opened) return opened
    throw new OpentabError('internal', 'The compute worker was used before it was opened.')
  }

  /** Made with the first language model: most tabs never need it. */
  const languageRunner = async (): Promise<LanguageRunner> => {
    const { backend, memoryBytes } = usable()
    loadedLanguage ??= await environment.makeLanguage(backend.runner, {
      cacheBytes: memoryBytes * LANGUAGE_CACHE_SHARE,
    })
    return loadedLanguage
  }

  async function start(spec: TaskSpec, run: number, signal: AbortSignal): Promise<Tensor[]> {
    const { gpu, backend } = usable()
    const runners = {
      kernels: gpu?.runner ?? null,
      onnx: backend.runner,
      language: loadedLanguage,
      custom: gpu?.custom ?? null,
    }
    const work = () => runTask(spec, runners, signal, (chunk) => tellTokens(run, chunk))
    const outputs = gpu?.tuning ? gpu.tuning.during(work) : work()
    if (spec.kind === 'kernel' && loseNext) {
      loseNext = false
      gpu?.destroy()
    }
    try {
      return await outputs
    } catch (error) {
      throw lost ?? error
    }
  }
  const line = createTaskLine(start, environment.now)

  function watch(gpu: ComputeGpu): void {
    void gpu.lost.then((reason) => {
      lost = new OpentabError('device_lost', `The GPU device was lost: ${reason || 'no reason given'}.`)
      line.clear(lost)
    })
  }

  async function open(options: OpenOptions) {
    testing = options.test === true
    const gpu = await environment.openGpu()
    if (gpu) watch(gpu)
    const makeWasm = (threads: number) => environment.makeWasm(threads, options.wasmBinary)
    const wasm = testing
      ? await measureWasm(await makeWasm(options.wasmThreads), environment.now)
      : await chooseWasmThreads(options.wasmThreads, makeWasm, environment.now)
    const { webgpuBinary } = options
    const makeWebgpu =
      gpu && !gpu.info.isFallbackAdapter && webgpuBinary
        ? () => environment.makeWebgpu(gpu, webgpuBinary)
        : null
    const backend = await chooseBackend(wasm, makeWebgpu, environment.now)
    if (lost) throw lost
    opened = { gpu, backend, memoryBytes: options.memoryBytes }
    return {
      report: deviceReport(gpu?.info ?? null, backend, environment.userAgent),
      kernels: gpu?.kernels ?? [],
      limits: { ...gpu?.info.limits },
    }
  }

  async function loadModel(model: ServedModel, shards: Map<string, ArrayBuffer>, range: StageRange | null) {
    const startedMs = environment.now()
    const readShard = async (sha256: string): Promise<Uint8Array<ArrayBuffer>> => {
      const bytes = shards.get(sha256)
      if (bytes) return new Uint8Array(bytes)
      throw new OpentabError(
        'model_failed',
        `Shard ${sha256.slice(0, 12)} of ${model.manifest.id} was not handed in with the model.`,
      )
    }
    if (range === null) await usable().backend.runner.load(model, readShard)
    else {
      // What a stage expands need not stay packed as well: each of its shards is read once and let go.
      const readOnce = (sha256: string) => readShard(sha256).finally(() => shards.delete(sha256))
      await (await languageRunner()).load(model, range, readOnce)
    }
    return { loadMs: environment.now() - startedMs }
  }

  return {
    open: (options) => {
      opening ??= open(options)
      return opening
    },
    loadModel: (model, shards, range) => inOrder(() => loadModel(model, shards, range)),
    unloadModel: (modelHash) =>
      inOrder(async () => {
        await usable().backend.runner.unload(modelHash)
        await loadedLanguage?.unload(modelHash)
      }),
    run: (spec, run) => line.run(spec, run),
    endRun: async (run) => line.end(run, notWanted()),
    async hearTokens(listener) {
      tellTokens = listener
    },
    async adoptTuning(choices) {
      opened?.gpu?.tuning?.adopt(choices)
    },
    async hearTuning(listener) {
      opened?.gpu?.tuning?.hear(listener)
    },
    async stop() {
      opened?.gpu?.tuning?.interrupt()
      line.clear(stopped())
    },
    async loseDevice() {
      if (!testing) {
        throw new OpentabError('not_available', 'Faults are there only when open was called with test: true.')
      }
      loseNext = true
    },
  }
}
