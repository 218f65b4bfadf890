import { fromBinary } from '@bufbuild/protobuf'
import {
  type AttributeProto,
  type GraphProto,
  type ModelProto,
  ModelProtoSchema,
  type ValueInfoProto,
} from 'onnx-buf'
import { MAX_NAME_BYTES, MAX_RANK, MAX_TENSORS } from '../../protocol/limits.ts'
import type { Datatype } from '../../protocol/tensor.ts'
import { datatypeOf, elementTypeName } from './elementType.ts'
import { type ConstantTensor, type OnnxGraph, type OnnxNode, quoted, type Subgraph } from './graph.ts'
import {
  IR_VERSIONS,
  MAX_MODEL_BYTES,
  MAX_NODE_TENSORS,
  MAX_NODES,
  MAX_SUBGRAPH_DEPTH,
  MAX_TENSOR_ELEMENTS,
  OPSETS,
} from './limits.ts'
import { operatorRefusal, unlistedRefusal } from './operators.ts'
import { orderNodes } from './orderNodes.ts'
import { constantOf, labelOf, readNode } from './readNode.ts'
import { readTensor } from './readTensor.ts'
import { refusal } from './refuse.ts'
import { notOnnx, scanModel } from './scanModel.ts'

/** Domains that exporters declare whether or not a node uses them; a node that does is refused. */
const unusedDomains: ReadonlySet<string> = new Set([
  'ai.onnx.ml',
  'ai.onnx.preview.training',
  'ai.onnx.training',
  'com.microsoft',
  'com.microsoft.experimental',
  'com.microsoft.nchwc',
  'com.ms.internal.nhwc',
  'org.pytorch.aten',
])

/** How many nodes were read so far, and which names the graphs around have. */
interface Scope {
  opset: number
  nodesLeft: { count: number }
  /** Names of this graph; undefined around the main graph. */
  names: ReadonlySet<string> | undefined
  /** The graph around. */
  around: Scope | undefined
  depth: number
}

/**
 * Reads an ONNX file and checks its structure: it decodes, its operators are allowed, its tensors hold what they
 * declare, every name is defined once and before it is used. Weights are not kept.
 * @throws OpentabError `model_refused` naming the operator or tensor and the reason
 */
export function readGraph(bytes: Uint8Array): OnnxGraph {
  if (bytes.byteLength === 0) throw refusal('The file is empty.')
  if (bytes.byteLength > MAX_MODEL_BYTES) {
    throw refusal(`The file has ${bytes.byteLength} bytes; at most ${MAX_MODEL_BYTES} are supported.`)
  }
  scanModel(bytes)
  let model: ModelProto
  try {
    model = fromBinary(ModelProtoSchema, bytes, { readUnknownFields: false })
  } catch (error) {
    throw notOnnx(error instanceof Error ? error.message : String(error))
  }
  const opset = checkModel(model)
  const graph = model.graph
  if (!graph) throw refusal('The file holds no graph.', 'Export the model as ONNX.')
  return readMainGraph(graph, opset)
}

/** Checks what stands around the graph; gives the version of the default operator set. */
function checkModel(model: ModelProto): number {
  if (model.irVersion < BigInt(IR_VERSIONS.from) || model.irVersion > BigInt(IR_VERSIONS.to)) {
    throw refusal(
      `The file has the ONNX IR version ${model.irVersion}; ${IR_VERSIONS.from} to ${IR_VERSIONS.to} are supported.`,
    )
  }
  if (model.functions.length > 0) {
    throw refusal(
      `The model defines its own function ${quoted(model.functions[0]?.name ?? '')}, which is not supported.`,
      'Inline the functions, e.g. with onnx.inliner.',
    )
  }
  if (model.trainingInfo.length > 0)
    throw refusal('The model holds training information, which is not supported.')
  let opset: number | undefined
  for (const { domain, version } of model.opsetImport) {
    if (unusedDomains.has(domain)) continue
    if (domain !== '' && domain !== 'ai.onnx') {
      throw refusal(
        `The model uses the operator domain ${quoted(domain)}; only the standard operators of ONNX are supported.`,
      )
    }
    if (version < BigInt(OPSETS.from) || version > BigInt(OPSETS.to)) {
      throw refusal(`The model uses operator set ${version}; ${OPSETS.from} to ${OPSETS.to} are supported.`)
    }
    if (opset !== undefined && opset !== Number(version)) throw refusal('The model names two operator sets.')
    opset = Number(version)
  }
  if (opset === undefined) throw refusal('The model names no operator set.')
  return opset
}

