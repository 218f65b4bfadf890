import { totalmem } from 'node:os'
import type { ModelRegistry } from '../../../models/modelRegistry.ts'
import { OpentabError } from '../../../protocol/errors.ts'
import { TASK_TIME_LIMIT_MS } from '../../../protocol/limits.ts'
import { type ServedModel, shardsOf } from '../../../protocol/manifest.ts'
import type { CustomTask, GenerateTask, KernelTask, StageTask, TaskSpec } from '../../../protocol/task.ts'
import type { Tensor } from '../../../protocol/tensor.ts'
import type { CheckOutcome, StepHistory } from '../checker.ts'
import { copyTensors } from '../copyTensors.ts'
import { ThreadPool } from '../threadPool.ts'
import type { LanguageCheck } from './languageCheck.ts'
import type { RefereeCheck } from './refereeThread.ts'
import type { RefereeThreadData } from './refereeThreadData.ts'

export interface RefereeOptions {
  registry: Pick<ModelRegistry, 'byHash' | 'pathOf'>
  /** Threads of the WASM instance in the referee's one thread. */
  wasmThreads?: number
  /** Estimated memory of the sessions kept loaded, bytes. */
  memoryBudgetBytes?: number
  /** Estimated memory of the language models kept loaded, bytes; a quarter of the machine's unless given. */
  languageBudgetBytes?: number
  /** Most checks that may wait. */
  maxQueued?: number
  /** Longest time one recomputation may take, loading included, ms. */
  timeoutMs?: number
}

/** Share of the machine's memory that language models may take for checks, and the most that WebAssembly has room for. */
const LANGUAGE_MEMORY = 0.25
const MOST_LANGUAGE_BYTES = 3e9

export interface Referee {
  /**
   * Runs the task again on WASM and compares within the graph's tolerance; scores an answer in one pass over prompt and
   * answer; runs a step with all the rows before it (`history`) again. `ok: false` says only that the tab's result
   * differs from the relay's own. Where the referee itself cannot say (model missing, damaged or too large, inputs that
   * the graph refuses, queue full, thread lost) the promise is **rejected**: that is not the tab's fault, the result
   * counts as not checked, and the check is tried again later.
   * @throws OpentabError (as a rejection) `check_unavailable`, `model_not_found`, `not_found`, `wrong_hash`,
   * `model_failed`, `out_of_memory`, `invalid_value`
   */
  check(
    task: Exclude<TaskSpec, KernelTask | CustomTask>,
    outputs: readonly Tensor[],
    history?: StepHistory,
    signal?: AbortSignal,
  ): Promise<CheckOutcome>
  /** CPU time spent in the referee's thread so far, ms. */
  readonly cpuMs: number
  /** Checks that wait. */
  readonly queued: number
  /** Checks answered, failures included. */
  readonly answered: number
  close(): Promise<void>
}

/**
 * The relay's own recomputation: the engine on WASM, ONNX graphs in one worker thread and language models, whose checks
 * take seconds, in another. Each starts with the first check that needs it.
 */
export function createReferee(options: RefereeOptions): Referee {
  const { registry } = options
  const wasmThreads = options.wasmThreads ?? 1
  const oneThread = {
    threads: 1,
    maxQueued: options.maxQueued ?? 1024,
    timeoutMs: options.timeoutMs ?? TASK_TIME_LIMIT_MS,
  }
  const pool = new ThreadPool<RefereeCheck, CheckOutcome>({
    ...oneThread,
    script: new URL('./refereeThread.ts', import.meta.url),
    workerData: {
      wasmThreads,
      budgetBytes: options.memoryBudgetBytes ?? 512 * 1024 * 1024,
    } satisfies RefereeThreadData,
  })
  const languagePool = new ThreadPool<LanguageCheck, CheckOutcome>({
    ...oneThread,
    script: new URL('./languageThread.ts', import.meta.url),
    workerData: {
      wasmThreads,
      budgetBytes: options.languageBudgetBytes ?? Math.min(MOST_LANGUAGE_BYTES, totalmem() * LANGUAGE_MEMORY),
    } satisfies RefereeThreadData,
  })
  const pathsOf = ({ manifest }: ServedModel): ReadonlyMap<string, string> => {
    const paths = new Map<string, string>()
    for (const { sha256 } of shardsOf(manifest)) {
      const path = registry.pathOf(sha256)
      if (path !== undefined) paths.set(sha256, path)
    }
    return paths
  }

  async function checkLanguage(
    task: GenerateTask | StageTask,
    outputs: readonly Tensor[],
    history: StepHistory | undefined,
    signal: AbortSignal | undefined,
  ): Promise<CheckOutcome> {
    const model = registry.byHash(task.model)
    if (model === undefined)
      throw new OpentabError('model_not_found', `The model ${task.model} is not served here any more.`)
    return languagePool.run(async () => {
      const inputs = await copyTensors(task.inputs)
      const copies = await copyTensors(outputs)
      const before = await copyTensors(task.kind === 'stage' ? await historyOf(task, history) : [])
      return {
        body: {
          task: { ...task, inputs: inputs.tensors },
          outputs: copies.tensors,
          history: before.tensors,
          model,
          paths: pathsOf(model),
        },
        transfer: [...inputs.transfer, ...copies.transfer, ...before.transfer],
      }
    }, signal)
  }

  return {
    async check(task, outputs, history, signal) {
      if (task.kind !== 'infer') return checkLanguage(task, outputs, history, signal)
      const model = registry.byHash(task.model)
      const graph = model?.manifest.graphs[task.graph]
      if (model === undefined || graph === undefined) {
        throw new OpentabError(
          'model_not_found',
          `Graph ${task.graph} of model ${task.model} is not served here any more.`,
        )
      }
      const paths = pathsOf(model)
      return pool.run(async () => {
        const inputs = await copyTensors(task.inputs)
        const copies = await copyTensors(outputs)
        return {
          body: {
            task: { kind: 'infer', model: task.model, graph: task.graph, inputs: inputs.tensors },
            outputs: copies.tensors,
            model,
            paths,
            tolerance: graph.tolerance,
            ranked: graph.ranked,
          },
          transfer: [...inputs.transfer, ...copies.transfer],
        }
      }, signal)
    },
    get cpuMs() {
      return pool.cpuMs + languagePool.cpuMs
    },
    get queued() {
      return pool.queued + languagePool.queued
    },
    get answered() {
      return pool.answered + languagePool.answered
    },
    async close() {
      await Promise.all([pool.close(), languagePool.close()])
    },
  }
}

/** The inputs of a step's sequence, whole. @throws OpentabError `check_unavailable` when they are gone with their answer */
async function historyOf(task: StageTask, history: StepHistory | undefined): Promise<readonly Tensor[]> {
  const inputs = (await history?.()) ?? []
  const rows = task.position + task.inputs[0]!.shape[0]!
  if (inputs[0]?.shape[0] === rows) return inputs
  throw new OpentabError('check_unavailable', `Of ${rows} rows ${inputs[0]?.shape[0] ?? 0} are kept.`)
}
