import { type TensorProto, TensorProto_DataLocation } from 'onnx-buf'
import { MAX_RANK } from '../../protocol/limits.ts'
import { type Datatype, datatypes, elementsOf } from '../../protocol/tensor.ts'
import { datatypeOf, elementTypeName } from './elementType.ts'
import { type ConstantTensor, quoted } from './graph.ts'
import { MAX_KNOWN_ELEMENTS, MAX_TENSOR_ELEMENTS } from './limits.ts'
import { refusal } from './refuse.ts'

/** Fields that may hold the elements of a tensor, by datatype (onnx.proto, message TensorProto). */
const typedField = {
  FP32: 'floatData',
  FP64: 'doubleData',
  INT64: 'int64Data',
  UINT64: 'uint64Data',
  UINT32: 'uint64Data',
  BYTES: 'stringData',
  INT32: 'int32Data',
  INT16: 'int32Data',
  INT8: 'int32Data',
  UINT16: 'int32Data',
  UINT8: 'int32Data',
  BOOL: 'int32Data',
  FP16: 'int32Data',
} as const satisfies Record<Datatype, keyof TensorProto>

const dataFields = ['floatData', 'doubleData', 'int64Data', 'uint64Data', 'stringData', 'int32Data'] as const

/**
 * A constant tensor whose dimensions and bytes agree.
 * @throws OpentabError `model_refused` naming the tensor and what is wrong with it
 */
export function readTensor(proto: TensorProto, what: string): ConstantTensor {
  const label = `${what} ${quoted(proto.name)}`
  const type = datatypeOf(proto.dataType)
  if (!type)
    throw refusal(`${label} has the element type ${elementTypeName(proto.dataType)}, which is not supported.`)
  if (proto.dataLocation === TensorProto_DataLocation.EXTERNAL || proto.externalData.length > 0) {
    const location = proto.externalData.find((entry) => entry.key === 'location')?.value ?? ''
    throw refusal(
      `${label} keeps its data outside the file, at ${quoted(location)}.`,
      'Save the model with all its data inside one file.',
    )
  }
  if (proto.segment) throw refusal(`${label} is cut into segments, which is not supported.`)
  const shape = readDims(proto.dims, label)
  const count = shape.reduce((product, size) => product * size, 1)
  const values = readValues(proto, type, shape, count, label)
  return values === undefined ? { type, shape } : { type, shape, values }
}

/** Dimensions as numbers; their product stays within what can be indexed. */
export function readDims(dims: readonly bigint[], label: string): number[] {
  if (dims.length > MAX_RANK)
    throw refusal(`${label} has ${dims.length} dimensions; at most ${MAX_RANK} are supported.`)
  let count = 1
  for (const size of dims) {
    if (size < 0n) throw refusal(`${label} has the negative dimension ${size}.`)
    if (size > BigInt(MAX_TENSOR_ELEMENTS))
      throw refusal(`${label} has the dimension ${size}, past ${MAX_TENSOR_ELEMENTS}.`)
    // Zero dimensions must not hide a product that overflows elsewhere.
    count *= Math.max(1, Number(size))
    if (count > MAX_TENSOR_ELEMENTS) {
      throw refusal(`${label} declares [${dims.join(', ')}], more than ${MAX_TENSOR_ELEMENTS} elements.`)
    }
  }
  return dims.map(Number)
}

function readValues(
  proto: TensorProto,
  type: Datatype,
  shape: number[],
  count: number,
  label: string,
): number[] | undefined {
  const field = typedField[type]
  const wrong = dataFields.find((name) => name !== field && proto[name].length > 0)
  if (wrong) throw refusal(`${label} is ${type} and has elements in the field ${wrong}.`)
  const typed = proto[field]
  const raw = proto.rawData.byteLength
  if (raw > 0 && typed.length > 0)
    throw refusal(`${label} has its elements twice, as raw bytes and as a list.`)

  if (raw > 0) {
    if (type === 'BYTES') throw refusal(`${label} is a string tensor with raw bytes.`)
    const expected = count * datatypes[type].bytes
    if (raw !== expected) {
      throw refusal(`${label} of ${type}[${shape.join(', ')}] needs ${expected} bytes and has ${raw}.`)
    }
    if (count > MAX_KNOWN_ELEMENTS || type === 'FP16') return undefined
    const elements = elementsOf({
      name: proto.name,
      datatype: type,
      shape,
      bytes: new Uint8Array(proto.rawData),
    })
    return Array.from(elements as Iterable<number | bigint>, Number)
  }
  if (typed.length !== count) {
    throw refusal(`${label} of ${type}[${shape.join(', ')}] needs ${count} elements and has ${typed.length}.`)
  }
  if (field === 'stringData' || type === 'FP16' || count > MAX_KNOWN_ELEMENTS) return undefined
  return Array.from(typed as readonly (number | bigint)[], Number)
}
