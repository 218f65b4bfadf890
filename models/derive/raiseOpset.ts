import { create, fromBinary, toBinary } from '@bufbuild/protobuf'
import {
  type AttributeProto,
  TensorProto_DataType as Code,
  ModelProtoSchema,
  type NodeProto,
  type TensorProto,
  TensorProtoSchema,
} from 'onnx-buf'
import { refusal } from '../onnx/refuse.ts'

const [FROM, TO] = [9, 11]

/** Operators that mean the same in both operator sets, whatever attributes they have in the older one. */
const unchanged: ReadonlySet<string> = new Set([
  'Add',
  'AveragePool',
  'BatchNormalization',
  'Cast',
  'Concat',
  'Constant',
  'Conv',
  'Div',
  'Gather',
  'GlobalAveragePool',
  'HardSigmoid',
  'Identity',
  'MatMul',
  'MaxPool',
  'Mul',
  'Pow',
  'ReduceMean',
  'Relu',
  'Reshape',
  'Shape',
  'Sigmoid',
  'Softmax',
  'Sqrt',
  'Squeeze',
  'Sub',
  'Transpose',
])

/** An input that an attribute becomes: integers as i64[count], `f` as a scalar f32. */
interface NewInput {
  attribute: string
  kind: 'float' | 'integers'
}

/** Operators of which attributes became inputs in between, in the order of those inputs. */
const inputsOf: Readonly<Record<string, readonly NewInput[]>> = {
  Clip: [
    { attribute: 'min', kind: 'float' },
    { attribute: 'max', kind: 'float' },
  ],
  Slice: [
    { attribute: 'starts', kind: 'integers' },
    { attribute: 'ends', kind: 'integers' },
    { attribute: 'axes', kind: 'integers' },
  ],
  TopK: [{ attribute: 'k', kind: 'integers' }],
}

/**
 * The ONNX file in operator set 11 instead of 9, with the same results to the bit: what Clip, Slice and TopK had as
 * attributes they get as constant inputs. ONNX Runtime's WebGPU backend has no Clip of operator set 9: such a graph
 * goes to the CPU and back for each one (docs/decisions/ocr-opset.md). The same source gives the same bytes on every
 * machine.
 * @throws OpentabError `model_refused` when the file has another operator set, or an operator of which it is not known
 * here that it means the same in both
 */
export function raiseOpset(source: Uint8Array): Uint8Array<ArrayBuffer> {
  const model = fromBinary(ModelProtoSchema, source)
  const { graph } = model
  const opset = model.opsetImport.find(({ domain }) => domain === '')
  if (!graph || opset?.version !== BigInt(FROM))
    throw refusal(`The graph has operator set ${opset?.version ?? 'none'}; only ${FROM} is raised to ${TO}.`)
  for (const node of graph.node) graph.initializer.push(...attributesToInputs(node))
  opset.version = BigInt(TO)
  return toBinary(ModelProtoSchema, model)
}

/** Changes a node to operator set 11. @returns the constants that its new inputs name */
function attributesToInputs(node: NodeProto): TensorProto[] {
  const wanted = inputsOf[node.opType]
  if (!wanted) {
    if (!unchanged.has(node.opType))
      throw refusal(
        `It is not known whether ${node.opType} means the same in operator sets ${FROM} and ${TO}.`,
      )
    return []
  }
  const constants: TensorProto[] = []
  for (const { attribute: name, kind } of wanted) {
    const attribute = node.attribute.find((each) => each.name === name)
    const input = `opentab.${node.output[0]}.${name}`
    // An optional input that is left out has an empty name.
    node.input.push(attribute ? input : '')
    if (attribute) constants.push(constantOf(input, attribute, kind))
  }
  while (node.input.at(-1) === '') node.input.pop()
  node.attribute = node.attribute.filter(({ name }) => !wanted.some(({ attribute }) => attribute === name))
  return constants
}

function constantOf(name: string, attribute: AttributeProto, kind: NewInput['kind']): TensorProto {
  if (kind === 'float')
    return create(TensorProtoSchema, { name, dataType: Code.FLOAT, floatData: [attribute.f] })
  const values = attribute.ints.length > 0 ? attribute.ints : [attribute.i]
  return create(TensorProtoSchema, {
    name,
    dataType: Code.INT64,
    dims: [BigInt(values.length)],
    int64Data: values,
  })
}
