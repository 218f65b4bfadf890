import { create, fromBinary, toBinary } from '@bufbuild/protobuf'
import { type GraphProto, GraphProtoSchema, type ModelProto, ModelProtoSchema } from 'onnx-buf'
import { quoted } from './graph.ts'
import { type GraphFlow, graphFlow } from './graphFlow.ts'
import { refusal } from './refuse.ts'
import { notOnnx } from './scanModel.ts'
import { TensorTypes } from './tensorTypes.ts'

/**
 * Cuts an ONNX file into parts that run one after the other. Each cut is a set of tensors that parts the graph: what is
 * needed to make them stands before it, the rest after it. They become outputs of the part before and inputs of those
 * behind that read them. Nodes, initializers and inputs go only where they are used; a node of constants alone is
 * copied to every part that reads it. Nothing inside a node changes.
 *
 * The parts give the bits of the whole file unless a cut goes through a pattern that ONNX Runtime would have fused into
 * one operator (layer norm, GELU, attention): `chooseCuts` keeps to borders between such patterns.
 * @param cuts names of the tensors of each cut, in the order of the parts; n cuts make n + 1 parts
 * @throws OpentabError `model_refused` naming the tensor: one that is not made by a node, that crosses a cut without
 * being in it, that nothing behind its cut reads, or whose type is not known; and for a part without nodes
 */
export function cutGraph(bytes: Uint8Array, cuts: readonly (readonly string[])[]): Uint8Array<ArrayBuffer>[] {
  const model = decode(bytes)
  const graph = model.graph!
  const flow = graphFlow(graph)
  const partOf = assignParts(flow, cuts)
  requireCrossings(flow, cuts, partOf)
  for (const name of flow.outputs) {
    if (flow.constants.has(name))
      throw refusal(`Output ${quoted(name)} hangs on no input; nothing can be cut there.`)
  }
  const types = new TensorTypes(bytes, graph)
  return Array.from({ length: cuts.length + 1 }, (_, part) =>
    toBinary(
      ModelProtoSchema,
      create(ModelProtoSchema, { ...model, graph: partGraph(graph, flow, partOf, part, types) }),
    ),
  )
}

function decode(bytes: Uint8Array): ModelProto {
  let model: ModelProto
  try {
    model = fromBinary(ModelProtoSchema, bytes)
  } catch (error) {
    throw notOnnx(error instanceof Error ? error.message : String(error))
  }
  if (!model.graph) throw refusal('The file holds no graph.', 'Export the model as ONNX.')
  if (model.functions.length > 0) {
    throw refusal(
      `The model defines its own function ${quoted(model.functions[0]!.name)}, through which nothing can be cut.`,
      'Inline the functions, e.g. with onnx.inliner.',
    )
  }
  return model
}

/** The part in which each node stands; nodes that make only constants stand in none and are copied. */
function assignParts(flow: GraphFlow, cuts: readonly (readonly string[])[]): number[] {
  const parts = flow.nodes.map(() => -1)
  const claim = (names: Iterable<string>, part: number): number => {
    let count = 0
    const waiting = [...names]
    for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
      const node = flow.maker.get(name)
      if (node === undefined || parts[node] !== -1 || flow.constants.has(name)) continue
      parts[node] = part
      count++
      waiting.push(...flow.reads[node]!)
    }
    return count
  }
  for (const [part, cut] of cuts.entries()) {
    if (cut.length === 0) throw refusal(`Cut ${part} names no tensor.`)
    for (const name of cut) requireCuttable(flow, name)
    if (claim(cut, part) === 0)
      throw refusal(`Cut ${part} (${cut.map(quoted).join(', ')}) leaves part ${part} without nodes.`)
  }
  const rest = flow.nodes.flatMap((node, index) =>
    parts[index] === -1 ? node.output.filter((name) => name !== '' && !flow.constants.has(name)) : [],
  )
  if (claim(rest, cuts.length) === 0) throw refusal(`Behind cut ${cuts.length - 1} there is no node left.`)
  return parts
}

function requireCuttable(flow: GraphFlow, name: string): void {
  if (flow.constants.has(name))
    throw refusal(`Tensor ${quoted(name)} is a constant; a cut goes through computed tensors.`)
  if (flow.inputs.has(name))
    throw refusal(`Tensor ${quoted(name)} is an input; a cut goes through computed tensors.`)
  if (!flow.maker.has(name)) throw refusal(`The graph has no tensor ${quoted(name)}.`)
}

/** Every tensor that is made before a cut and read behind it is in it, and every tensor of a cut is read behind it. */
function requireCrossings(
  flow: GraphFlow,
  cuts: readonly (readonly string[])[],
  partOf: readonly number[],
): void {
  const readBehind = cuts.map(() => new Set<string>())
  for (const [index, names] of flow.reads.entries()) {
    const part = partOf[index]!
    for (const name of names) {
      const maker = flow.maker.get(name)
      if (maker === undefined || flow.constants.has(name)) continue
      for (let cut = partOf[maker]!; cut < part; cut++) {
        readBehind[cut]!.add(name)
        if (cuts[cut]!.includes(name)) continue
        throw refusal(
          `Tensor ${quoted(name)} is made before cut ${cut} and read behind it, and is not in it.`,
          'Add it to the cut, or cut elsewhere.',
        )
      }
    }
  }
  for (const [cut, names] of cuts.entries()) {
    for (const name of names) {
      if (!readBehind[cut]!.has(name))
        throw refusal(`Nothing behind cut ${cut} reads tensor ${quoted(name)}.`)
    }
  }
}

function partGraph(
  graph: GraphProto,
  flow: GraphFlow,
  partOf: readonly number[],
  part: number,
  types: TensorTypes,
): GraphProto {
  const own = new Set<number>()
  const used = new Set<string>()
  // From the last node to the first, so that the constants of constants are found too.
  for (let index = flow.nodes.length - 1; index >= 0; index--) {
    const isCopied = partOf[index] === -1 && flow.nodes[index]!.output.some((name) => used.has(name))
    if (partOf[index] !== part && !isCopied) continue
    own.add(index)
    for (const name of flow.reads[index]!) used.add(name)
  }
  const made = new Set([...own].flatMap((index) => flow.nodes[index]!.output))
  const readLater = new Set(flow.reads.flatMap((names, index) => (partOf[index]! > part ? [...names] : [])))
  const passedOn = [...own]
    .sort((a, b) => a - b)
    .flatMap((index) => flow.nodes[index]!.output)
    .filter((name) => readLater.has(name) && !flow.constants.has(name) && !flow.outputs.has(name))
  const fromBefore = [...used].filter((name) => flow.maker.has(name) && !made.has(name))
  return create(GraphProtoSchema, {
    ...graph,
    node: flow.nodes.filter((_, index) => own.has(index)),
    initializer: graph.initializer.filter(({ name }) => used.has(name)),
    sparseInitializer: graph.sparseInitializer.filter(({ values }) => used.has(values?.name ?? '')),
    input: [...graph.input.filter(({ name }) => used.has(name)), ...fromBefore.map((name) => types.of(name))],
    output: [...passedOn.map((name) => types.of(name)), ...graph.output.filter(({ name }) => made.has(name))],
    valueInfo: graph.valueInfo.filter(({ name }) => made.has(name) && !passedOn.includes(name)),
  })
}