function readMainGraph(graph: GraphProto, opset: number): OnnxGraph {
  const scope: Scope = {
    opset,
    nodesLeft: { count: MAX_NODES },
    names: undefined,
    around: undefined,
    depth: 0,
  }
  const constants = readInitializers(graph)
  // Up to IR version 3 every initializer was listed as an input too; those are defaults, not inputs.
  const inputInfos = graph.input.filter((info) => !constants.has(info.name))
  checkCount(inputInfos.length, 'input')
  checkCount(graph.output.length, 'output')
  const inputs = inputInfos.map((info) => {
    const { name, datatype, shape } = readValueInfo(info, 'Input')
    if (!shape)
      throw refusal(
        `Input ${quoted(name)} declares no shape.`,
        'Export it with its dimensions; names are allowed.',
      )
    return { name, datatype, shape }
  })
  const outputs = graph.output.map((info) => readValueInfo(info, 'Output'))
  for (const info of graph.valueInfo) readValueInfo(info, 'Tensor')

  const body = readBody(
    graph,
    constants,
    inputs.map((input) => input.name),
    scope,
  )
  const [unknown] = body.captured
  if (unknown !== undefined) throw refusal(`Tensor ${quoted(unknown)} is used and nothing makes it.`)
  return { opset, inputs, outputs, constants: body.constants, nodes: body.nodes, captured: [] }
}

function readInitializers(graph: GraphProto): Map<string, ConstantTensor> {
  if (graph.sparseInitializer.length > 0)
    throw refusal('The graph has sparse initializers, which are not supported.')
  const constants = new Map<string, ConstantTensor>()
  for (const proto of graph.initializer) {
    if (proto.name === '') throw refusal('An initializer has no name.')
    if (constants.has(proto.name)) throw refusal(`Initializer ${quoted(proto.name)} is there twice.`)
    constants.set(proto.name, readTensor(proto, 'Initializer'))
  }
  return constants
}

/** Nodes and constants of a graph or a branch, in order, with every name defined once. */
function readBody(
  graph: GraphProto,
  initializers: Map<string, ConstantTensor>,
  inputs: readonly string[],
  scope: Scope,
): Subgraph {
  scope.nodesLeft.count -= graph.node.length
  if (scope.nodesLeft.count < 0) throw refusal(`The model has more than ${MAX_NODES} nodes.`)
  const names = new Set<string>()
  const define = (name: string, what: string) => {
    if (names.has(name) || isTaken(scope, name))
      throw refusal(`${what} makes ${quoted(name)}, which is there already.`)
    names.add(name)
  }
  for (const name of inputs) define(name, 'The list of inputs')
  for (const name of initializers.keys()) define(name, 'The list of initializers')
  for (const proto of graph.node) {
    for (const name of proto.output) if (name !== '') define(name, labelOf(proto))
  }
  const inner: Scope = { ...scope, names, around: scope, depth: scope.depth + 1 }

  const constants = new Map(initializers)
  const nodes: OnnxNode[] = []
  const nodeNames = new Set<string>()
  for (const proto of graph.node) {
    // ONNX Runtime refuses it too.
    if (proto.name !== '' && nodeNames.has(proto.name))
      throw refusal(`Two nodes have the name ${quoted(proto.name)}.`)
    nodeNames.add(proto.name)
    if (proto.domain !== '' && proto.domain !== 'ai.onnx') {
      throw refusal(
        `${labelOf(proto)} is of the operator domain ${quoted(proto.domain)}, which is not supported.`,
      )
    }
    const unlisted = proto.opType === 'Constant' ? null : unlistedRefusal(proto.opType, labelOf(proto))
    if (unlisted !== null) throw refusal(unlisted)
    if (proto.input.length > MAX_NODE_TENSORS || proto.output.length > MAX_NODE_TENSORS) {
      throw refusal(`${labelOf(proto)} has more than ${MAX_NODE_TENSORS} inputs or outputs.`)
    }
    const node = readNode(proto, (attribute) => readBranch(attribute, inner))
    if (node.op === 'Constant') {
      const [output] = node.outputs
      if (output === undefined || node.outputs.length !== 1)
        throw refusal(`${node.label} must have one output.`)
      constants.set(output, constantOf(node))
    } else {
      nodes.push(node)
    }
  }
  for (const node of nodes) {
    const reason = operatorRefusal(node, scope.opset, constants)
    if (reason !== null) throw refusal(reason)
  }

  const { ordered, captured } = orderNodes(nodes, new Set([...inputs, ...constants.keys()]))
  const outputs = graph.output.map((info) => info.name)
  const listed = new Set<string>()
  for (const name of outputs) {
    if (listed.has(name)) throw refusal(`Output ${quoted(name)} is listed twice.`)
    if (!names.has(name)) throw refusal(`Output ${quoted(name)} is made by no node.`)
    listed.add(name)
  }
  return { constants, nodes: ordered, outputs, captured }
}

