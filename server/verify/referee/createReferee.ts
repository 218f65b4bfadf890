import type { ModelRegistry } from '../../../models/modelRegistry.ts'
import { OpentabError } from '../../../protocol/errors.ts'
import { TASK_TIME_LIMIT_MS } from '../../../protocol/limits.ts'
import { shardsOf } from '../../../protocol/manifest.ts'
import type { KernelTask, TaskSpec } from '../../../protocol/task.ts'
import type { Tensor } from '../../../protocol/tensor.ts'
import type { CheckOutcome, StepHistory } from '../checker.ts'
import { copyTensors } from '../copyTensors.ts'
import { ThreadPool } from '../threadPool.ts'
import type { RefereeCheck, RefereeThreadData } from './refereeThread.ts'

export interface RefereeOptions {
  registry: Pick<ModelRegistry, 'byHash' | 'pathOf'>
  /** Threads of the WASM instance in the referee's one thread. */
  wasmThreads?: number
  /** Estimated memory of the sessions kept loaded, bytes. */
  memoryBudgetBytes?: number
  /** Most checks that may wait. */
  maxQueued?: number
  /** Longest time one recomputation may take, loading included, ms. */
  timeoutMs?: number
}

export interface Referee {
  /**
   * Runs the task again on WASM and compares within the graph's tolerance. `ok: false` says only that the tab's result
   * differs from the relay's own. Where the referee itself cannot say (model missing, damaged or too large, inputs that
   * the graph refuses, queue full, thread lost) the promise is **rejected**: that is not the tab's fault, the result
   * counts as not checked, and the check is tried again later.
   * @throws OpentabError (as a rejection) `check_unavailable`, `model_not_found`, `not_found`, `wrong_hash`,
   * `model_failed`, `out_of_memory`, `invalid_value`
   */
  check(
    task: Exclude<TaskSpec, KernelTask>,
    outputs: readonly Tensor[],
    history?: StepHistory,
  ): Promise<CheckOutcome>
  /** CPU time spent in the referee's thread so far, ms. */
  readonly cpuMs: number
  /** Checks that wait. */
  readonly queued: number
  /** Checks answered, failures included. */
  readonly answered: number
  close(): Promise<void>
}

/** The relay's own recomputation of ONNX tasks: the engine on WASM in a worker thread that starts with the first check. */
export function createReferee(options: RefereeOptions): Referee {
  const { registry } = options
  const workerData: RefereeThreadData = {
    wasmThreads: options.wasmThreads ?? 1,
    budgetBytes: options.memoryBudgetBytes ?? 512 * 1024 * 1024,
  }
  const pool = new ThreadPool<RefereeCheck, CheckOutcome>({
    script: new URL('./refereeThread.ts', import.meta.url),
    threads: 1,
    maxQueued: options.maxQueued ?? 1024,
    timeoutMs: options.timeoutMs ?? TASK_TIME_LIMIT_MS,
    workerData,
  })

  return {
    async check(task, outputs) {
      if (task.kind !== 'infer')
        throw new OpentabError('check_unavailable', `There is no check of ${task.kind} tasks yet.`)
      const model = registry.byHash(task.model)
      const graph = model?.manifest.graphs[task.graph]
      if (model === undefined || graph === undefined) {
        throw new OpentabError(
          'model_not_found',
          `Graph ${task.graph} of model ${task.model} is not served here any more.`,
        )
      }
      const paths = new Map<string, string>()
      for (const { sha256 } of shardsOf(model.manifest)) {
        const path = registry.pathOf(sha256)
        if (path !== undefined) paths.set(sha256, path)
      }
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
      })
    },
    get cpuMs() {
      return pool.cpuMs
    },
    get queued() {
      return pool.queued
    },
    get answered() {
      return pool.answered
    },
    close: () => pool.close(),
  }
}
