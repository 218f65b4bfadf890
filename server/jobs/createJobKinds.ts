import { hash } from 'node:crypto'
import type { ModelRegistry } from '../../models/modelRegistry.ts'
import { OpentabError } from '../../protocol/errors.ts'
import { ANSWERS_JOB_SPAN } from '../../protocol/limits.ts'
import type { Graph, ServedModel } from '../../protocol/manifest.ts'
import type { InferTask, KernelName, KernelTask, TaskSpec } from '../../protocol/task.ts'
import { kernelCodes } from '../../protocol/task.ts'
import type { Tensor } from '../../protocol/tensor.ts'
import { descriptorText } from '../../shaders/library.ts'
import type { Core } from '../core.ts'
import { INPUTS, type StoreBlob, tensorFromJson } from '../http/tensorJson.ts'
import type { CustomKernelBody } from '../kernels/kernelBody.ts'
import { createKernelFlow } from '../kernels/kernelFlow.ts'
import { createChatFlow, type LanguageFlowOptions } from '../openai/chatFlow.ts'
import type { ChatBody } from '../openai/chatRequest.ts'
import { createCompletionFlow } from '../openai/completionFlow.ts'
import type { CompletionBody } from '../openai/completionRequest.ts'
import type { LanguageTexts } from '../openai/languageText.ts'
import { createResponseFlow } from '../openai/responseFlow.ts'
import type { ResponseBody } from '../openai/responseRequest.ts'
import { createEmbeddingsFlow } from '../pipelines/embeddings/embeddingsFlow.ts'
import type { EmbeddingsBody } from '../pipelines/embeddings/embeddingsRequest.ts'
import { createOcrFlow } from '../pipelines/ocr/ocrFlow.ts'
import type { OcrBody } from '../pipelines/ocr/ocrRequest.ts'
import type { PipelineThread } from '../pipelines/pipelineThread.ts'
import type { BatchBody, InferBody, KernelBody, TaskBody } from './jobBodies.ts'
import type { JobKind } from './jobKinds.ts'

/** The kind under which custom kernels are kept; outside they are kernels like the library's. */
export const CUSTOM_KERNEL_JOB = 'custom-kernel'

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

/** The subject hash of each library kernel. */
const kernelSubjects: Readonly<Record<KernelName, string>> = Object.fromEntries(
  (Object.keys(kernelCodes) as KernelName[]).map((name) => [
    name,
    hash('sha256', descriptorText(name), 'hex'),
  ]),
) as Record<KernelName, string>

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
  const inputsOf = (inputs: readonly Parameters<typeof tensorFromJson>[0][]): Promise<Tensor[]> =>
    Promise.all(inputs.map((input) => tensorFromJson(input, readBlob)))
  const specOf = (body: TaskBody): Promise<TaskSpec> | TaskSpec =>
    body.kind === 'kernel' ? kernelSpec(body, inputsOf) : inferSpec(body, registry, inputsOf)

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
      operationsOf,
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

/**
 * The model of that name, or the only one of the kind when no name is given.
 * @throws OpentabError `model_not_found`, `invalid_value` when the model is of another kind
 */
export function modelOfKind(
  registry: ModelRegistry,
  kind: 'ocr' | 'embeddings' | 'chat',
  id: string | undefined,
): ServedModel {
  const model =
    id === undefined ? registry.list().find((other) => other.manifest.kind === kind) : registry.byId(id)
  if (!model)
    throw new OpentabError(
      'model_not_found',
      `The model ${JSON.stringify((id ?? kind).slice(0, 100))} is not served here.`,
      {
        param: 'model',
      },
    )
  if (model.manifest.kind === kind) return model
  throw new OpentabError(
    'invalid_value',
    `The model ${model.manifest.id} is for ${model.manifest.kind}, not for ${kind}.`,
    { param: 'model' },
  )
}

