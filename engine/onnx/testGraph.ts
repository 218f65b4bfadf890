import { create, toBinary } from '@bufbuild/protobuf'
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  TensorProto_DataType,
  TensorProtoSchema,
  TensorShapeProto_DimensionSchema,
  TensorShapeProtoSchema,
  TypeProto_TensorSchema,
  TypeProtoSchema,
  ValueInfoProtoSchema,
} from 'onnx-buf'
import type { ServedModel, TensorSpec } from '../../protocol/manifest.ts'
import type { Datatype } from '../../protocol/tensor.ts'

const dataTypes: Record<Datatype, TensorProto_DataType> = {
  BOOL: TensorProto_DataType.BOOL,
  UINT8: TensorProto_DataType.UINT8,
  UINT16: TensorProto_DataType.UINT16,
  UINT32: TensorProto_DataType.UINT32,
  UINT64: TensorProto_DataType.UINT64,
  INT8: TensorProto_DataType.INT8,
  INT16: TensorProto_DataType.INT16,
  INT32: TensorProto_DataType.INT32,
  INT64: TensorProto_DataType.INT64,
  FP16: TensorProto_DataType.FLOAT16,
  FP32: TensorProto_DataType.FLOAT,
  FP64: TensorProto_DataType.DOUBLE,
  BYTES: TensorProto_DataType.STRING,
}

type TestAttribute = number | number[] | { float: number } | { scalar: number } | { text: string }

export interface TestNode {
  op: string
  inputs: string[]
  outputs: string[]
  /** Integers, lists of integers, one-element f32 tensors (`float`, for ConstantOfShape), f32 numbers and texts. */
  attributes?: Record<string, TestAttribute>
  /** Absent: ONNX's own operators. */
  domain?: string
}

export interface TestGraph {
  inputs: TensorSpec[]
  outputs: TensorSpec[]
  nodes: TestNode[]
  /** i64[n] initialisers, e.g. shapes. */
  integers?: Record<string, number[]>
  /** Operator set; 17 where absent. */
  opset?: number
}

const valueInfo = ({ name, datatype, shape }: TensorSpec) =>
  create(ValueInfoProtoSchema, {
    name,
    type: create(TypeProtoSchema, {
      value: {
        case: 'tensorType',
        value: create(TypeProto_TensorSchema, {
          elemType: dataTypes[datatype],
          shape: create(TensorShapeProtoSchema, {
            dim: shape.map((size) =>
              create(TensorShapeProto_DimensionSchema, {
                value:
                  typeof size === 'number'
                    ? { case: 'dimValue', value: BigInt(size) }
                    : { case: 'dimParam', value: size },
              }),
            ),
          }),
        }),
      },
    }),
  })

const attribute = (name: string, value: TestAttribute) => {
  if (Array.isArray(value)) {
    return create(AttributeProtoSchema, {
      name,
      type: AttributeProto_AttributeType.INTS,
      ints: value.map(BigInt),
    })
  }
  if (typeof value === 'number') {
    return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.INT, i: BigInt(value) })
  }
  if ('scalar' in value) {
    return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.FLOAT, f: value.scalar })
  }
  if ('text' in value) {
    const s = new TextEncoder().encode(value.text)
    return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.STRING, s })
  }
  const t = create(TensorProtoSchema, {
    dims: [1n],
    dataType: TensorProto_DataType.FLOAT,
    floatData: [value.float],
  })
  return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.TENSOR, t })
}

/** An ONNX file of a small graph: for tests, and for the built-in probe. */
export function onnxFile(graph: TestGraph): Uint8Array<ArrayBuffer> {
  const model = create(ModelProtoSchema, {
    irVersion: 8n,
    opsetImport: [
      create(OperatorSetIdProtoSchema, { domain: '', version: BigInt(graph.opset ?? 17) }),
      ...[...new Set(graph.nodes.flatMap(({ domain }) => domain ?? []))].map((domain) =>
        create(OperatorSetIdProtoSchema, { domain, version: 1n }),
      ),
    ],
    graph: create(GraphProtoSchema, {
      name: 'graph',
      node: graph.nodes.map(({ op, inputs, outputs, attributes, domain }, index) =>
        create(NodeProtoSchema, {
          name: `${op}${index}`,
          opType: op,
          ...(domain !== undefined && { domain }),
          input: inputs,
          output: outputs,
          attribute: Object.entries(attributes ?? {}).map(([name, value]) => attribute(name, value)),
        }),
      ),
      initializer: Object.entries(graph.integers ?? {}).map(([name, values]) =>
        create(TensorProtoSchema, {
          name,
          dims: [BigInt(values.length)],
          dataType: TensorProto_DataType.INT64,
          int64Data: values.map(BigInt),
        }),
      ),
      input: graph.inputs.map(valueInfo),
      output: graph.outputs.map(valueInfo),
    }),
  })
  return new Uint8Array(toBinary(ModelProtoSchema, model))
}

/** A served model of one graph whose shards are these, and the reader of its bytes. Hashes are made up. */
export function testModel(
  shards: TestGraph[],
  inputs: TensorSpec[],
  outputs: TensorSpec[],
): {
  model: ServedModel
  readShard: (sha256: string) => Promise<Uint8Array<ArrayBuffer>>
} {
  const files = new Map(
    shards.map((shard, index) => [String(index).padStart(64, 'a'), onnxFile(shard)] as const),
  )
  const model: ServedModel = {
    hash: 'f'.repeat(64),
    manifest: {
      v: 1,
      id: 'tiny',
      kind: 'onnx',
      graphs: [
        {
          name: 'main',
          shards: [...files].map(([sha256, bytes]) => ({ sha256, bytes: bytes.byteLength })),
          inputs,
          outputs,
          tolerance: { rtol: 1e-3, atol: 1e-4 },
        },
      ],
      files: {},
      licence: 'Apache-2.0',
      source: 'made for tests',
    },
  }
  return {
    model,
    readShard: async (sha256) => {
      const bytes = files.get(sha256)
      if (!bytes) throw new Error(`no shard ${sha256}`)
      return bytes
    },
  }
}
