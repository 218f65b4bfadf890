import { create } from '@bufbuild/protobuf'
import {
  TensorProto_DataType as Code,
  type GraphProto,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from 'onnx-buf'
import type { Datatype } from '../../protocol/tensor.ts'
import { valueInfo } from './buildModel.ts'
import { elementCodeOf } from './elementType.ts'
import { quoted } from './graph.ts'
import { trialInference } from './graphSpecs.ts'
import { readGraph } from './readGraph.ts'
import { refusal } from './refuse.ts'

/**
 * Element type and rank of tensors inside a graph, as an input or an output declares them: what the file says of them,
 * else what follows from the graph. Every dimension gets a name of its own, because it may vary from run to run.
 */
export class TensorTypes {
  readonly #bytes: Uint8Array
  readonly #declared: ReadonlyMap<string, ValueInfoProto>
  #inferred: ReturnType<typeof trialInference> | null = null

  /** @param bytes the file that `graph` was decoded from */
  constructor(bytes: Uint8Array, graph: GraphProto) {
    this.#bytes = bytes
    this.#declared = new Map(
      [...graph.input, ...graph.output, ...graph.valueInfo].map((info) => [info.name, info]),
    )
  }

  /** @throws OpentabError `model_refused` when the file gives no type and none could be inferred */
  of(name: string): ValueInfoProto {
    const declared = this.#declared.get(name)
    const type = declared?.type?.value
    if (
      declared &&
      type?.case === 'tensorType' &&
      type.value.elemType !== Code.UNDEFINED &&
      type.value.shape
    ) {
      return declared
    }
    this.#inferred ??= trialInference(readGraph(this.#bytes))
    const fact = this.#inferred?.facts.get(name)
    if (!fact) throw refusal(`Tensor ${quoted(name)} declares no type, and none could be inferred.`)
    const shape = fact.shape.map((_, axis) => `${name}_${axis}`)
    return create(ValueInfoProtoSchema, valueInfo(name, shape, elementCodeOf(fact.type satisfies Datatype)))
  }
}