function kernelSpec(
  { kernel, shape, seed, inputs }: KernelBody,
  inputsOf: (inputs: NonNullable<KernelBody['inputs']>) => Promise<Tensor[]>,
): Promise<KernelTask> | KernelTask {
  const spec = { kind: 'kernel' as const, kernel, subject: kernelSubjects[kernel], shape }
  if (!inputs) return { ...spec, seed: seed!, inputs: [] }
  return inputsOf(inputs).then((tensors) => {
    const datatype = kernel === 'matmul-i8' ? 'INT8' : 'FP32'
    const wanted = [
      { name: 'a', shape: [shape.m, shape.k] },
      { name: 'b', shape: [shape.k, shape.n] },
    ]
    const ordered = wanted.map((want) => {
      const tensor = tensors.find((other) => other.name === want.name)
      if (tensor?.datatype === datatype && tensor.shape.join() === want.shape.join()) return tensor
      const got = tensor ? `${tensor.datatype}[${tensor.shape.join(',')}]` : 'missing'
      throw new OpentabError(
        'invalid_value',
        `Input ${want.name} of ${kernel} must be ${datatype}[${want.shape.join(',')}] and is ${got}.`,
        { param: INPUTS },
      )
    })
    if (tensors.length !== 2)
      throw new OpentabError(
        'invalid_value',
        `${kernel} takes two inputs, a and b; ${tensors.length} came.`,
        { param: INPUTS },
      )
    return { ...spec, seed: null, inputs: ordered }
  })
}

async function inferSpec(
  body: InferBody,
  registry: ModelRegistry,
  inputsOf: (inputs: InferBody['inputs']) => Promise<Tensor[]>,
): Promise<InferTask> {
  const { model, index, graph } = graphByName(registry, body.model)
  return {
    kind: 'infer',
    model: model.hash,
    graph: index,
    inputs: fitInputs(graph, await inputsOf(body.inputs)),
  }
}

/**
 * A model's graph by `name` or `name/graph`.
 * @throws OpentabError `model_not_found`, `invalid_value` when the model has several graphs and none is named
 */
export function graphByName(
  registry: ModelRegistry,
  name: string,
): { model: ServedModel; index: number; graph: Graph } {
  const [id, graphName] = name.split('/', 2) as [string, string | undefined]
  const model = registry.byId(id)
  if (!model)
    throw new OpentabError(
      'model_not_found',
      `The model ${JSON.stringify(name.slice(0, 100))} is not served here.`,
      {
        param: 'model',
      },
    )
  const { graphs } = model.manifest
  const index =
    graphName === undefined && graphs.length === 1 ? 0 : graphs.findIndex((graph) => graph.name === graphName)
  if (index >= 0) return { model, index, graph: graphs[index]! }
  const names = graphs.map((graph) => `${id}/${graph.name}`).join(', ')
  throw new OpentabError('invalid_value', `The model ${id} has the graphs ${names}.`, {
    param: 'model',
    fix: 'Name one of them.',
  })
}

/** The graph's inputs in its order. @throws OpentabError `invalid_value` naming the input that does not fit */
export function fitInputs(graph: Graph, tensors: readonly Tensor[]): Tensor[] {
  const names = graph.inputs.map((input) => input.name).join(', ')
  for (const tensor of tensors) {
    if (!graph.inputs.some((input) => input.name === tensor.name)) {
      throw new OpentabError('invalid_value', `The model has no input ${tensor.name}.`, {
        param: INPUTS,
        fix: `Its inputs are ${names}.`,
      })
    }
  }
  return graph.inputs.map((want) => {
    const given = tensors.filter((other) => other.name === want.name)
    const tensor = given[0]
    const fits =
      given.length === 1 &&
      tensor!.datatype === want.datatype &&
      tensor!.shape.length === want.shape.length &&
      want.shape.every((size, i) => typeof size === 'string' || size === tensor!.shape[i])
    if (fits) return tensor!
    const got =
      given.length > 1 ? 'given twice' : tensor ? `${tensor.datatype}[${tensor.shape.join(',')}]` : 'missing'
    throw new OpentabError(
      'invalid_value',
      `Input ${want.name} must be ${want.datatype}[${want.shape.join(',')}] and is ${got}.`,
      { param: INPUTS },
    )
  })
}
