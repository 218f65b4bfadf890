import type { InferTask } from '../../protocol/task.ts'
import type { FlowContext } from '../../server/jobs/flow.ts'
import { createDirectContext } from '../../server/pipelines/directContext.ts'
import { createEmbeddingsFlow } from '../../server/pipelines/embeddings/embeddingsFlow.ts'
import type { FlowOptions } from '../../server/pipelines/modelParts.ts'
import { createOcrFlow } from '../../server/pipelines/ocr/ocrFlow.ts'
import { packagedModel } from '../../server/pipelines/packagedModel.ts'
import { embeddingsModel, ocrModel, page, type RequestName, sentences } from './requests.ts'

/** A request with the tasks that the relay cuts it into. */
export interface RecordedRequest {
  name: RequestName
  packaged: FlowOptions
  tasks: InferTask[]
  /** The whole request on ONNX Runtime Web here: picture, tokens, graphs, answer. */
  answer(): Promise<unknown>
}

/** Answers each request once with `threads` WASM threads and keeps the tasks that its flow asked for. */
export async function recordTasks(threads: number): Promise<RecordedRequest[]> {
  return [
    await record('ocr', ocrModel, threads, (packaged, context) =>
      createOcrFlow(packaged)({ image: page() }, context),
    ),
    await record('embeddings', embeddingsModel, threads, (packaged, context) =>
      createEmbeddingsFlow(packaged)(
        { model: embeddingsModel, input: [...sentences], encoding_format: 'float' },
        context,
      ),
    ),
  ]
}

async function record(
  name: RequestName,
  model: string,
  threads: number,
  run: (packaged: FlowOptions, context: FlowContext) => Promise<unknown>,
): Promise<RecordedRequest> {
  const packaged = await packagedModel(model)
  const direct = createDirectContext(packaged.model, packaged.readFile, threads)
  const tasks: InferTask[] = []
  await run(packaged, {
    ...direct,
    task(index, spec) {
      if (spec.kind === 'infer') tasks[index] = spec
      return direct.task(index, spec)
    },
  })
  return { name, packaged, tasks, answer: () => run(packaged, direct) }
}
