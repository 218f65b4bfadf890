import { availableParallelism } from 'node:os'
import * as ort from 'onnxruntime-web'
import { OpentabError } from '../../protocol/errors.ts'
import type { ServedModel } from '../../protocol/manifest.ts'
import { elementsOf, type Tensor, tensorOf } from '../../protocol/tensor.ts'
import type { FlowContext } from '../jobs/flow.ts'
import type { ReadFile } from './modelParts.ts'

/** A FlowContext with what it has run so far. */
export interface DirectContext extends FlowContext {
  /** Every task in the order in which it was asked for. */
  readonly log: { index: number; graph: string; inputShape: readonly number[]; ms: number }[]
}

/**
 * Runs a flow's tasks here and now on ONNX Runtime Web's WASM backend, without a relay or a tab, one after the other:
 * for tests, and as the bare side of benchmarks. @param threads WASM threads; all cores unless said
 */
export function createDirectContext(model: ServedModel, readFile: ReadFile, threads?: number): DirectContext {
  ort.env.logLevel = 'error'
  ort.env.wasm.numThreads = threads ?? availableParallelism()
  const sessions = new Map<number, Promise<ort.InferenceSession>>()
  const log: DirectContext['log'] = []
  let last: Promise<unknown> = Promise.resolve()

  const session = (graph: number) => {
    let made = sessions.get(graph)
    if (!made) {
      const shard = model.manifest.graphs[graph]?.shards[0]
      if (!shard) throw new OpentabError('internal', `The model ${model.manifest.id} has no graph ${graph}.`)
      made = readFile(shard.sha256).then((bytes) =>
        ort.InferenceSession.create(bytes, { executionProviders: ['wasm'] }),
      )
      sessions.set(graph, made)
    }
    return made
  }

  const run = async (index: number, graph: number, inputs: readonly Tensor[]): Promise<Tensor[]> => {
    const ready = await session(graph)
    const feeds: Record<string, ort.Tensor> = {}
    for (const input of inputs) feeds[input.name] = toOrt(input)
    const started = performance.now()
    const outputs = await ready.run(feeds)
    log.push({
      index,
      graph: model.manifest.graphs[graph]!.name,
      inputShape: inputs[0]?.shape ?? [],
      ms: performance.now() - started,
    })
    return ready.outputNames.map((name) => {
      const { data, dims, type } = outputs[name]!
      if (data instanceof Float32Array) return tensorOf(name, 'FP32', dims, data)
      if (data instanceof BigInt64Array) return tensorOf(name, 'INT64', dims, data)
      throw new OpentabError('internal', `${name} is ${type}.`)
    })
  }

  return {
    log,
    signal: new AbortController().signal,
    emit() {},
    answer: () => Promise.reject(new OpentabError('internal', 'This context runs no language models.')),
    task(index, spec) {
      if (spec.kind !== 'infer')
        throw new OpentabError('internal', `A ${spec.kind} task came from a model's flow.`)
      const result = last.then(() => run(index, spec.graph, spec.inputs))
      last = result.catch(() => {})
      return result
    },
  }
}

function toOrt(tensor: Tensor): ort.Tensor {
  const elements = elementsOf(tensor)
  if (elements instanceof Float32Array) return new ort.Tensor('float32', elements, tensor.shape)
  if (elements instanceof BigInt64Array) return new ort.Tensor('int64', elements, tensor.shape)
  throw new OpentabError('internal', `No flow sends ${tensor.datatype}.`)
}
