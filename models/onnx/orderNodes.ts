import { type OnnxNode, quoted } from './graph.ts'
import { refusal } from './refuse.ts'

/**
 * Puts nodes into an order in which every input is there before its node (Kahn's algorithm, stable).
 * `captured` are the names that are neither there nor made here: a branch takes them from the graph around it.
 * @throws OpentabError `model_refused` when nodes wait for each other in a circle
 */
export function orderNodes(
  nodes: readonly OnnxNode[],
  there: ReadonlySet<string>,
): { ordered: OnnxNode[]; captured: string[] } {
  const maker = new Map<string, number>()
  nodes.forEach((node, index) => {
    for (const name of node.outputs) if (name !== '') maker.set(name, index)
  })
  const captured = new Set<string>()
  const waitsFor = nodes.map(() => 0)
  const feeds: number[][] = nodes.map(() => [])
  nodes.forEach((node, index) => {
    for (const name of new Set(namesRead(node))) {
      const from = maker.get(name)
      if (from !== undefined) {
        waitsFor[index] = (waitsFor[index] ?? 0) + 1
        feeds[from]?.push(index)
      } else if (!there.has(name)) captured.add(name)
    }
  })

  // Nodes of sorted files come out as they went in: a node becomes ready after the ones before it.
  const ready = nodes.flatMap((_, index) => (waitsFor[index] === 0 ? [index] : []))
  const order: number[] = []
  for (let at = 0; at < ready.length; at++) {
    const next = ready[at] as number
    order.push(next)
    for (const fed of feeds[next] ?? []) {
      const left = (waitsFor[fed] ?? 0) - 1
      waitsFor[fed] = left
      if (left === 0) ready.push(fed)
    }
  }
  if (order.length < nodes.length) {
    const stuck = nodeOfCycle(nodes, (index) => (waitsFor[index] ?? 0) > 0, maker)
    throw refusal(
      `${stuck?.label} needs, through other nodes, its own output ${quoted(stuck?.outputs[0] ?? '')}: a cycle.`,
    )
  }
  return { ordered: order.flatMap((index) => nodes[index] ?? []), captured: [...captured] }
}

function* namesRead(node: OnnxNode): Iterable<string> {
  for (const name of node.inputs) if (name !== '') yield name
  for (const attribute of node.attributes.values()) {
    if (attribute.kind === 'graph') yield* attribute.value.captured
  }
}

/** Walks from a stuck node to one it waits for, and on: after as many steps as there are nodes it is inside a cycle. */
function nodeOfCycle(
  nodes: readonly OnnxNode[],
  stuck: (index: number) => boolean,
  maker: ReadonlyMap<string, number>,
): OnnxNode | undefined {
  let at = nodes.findIndex((_, index) => stuck(index))
  for (let step = 0; step < nodes.length; step++) {
    const node = nodes[at]
    if (!node) break
    for (const name of namesRead(node)) {
      const from = maker.get(name)
      if (from !== undefined && stuck(from)) {
        at = from
        break
      }
    }
  }
  return nodes[at]
}