function isTaken(scope: Scope, name: string): boolean {
  for (let at: Scope | undefined = scope; at; at = at.around) if (at.names?.has(name)) return true
  return false
}

function readBranch(attribute: AttributeProto, scope: Scope): Subgraph {
  const graph = attribute.g
  if (!graph) throw refusal(`The branch ${quoted(attribute.name)} of an If holds no graph.`)
  if (scope.depth > MAX_SUBGRAPH_DEPTH)
    throw refusal(`Subgraphs are nested deeper than ${MAX_SUBGRAPH_DEPTH} levels.`)
  if (graph.input.length > 0)
    throw refusal(`The branch ${quoted(graph.name)} of an If has inputs of its own.`)
  return readBody(graph, readInitializers(graph), [], scope)
}

function checkCount(count: number, what: string): void {
  if (count === 0) throw refusal(`The graph has no ${what}s.`)
  if (count > MAX_TENSORS)
    throw refusal(`The graph has ${count} ${what}s; at most ${MAX_TENSORS} are supported.`)
}

interface ValueInfo {
  name: string
  datatype: Datatype
  shape: (number | string)[] | undefined
}

/** Name, datatype and shape of an input, output or inner tensor; dimensions without a name get one. */
function readValueInfo(info: ValueInfoProto, what: string): ValueInfo {
  const label = `${what} ${quoted(info.name)}`
  if (info.name === '') throw refusal(`${what} without a name.`)
  if (new TextEncoder().encode(info.name).byteLength > MAX_NAME_BYTES) {
    throw refusal(`${label} has a name of more than ${MAX_NAME_BYTES} bytes.`)
  }
  const type = info.type?.value
  if (type?.case !== 'tensorType') {
    const kind = {
      sequenceType: 'a sequence',
      mapType: 'a map',
      optionalType: 'an optional',
      sparseTensorType: 'a sparse tensor',
    }
    const found = type?.case === undefined ? 'of no type' : (kind[type.case] ?? type.case)
    throw refusal(`${label} is ${found}; only tensors are supported.`)
  }
  const datatype = datatypeOf(type.value.elemType)
  if (!datatype) {
    throw refusal(
      `${label} has the element type ${elementTypeName(type.value.elemType)}, which is not supported.`,
    )
  }
  const dims = type.value.shape?.dim
  if (!dims) return { name: info.name, datatype, shape: undefined }
  if (dims.length > MAX_RANK)
    throw refusal(`${label} has ${dims.length} dimensions; at most ${MAX_RANK} are supported.`)
  const shape = dims.map(({ value }, axis) => {
    if (value.case === 'dimParam' && value.value !== '') {
      if (value.value.length > MAX_NAME_BYTES)
        throw refusal(`${label} has a dimension name of ${value.value.length} characters.`)
      return value.value
    }
    if (value.case !== 'dimValue') return `${info.name}_${axis}`
    if (value.value < 0n) throw refusal(`${label} has the negative dimension ${value.value}.`)
    return Number(value.value)
  })
  const elements = shape.reduce<number>(
    (product, size) => product * (typeof size === 'number' ? Math.max(1, size) : 1),
    1,
  )
  if (elements > MAX_TENSOR_ELEMENTS) {
    throw refusal(`${label} declares [${shape.join(', ')}], more than ${MAX_TENSOR_ELEMENTS} elements.`)
  }
  return { name: info.name, datatype, shape }
}
