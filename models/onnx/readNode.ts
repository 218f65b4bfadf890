import { type AttributeProto, AttributeProto_AttributeType as Kind, type NodeProto } from 'onnx-buf'
import { type Attribute, type ConstantTensor, type OnnxNode, quoted, type Subgraph } from './graph.ts'
import { readTensor } from './readTensor.ts'
import { refusal } from './refuse.ts'

const utf8 = new TextDecoder()

/** Operator and name of a node for messages. */
export const labelOf = (node: NodeProto): string =>
  `${node.opType || 'a node without an operator'} ${quoted(node.name || (node.output[0] ?? ''))}`

/** A node with its attributes; `readBranch` reads the subgraphs of an `If`. */
export function readNode(node: NodeProto, readBranch: (attribute: AttributeProto) => Subgraph): OnnxNode {
  const label = labelOf(node)
  const attributes = new Map<string, Attribute>()
  for (const attribute of node.attribute) {
    if (attributes.has(attribute.name))
      throw refusal(`${label} has the attribute ${quoted(attribute.name)} twice.`)
    attributes.set(attribute.name, readAttribute(attribute, label, node.opType, readBranch))
  }
  return { op: node.opType, label, inputs: node.input, outputs: node.output, attributes }
}

function readAttribute(
  attribute: AttributeProto,
  label: string,
  op: string,
  readBranch: (attribute: AttributeProto) => Subgraph,
): Attribute {
  const name = quoted(attribute.name)
  if (attribute.refAttrName)
    throw refusal(`${label} takes its attribute ${name} from a function, which is not supported.`)
  switch (attribute.type) {
    case Kind.INT:
      return { kind: 'int', value: Number(attribute.i) }
    case Kind.FLOAT:
      return { kind: 'float', value: attribute.f }
    case Kind.STRING:
      return { kind: 'string', value: utf8.decode(attribute.s) }
    case Kind.INTS:
      return { kind: 'ints', value: attribute.ints.map(Number) }
    case Kind.FLOATS:
      return { kind: 'floats', value: attribute.floats }
    case Kind.STRINGS:
      return { kind: 'strings', value: attribute.strings.map((text) => utf8.decode(text)) }
    case Kind.TENSOR:
      if (!attribute.t) throw refusal(`${label} has the attribute ${name} without its tensor.`)
      return { kind: 'tensor', value: readTensor(attribute.t, `${label}, attribute ${name}: tensor`) }
    case Kind.GRAPH:
      if (op !== 'If')
        throw refusal(`${label} has a subgraph in its attribute ${name}; only If may have one.`)
      return { kind: 'graph', value: readBranch(attribute) }
    default:
      throw refusal(
        `${label} has the attribute ${name} of the kind ${Kind[attribute.type] ?? attribute.type}, which is not supported.`,
      )
  }
}

/**
 * The tensor that a `Constant` node holds. PP-OCR keeps all its weights in such nodes.
 * @throws OpentabError `model_refused` when it holds none or a kind that is not supported
 */
export function constantOf(node: OnnxNode): ConstantTensor {
  const [entry, ...others] = node.attributes
  if (!entry || others.length > 0) throw refusal(`${node.label} must have exactly one attribute.`)
  const [name, attribute] = entry
  switch (`${name}:${attribute.kind}`) {
    case 'value:tensor':
      return attribute.value as ConstantTensor
    case 'value_int:int':
      return { type: 'INT64', shape: [], values: [attribute.value as number] }
    case 'value_ints:ints':
      return vector('INT64', attribute.value as readonly number[])
    case 'value_float:float':
      return { type: 'FP32', shape: [], values: [attribute.value as number] }
    case 'value_floats:floats':
      return vector('FP32', attribute.value as readonly number[])
    default:
      throw refusal(`${node.label} has its value in the attribute ${quoted(name)}, which is not supported.`)
  }
}

const vector = (type: 'INT64' | 'FP32', values: readonly number[]): ConstantTensor => ({
  type,
  shape: [values.length],
  values,
})
