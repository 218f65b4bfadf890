import { create, fromBinary, toBinary } from '@bufbuild/protobuf'
import {
  TensorProto_DataType as Code,
  GraphProtoSchema,
  AttributeProto_AttributeType as Kind,
  ModelProtoSchema,
  type TensorShapeProto_Dimension,
  TensorShapeProto_DimensionSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from 'onnx-buf'
import { refusal } from '../onnx/refuse.ts'

/** What is kept of a graph whose one output is probabilities, f32[lines, steps, classes]. */
export interface TopTwoClasses {
  /** The output that is replaced, e.g. `softmax_11.tmp_0`. */
  output: string
  /** Its last dimension. */
  classes: number
  /** The class whose probability is kept for every step, whether or not it is among the two best. */
  spaceClass: number
}

/** Last operator set in which TopK takes its number as an attribute. */
const LAST_OPSET = 9

/**
 * The ONNX file with its output replaced by `values` f32[lines, steps, 2] and `indices` i64[lines, steps, 2], the two
 * best classes of each step, best first, and `space` f32[lines, steps], the probability of the space. Operators are
 * appended; what was there stays as it was, byte for byte. The same source gives the same bytes on every machine.
 * @throws OpentabError `model_refused` when the file is not a graph of that kind
 */
export function topTwoClasses(
  source: Uint8Array,
  { output, classes, spaceClass }: TopTwoClasses,
): Uint8Array<ArrayBuffer> {
  const model = fromBinary(ModelProtoSchema, source)
  const { graph } = model
  const [probabilities] = graph?.output ?? []
  const dimensions = dimensionsOf(probabilities)
  const [lines, steps, last] = dimensions
  if (
    graph?.output.length !== 1 ||
    probabilities?.name !== output ||
    dimensions.length !== 3 ||
    !lines ||
    !steps ||
    last?.value.case !== 'dimValue' ||
    last.value.value !== BigInt(classes)
  ) {
    throw refusal(`The graph's one output must be ${output}, f32[lines, steps, ${classes}].`)
  }
  if (!(spaceClass >= 0 && spaceClass < classes))
    throw refusal(`There is no class ${spaceClass} among ${classes}.`)
  const opset = model.opsetImport.find(({ domain }) => domain === '')?.version ?? 0n
  if (opset > BigInt(LAST_OPSET))
    throw refusal(`The graph has operator set ${opset}; at most ${LAST_OPSET} is supported here.`)

  const two = create(TensorShapeProto_DimensionSchema, { value: { case: 'dimValue', value: 2n } })
  const added = create(GraphProtoSchema, {
    node: [
      {
        name: 'opentab.TopK',
        opType: 'TopK',
        input: [output],
        output: ['values', 'indices'],
        attribute: [
          { name: 'axis', type: Kind.INT, i: 2n },
          { name: 'k', type: Kind.INT, i: 2n },
        ],
      },
      {
        name: 'opentab.Gather',
        opType: 'Gather',
        input: [output, 'opentab.space_class'],
        output: ['space'],
        attribute: [{ name: 'axis', type: Kind.INT, i: 2n }],
      },
    ],
    initializer: [{ name: 'opentab.space_class', dataType: Code.INT64, int64Data: [BigInt(spaceClass)] }],
  })
  graph.node.push(...added.node)
  graph.initializer.push(...added.initializer)
  graph.output = [
    outputOf('values', Code.FLOAT, [lines, steps, two]),
    outputOf('indices', Code.INT64, [lines, steps, two]),
    outputOf('space', Code.FLOAT, [lines, steps]),
  ]
  return toBinary(ModelProtoSchema, model)
}

function dimensionsOf(info: ValueInfoProto | undefined): readonly TensorShapeProto_Dimension[] {
  const type = info?.type?.value
  if (type?.case !== 'tensorType' || type.value.elemType !== Code.FLOAT) return []
  return type.value.shape?.dim ?? []
}

const outputOf = (name: string, elemType: Code, dim: readonly TensorShapeProto_Dimension[]): ValueInfoProto =>
  create(ValueInfoProtoSchema, {
    name,
    type: { value: { case: 'tensorType', value: { elemType, shape: { dim: [...dim] } } } },
  })
