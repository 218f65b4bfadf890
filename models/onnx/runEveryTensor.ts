import { create, fromBinary, toBinary } from '@bufbuild/protobuf'
import { ModelProtoSchema, ValueInfoProtoSchema } from 'onnx-buf'
import { InferenceSession, type Tensor } from 'onnxruntime-web/wasm'

/** Shape and ONNX Runtime's type name of a tensor that was really computed. */
export interface RealTensor {
  type: string
  shape: readonly number[]
  /** Elements as numbers; empty for strings. */
  readonly values: readonly number[]
}

/**
 * For tests: runs a model in ONNX Runtime's WASM with every inner tensor of the main graph as an output, and gives
 * what each of them really was.
 */
export async function runEveryTensor(
  bytes: Uint8Array,
  inputs: readonly Readonly<Record<string, Tensor>>[],
): Promise<ReadonlyMap<string, RealTensor>[]> {
  const model = fromBinary(ModelProtoSchema, bytes)
  const graph = model.graph
  if (!graph) throw new Error('the file holds no graph')
  const listed = new Set(graph.output.map((output) => output.name))
  for (const node of graph.node) {
    for (const name of node.output) {
      if (name !== '' && !listed.has(name)) graph.output.push(create(ValueInfoProtoSchema, { name }))
    }
  }
  const session = await InferenceSession.create(toBinary(ModelProtoSchema, model), {
    executionProviders: ['wasm'],
    graphOptimizationLevel: 'disabled',
    logSeverityLevel: 3,
  })
  const runs: ReadonlyMap<string, RealTensor>[] = []
  for (const feeds of inputs) {
    const outputs = Object.entries(await session.run(feeds))
    runs.push(new Map(outputs.map(([name, tensor]) => [name, realTensor(tensor)])))
  }
  await session.release()
  return runs
}

const realTensor = ({ type, dims, data }: Tensor): RealTensor => ({
  type,
  shape: dims,
  get values() {
    return type === 'string' ? [] : Array.from(data as ArrayLike<number | bigint>, Number)
  },
})
