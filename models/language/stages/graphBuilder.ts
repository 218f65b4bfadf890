import { TensorProto_DataLocation as Location, TensorProto_DataType as Type } from 'onnx-buf'
import {
  type AttributeValue,
  buildModel,
  int64,
  type NodeInit,
  node,
  type TensorInit,
  valueInfo,
} from '../../onnx/buildModel.ts'

type ValueInfo = ReturnType<typeof valueInfo>

/** Operators of ONNX Runtime's own, against those of the standard. */
const MICROSOFT = 'com.microsoft'
const microsoftOperators: ReadonlySet<string> = new Set(['GroupQueryAttention', 'MatMulNBits', 'FastGelu'])

/** Puts a graph together node by node; every method gives the name of the tensor that it makes. */
export class GraphBuilder {
  readonly #nodes: NodeInit[] = []
  readonly #initializers = new Map<string, TensorInit>()
  readonly #inputs: ValueInfo[] = []
  readonly #outputs: ValueInfo[] = []
  #made = 0

  input(name: string, type: 'FLOAT' | 'INT32' | 'INT64', shape: readonly (number | string)[]): string {
    this.#inputs.push(valueInfo(name, shape, type))
    return name
  }

  output(name: string, shape: readonly (number | string)[]): void {
    this.#outputs.push(valueInfo(name, shape))
  }

  /** One operator with one output. */
  op(
    type: string,
    inputs: readonly string[],
    attributes: Record<string, AttributeValue> = {},
    name?: string,
  ): string {
    return this.ops(type, inputs, [name ?? `t${this.#made++}`], attributes)[0]!
  }

  /** One operator with named outputs; an empty name leaves one out. */
  ops(
    type: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: Record<string, AttributeValue> = {},
  ): readonly string[] {
    this.#nodes.push({
      ...node(type, inputs, outputs, attributes),
      ...(microsoftOperators.has(type) && { domain: MICROSOFT }),
    })
    return outputs
  }

  /** i64[n] in the graph itself; equal lists are one constant. */
  integers(values: readonly number[]): string {
    const name = `i64.${values.join('_')}`
    this.#initializers.set(name, int64(name, values))
    return name
  }

  /** A tensor outside the graph; its location is its name. */
  external(name: string, type: 'FLOAT' | 'UINT8', shape: readonly number[]): string {
    this.#initializers.set(name, {
      name,
      dataType: Type[type],
      dims: shape.map(BigInt),
      dataLocation: Location.EXTERNAL,
      externalData: [{ key: 'location', value: name }],
    })
    return name
  }

  /** The graph's bytes: the same calls give the same bytes. */
  build(name: string): Uint8Array<ArrayBuffer> {
    return buildModel({
      nodes: this.#nodes,
      inputs: this.#inputs,
      outputs: this.#outputs,
      initializers: [...this.#initializers.values()],
      irVersion: 10,
      model: {
        producerName: 'opentab',
        opsetImport: [
          { domain: '', version: 21n },
          { domain: MICROSOFT, version: 1n },
        ],
      },
      graph: { name },
    })
  }
}
