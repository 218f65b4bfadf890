import type { ModelRegistry } from '../../models/modelRegistry.ts'
import { OpentabError } from '../../protocol/errors.ts'
import { outputSpecs, readCustomTask } from '../../protocol/kernel/customTask.ts'
import type { LanguageModel } from '../../protocol/language.ts'
import { TASK_TIME_LIMIT_MS } from '../../protocol/limits.ts'
import type { InferTask, KernelTask } from '../../protocol/task.ts'
import type { Tensor } from '../../protocol/tensor.ts'
import type { Comparison } from '../kernels/compareOutputs.ts'
import { besideReplicas } from '../kernels/replicas.ts'
import { checkAnswerForm, checkStageForm } from './checkAnswerForm.ts'
import type { Checker, CheckOutcome } from './checker.ts'
import { checkKernelForm, checkTensorsForm } from './checkForm.ts'
import type { MatmulCheck } from './checkThread.ts'
import { copyTensors } from './copyTensors.ts'
import { checkMatmul } from './freivalds/checkMatmul.ts'
import { SecretRandom } from './freivalds/secretRandom.ts'
import { createOutputComparer, type OutputPair } from './outputComparer.ts'
import { createReferee, type RefereeOptions } from './referee/createReferee.ts'
import { ThreadPool } from './threadPool.ts'

/**
 * Elements of a, b and c together up to which a product is checked on the event loop: some 15 microseconds, no more
 * than handing it to a thread would cost there.
 */
export const INLINE_ELEMENTS = { 'matmul-i8': 4096, 'matmul-f32': 1024 } as const

export interface CheckerOptions extends Omit<RefereeOptions, 'registry'> {
  registry: Pick<ModelRegistry, 'byHash' | 'pathOf' | 'outputShapesOf'>
  /** Threads for matmul checks and comparisons, each started when there is work for it. */
  threads?: number
}

/** Figures for the metrics. */
export interface CheckerFigures {
  /** Checks and comparisons that wait for a thread. */
  matmulQueued: number
  /** CPU time of the matmul threads, ms. */
  matmulCpuMs: number
  refereeQueued: number
  /** CPU time of the referee, ms. */
  refereeCpuMs: number
}

export interface OpentabChecker extends Checker {
  figures(): CheckerFigures
}

/**
 * The relay's checks: Freivalds for the matmul kernels (small ones at once and synchronously, larger ones in threads)
 * and recomputation on WASM for ONNX tasks. Threads start with the first check that needs them and end with close().
 */
export function createChecker(options: CheckerOptions): OpentabChecker {
  const { registry } = options
  const random = new SecretRandom()
  const referee = createReferee(options)
  const pool = new ThreadPool<MatmulCheck | OutputPair, CheckOutcome | Comparison>({
    script: new URL('./checkThread.ts', import.meta.url),
    threads: options.threads ?? 1,
    maxQueued: options.maxQueued ?? 1024,
    timeoutMs: options.timeoutMs ?? TASK_TIME_LIMIT_MS,
  })

  function checkKernel(
    task: KernelTask,
    outputs: readonly Tensor[],
    signal: AbortSignal | undefined,
  ): Promise<CheckOutcome> | CheckOutcome {
    const reason = checkKernelForm(task, outputs)
    if (reason !== null) return { ok: false, reason }
    const c = outputs[0]!
    const { m, k, n } = task.shape
    if (m * k + k * n + m * n <= INLINE_ELEMENTS[task.kernel]) return checkMatmul(task, c, random)
    const outcome = pool.run(async () => {
      const inputs = await copyTensors(task.seed === null ? task.inputs : [])
      const result = await copyTensors([c])
      return {
        body: { task: { ...task, inputs: inputs.tensors }, c: result.tensors[0]! },
        transfer: [...inputs.transfer, ...result.transfer],
      }
    }, signal)
    return outcome as Promise<CheckOutcome>
  }

  async function checkGraphForm(task: InferTask, outputs: readonly Tensor[]): Promise<string | null> {
    const declared = registry.byHash(task.model)?.manifest.graphs[task.graph]?.outputs
    if (declared === undefined) {
      throw new OpentabError(
        'model_not_found',
        `Graph ${task.graph} of model ${task.model} is not served here any more.`,
      )
    }
    const reason = checkTensorsForm(declared, outputs)
    if (reason !== null) return reason
    return checkTensorsForm(declared, outputs, await knownShapes(task))
  }

  function languageOf(modelHash: string): LanguageModel {
    const language = registry.byHash(modelHash)?.manifest.language
    if (language) return language
    throw new OpentabError('model_not_found', `The language model ${modelHash} is not served here any more.`)
  }

  /** Shapes that depend on the data cannot be worked out: ranks and datatypes are then all there is to check. */
  async function knownShapes(task: InferTask): Promise<ReadonlyMap<string, readonly number[]>> {
    try {
      return await registry.outputShapesOf(
        task.model,
        task.graph,
        new Map(task.inputs.map((tensor) => [tensor.name, tensor.shape])),
      )
    } catch {
      return new Map()
    }
  }

  return {
    checkForm(spec, outputs) {
      switch (spec.kind) {
        case 'kernel':
          return checkKernelForm(spec, outputs)
        case 'infer':
          return checkGraphForm(spec, outputs)
        case 'generate':
          return checkAnswerForm(languageOf(spec.model), spec, outputs)
        case 'stage':
          return checkStageForm(languageOf(spec.model), spec, outputs)
        case 'custom':
          return checkTensorsForm(outputSpecs(readCustomTask(spec.inputs).kernel), outputs)
        default:
          return spec satisfies never
      }
    },
    alwaysChecked: (spec) => spec.kind === 'kernel' || spec.kind === 'custom',
    check: (spec, outputs, history, signal) =>
      spec.kind === 'kernel'
        ? checkKernel(spec, outputs, signal)
        : spec.kind === 'custom'
          ? besideReplicas(spec, outputs, signal)
          : referee.check(spec, outputs, history, signal),
    comparerOf: (sets, tolerance) => createOutputComparer(pool, sets, tolerance),
    figures: () => ({
      matmulQueued: pool.queued,
      matmulCpuMs: pool.cpuMs,
      refereeQueued: referee.queued,
      refereeCpuMs: referee.cpuMs,
    }),
    async close() {
      await Promise.all([pool.close(), referee.close()])
    },
  }
}
