import type { ModelRegistry } from '../models/modelRegistry.ts'
import { OpentabError } from '../protocol/errors.ts'
import { ANSWERS_JOB_SPAN } from '../protocol/limits.ts'
import type { ServedModel } from '../protocol/manifest.ts'
import type { TaskSpec } from '../protocol/task.ts'
import type { Tensor } from '../protocol/tensor.ts'
import type { Core } from './core.ts'
import type { BatchBody, InferBody, KernelBody } from './jobs/jobBodies.ts'
import { CUSTOM_KERNEL_JOB, type JobKind } from './jobs/jobKinds.ts'
import { modelOfKind } from './jobs/namedModel.ts'
import { taskSpecs } from './jobs/taskSpecs.ts'
import type { StoreBlob } from './jobs/tensorJson.ts'
import type { CustomKernelBody } from './kernels/kernelBody.ts'
import { createKernelFlow, MOST_OPEN_KERNEL_JOBS } from './kernels/kernelFlow.ts'
import { createChatFlow, type LanguageFlowOptions } from './openai/chatFlow.ts'
import type { ChatBody } from './openai/chatRequest.ts'
import { createCompletionFlow } from './openai/completionFlow.ts'
import type { CompletionBody } from './openai/completionRequest.ts'
import type { LanguageTexts } from './openai/languageText.ts'
import { createResponseFlow } from './openai/responseFlow.ts'
import type { ResponseBody } from './openai/responseRequest.ts'
import { createEmbeddingsFlow } from './pipelines/embeddings/embeddingsFlow.ts'
import type { EmbeddingsBody } from './pipelines/embeddings/embeddingsRequest.ts'
import { createOcrFlow } from './pipelines/ocr/ocrFlow.ts'
import type { OcrBody } from './pipelines/ocr/ocrRequest.ts'
import type { PipelineThread } from './pipelines/pipelineThread.ts'

/** What the kinds need of the relay. */
export interface JobKindOptions {
  registry: ModelRegistry
  readBlob: (sha256: string) => Promise<Uint8Array>
  pipelines: PipelineThread
  texts: LanguageTexts
  /** The core, which is made with these kinds: there once jobs are. */
  core: () => Core
  storeBlob: StoreBlob
  /** The relay's version: a part of OpenAI's fingerprint. */
  version: string
}

/** The kinds of job that this relay serves, by name. */
export function createJobKinds({
  registry,
  readBlob,
  pipelines,
  texts,
  core,
  storeBlob,
  version,
}: JobKindOptions): Map<string, JobKind> {
  const operationsOf = (spec: TaskSpec): Promise<number> | number => {
    if (spec.kind === 'kernel') return 2 * spec.shape.m * spec.shape.k * spec.shape.n
    if (spec.kind === 'custom') return spec.operations ?? 0
    if (spec.kind !== 'infer')
      throw new OpentabError('not_available', `${spec.kind} tasks are not served yet.`)
    return registry.operationsOf(spec.model, spec.graph, shapesOf(spec.inputs))
  }
  const specOf = taskSpecs(registry, readBlob)

  // A flow is made once for each model's hash: it holds the model's tokenizer and tables.
  const flows = new Map<string, (body: never, context: never) => Promise<unknown>>()
  const flowFor = <F>(
    model: ServedModel,
    make: (options: { model: ServedModel; readFile: ModelRegistry['read'] }, thread: PipelineThread) => F,
  ): F => {
    let flow = flows.get(model.hash) as F | undefined
    if (!flow) {
      flow = make({ model, readFile: (sha256) => registry.read(sha256) }, pipelines)
      flows.set(model.hash, flow as never)
    }
    return flow
  }
  const languageOf = ({ model }: { model: string }): LanguageFlowOptions => ({
    model: modelOfKind(registry, 'chat', model),
    textOf: (served) => texts.of(served),
    version,
  })
  const kinds: JobKind[] = [
    { name: 'kernel', operationsOf, plan: async (body) => [await specOf(body as KernelBody)] },
    {
      name: CUSTOM_KERNEL_JOB,
      mostOpen: MOST_OPEN_KERNEL_JOBS,
      operationsOf,
      // Who chose the program may own the tabs, too: nothing of it may come from the operator.
      refunds: false,
      flow: (body, context) =>
        createKernelFlow({ core, readBlob, storeBlob })(body as CustomKernelBody, context),
    },
    { name: 'infer', operationsOf, plan: async (body) => [await specOf(body as InferBody)] },
    {
      name: 'batch',
      operationsOf,
      plan: async (body) => {
        const specs: TaskSpec[] = []
        for (const task of (body as BatchBody).tasks) {
          const spec = specOf(task)
          specs.push(spec instanceof Promise ? await spec : spec)
        }
        return specs
      },
    },
    {
      // One task that was decoded already, for callers who wait: its outputs are the answer.
      name: 'spec',
      operationsOf,
      flow: (body, context) => context.task(0, body as TaskSpec),
    },
    {
      name: 'ocr',
      operationsOf,
      flow: (body, context) => {
        const { model, ...rest } = body as OcrBody & { model?: string }
        return flowFor(modelOfKind(registry, 'ocr', model), createOcrFlow)(rest, context)
      },
    },
    {
      name: 'embeddings',
      operationsOf,
      flow: (body, context) => {
        const embeddings = body as EmbeddingsBody
        return flowFor(modelOfKind(registry, 'embeddings', embeddings.model), createEmbeddingsFlow)(
          embeddings,
          context,
        )
      },
    },
    {
      name: 'chat',
      span: ANSWERS_JOB_SPAN,
      operationsOf,
      flow: (body, context) => createChatFlow(languageOf(body as ChatBody))(body as ChatBody, context),
    },
    {
      name: 'completions',
      span: ANSWERS_JOB_SPAN,
      operationsOf,
      flow: (body, context) =>
        createCompletionFlow(languageOf(body as CompletionBody))(body as CompletionBody, context),
    },
    {
      name: 'responses',
      span: ANSWERS_JOB_SPAN,
      operationsOf,
      flow: (body, context) =>
        createResponseFlow(languageOf(body as ResponseBody))(body as ResponseBody, context),
    },
  ]
  return new Map(kinds.map((kind) => [kind.name, kind]))
}

const shapesOf = (inputs: readonly Tensor[]): Map<string, readonly number[]> =>
  new Map(inputs.map((input) => [input.name, input.shape]))
