import { create, type DescMessage, type MessageInitShape, toBinary } from '@bufbuild/protobuf'
import {
  type AttributeProtoSchema,
  TensorProto_DataType as Code,
  type GraphProtoSchema,
  AttributeProto_AttributeType as Kind,
  ModelProtoSchema,
  type NodeProtoSchema,
  type TensorProtoSchema,
  type ValueInfoProtoSchema,
} from 'onnx-buf'

/** What a message is made from, without the finished message itself. */
type Init<Schema extends DescMessage> = Exclude<MessageInitShape<Schema>, { $typeName: string }>

/** An attribute's value: integers, floats as `{ float }`, text, lists of integers, a tensor or a graph. */
export type AttributeValue =
  | number
  | readonly number[]
  | string
  | { float: number }
  | { floats: readonly number[] }
  | { tensor: TensorInit }
  | { graph: GraphInit }

export type TensorInit = Init<typeof TensorProtoSchema>
export type GraphInit = Init<typeof GraphProtoSchema>
export type NodeInit = Init<typeof NodeProtoSchema>

/** Parts of a small model for tests. Inputs and outputs default to `x` and `y`, f32[2, 3]. */
export interface ModelParts {
  nodes: readonly NodeInit[]
  inputs?: readonly Init<typeof ValueInfoProtoSchema>[]
  outputs?: readonly Init<typeof ValueInfoProtoSchema>[]
  initializers?: readonly TensorInit[]
  /** Version of the default operator set. */
  opset?: number
  irVersion?: number
  /** Anything else of the model, over what is made here. */
  model?: Init<typeof ModelProtoSchema>
  /** Anything else of the graph. */
  graph?: GraphInit
}

/** ONNX's element type by the name that onnx.proto gives it. */
export type ElementTypeName = keyof typeof Code

/** A declared tensor; null leaves the shape out. */
export const valueInfo = (
  name: string,
  shape: readonly (number | string)[] | null = [2, 3],
  type: ElementTypeName = 'FLOAT',
): Init<typeof ValueInfoProtoSchema> => ({
  name,
  type: {
    value: {
      case: 'tensorType',
      value: {
        elemType: Code[type],
        ...(shape && {
          shape: {
            dim: shape.map((size) => ({
              value:
                typeof size === 'string'
                  ? { case: 'dimParam' as const, value: size }
                  : { case: 'dimValue' as const, value: BigInt(size) },
            })),
          },
        }),
      },
    },
  },
})

/** A node; attributes get their kind from their value. */
export const node = (
  opType: string,
  input: readonly string[],
  output: readonly string[],
  attributes: Readonly<Record<string, AttributeValue>> = {},
): NodeInit => ({
  opType,
  name: `${opType}_${output[0] ?? ''}`,
  input: [...input],
  output: [...output],
  attribute: Object.entries(attributes).map(([name, value]) => ({ name, ...attributeFields(value) })),
})

function attributeFields(value: AttributeValue): Init<typeof AttributeProtoSchema> {
  if (typeof value === 'number') return { type: Kind.INT, i: BigInt(value) }
  if (typeof value === 'string') return { type: Kind.STRING, s: new TextEncoder().encode(value) }
  if ('float' in value) return { type: Kind.FLOAT, f: value.float }
  if ('floats' in value) return { type: Kind.FLOATS, floats: [...value.floats] }
  if ('tensor' in value) return { type: Kind.TENSOR, t: value.tensor }
  if ('graph' in value) return { type: Kind.GRAPH, g: value.graph }
  return { type: Kind.INTS, ints: value.map(BigInt) }
}

/** i64[shape] with its elements in a list; a vector when no shape is given. */
export const int64 = (
  name: string,
  values: readonly number[],
  shape: readonly number[] = [values.length],
): TensorInit => ({
  name,
  dataType: Code.INT64,
  dims: shape.map(BigInt),
  int64Data: values.map(BigInt),
})

/** f32[shape] with its elements in a list; a vector when no shape is given. */
export const float32 = (
  name: string,
  values: readonly number[],
  shape: readonly number[] = [values.length],
): TensorInit => ({ name, dataType: Code.FLOAT, dims: shape.map(BigInt), floatData: [...values] })

/** The bytes of a small ONNX model. For tests: a model that breaks rules is written as it is. */
export function buildModel(parts: ModelParts): Uint8Array<ArrayBuffer> {
  const model = create(ModelProtoSchema, {
    irVersion: BigInt(parts.irVersion ?? 8),
    opsetImport: [{ domain: '', version: BigInt(parts.opset ?? 17) }],
    producerName: 'opentab test',
    graph: {
      name: 'graph',
      node: [...parts.nodes],
      input: [...(parts.inputs ?? [valueInfo('x')])],
      output: [...(parts.outputs ?? [valueInfo('y')])],
      initializer: [...(parts.initializers ?? [])],
      ...parts.graph,
    },
    ...parts.model,
  })
  return toBinary(ModelProtoSchema, model)
}
