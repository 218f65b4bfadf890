import type { GraphProto, NodeProto } from 'onnx-buf'
import { quoted } from './graph.ts'
import { refusal } from './refuse.ts'

/** Who makes and who reads each tensor of a graph. */
export interface GraphFlow {
  /** In the file's order, which is one in which every input is there before its node. */
  nodes: readonly NodeProto[]
  /** Names that a node reads, those of its branches included. */
  reads: readonly ReadonlySet<string>[]
  /** Index of the node that makes a tensor. */
  maker: ReadonlyMap<string, number>
  inputs: ReadonlySet<string>
  outputs: ReadonlySet<string>
  /** Tensors that hang on no input: initializers, and what is made of them alone. They may stand in several parts. */
  constants: ReadonlySet<string>
}

/** @throws OpentabError `model_refused` when a node reads what only a later one makes */
export function graphFlow(graph: GraphProto): GraphFlow {
  const initializers = new Set([
    ...graph.initializer.map(({ name }) => name),
    ...graph.sparseInitializer.map(({ values }) => values?.name ?? ''),
  ])
  const inputs = new Set(graph.input.map(({ name }) => name).filter((name) => !initializers.has(name)))
  const maker = new Map<string, number>()
  const constants = new Set(initializers)
  const reads = graph.node.map((node, index) => {
    const names = namesRead(node)
    for (const name of names) {
      if (inputs.has(name) || initializers.has(name) || maker.has(name)) continue
      throw refusal(
        `Node ${quoted(node.name || (node.output[0] ?? ''))} reads ${quoted(name)}, which nothing before it makes.`,
        'Sort the nodes, e.g. with onnx-simplifier.',
      )
    }
    const isConstant = !isRandom(node) && [...names].every((name) => constants.has(name))
    for (const name of node.output) {
      if (name === '') continue
      maker.set(name, index)
      if (isConstant) constants.add(name)
    }
    return names
  })
  return {
    nodes: graph.node,
    reads,
    maker,
    inputs,
    outputs: new Set(graph.output.map(({ name }) => name)),
    constants,
  }
}

/** Two copies of such a node would give two answers. */
const isRandom = ({ opType }: NodeProto): boolean => /^(Random|Multinomial|Bernoulli|Dropout)/.test(opType)

/** What a node reads of the graph that it stands in. */
function namesRead(node: NodeProto): Set<string> {
  const names = new Set(node.input.filter((name) => name !== ''))
  for (const { g, graphs } of node.attribute) {
    for (const branch of [...(g ? [g] : []), ...graphs]) for (const name of captured(branch)) names.add(name)
  }
  return names
}

/** Names that a branch reads and does not make. */
function captured(branch: GraphProto): Set<string> {
  const own = new Set([...branch.input, ...branch.initializer].map(({ name }) => name))
  const names = new Set<string>()
  for (const node of branch.node) {
    for (const name of namesRead(node)) if (!own.has(name)) names.add(name)
    for (const name of node.output) own.add(name)
  }
  for (const { name } of branch.output) if (!own.has(name)) names.add(name)
  return names
}
