import { fromBinary } from '@bufbuild/protobuf'
import { type GraphProto, ModelProtoSchema, type TensorProto } from 'onnx-buf'
import { type GraphFlow, graphFlow } from './graphFlow.ts'
import { refusal } from './refuse.ts'

/** A place between two nodes, and the tensors that would cross a cut there. */
interface Border {
  crossing: readonly string[]
  /** Bytes of the initializers that are first read up to here. */
  bytes: number
}

/**
 * Cuts for `cutGraph` that divide a file's weights about evenly: each where, not far from its share of the weights, the
 * fewest tensors cross. Every tensor of a cut is one that several nodes read: where a residual stream or a feature map
 * splits up, few of the patterns go across that ONNX Runtime would fuse.
 * @throws OpentabError `model_refused` when there are fewer such places than cuts
 */
export function chooseCuts(bytes: Uint8Array, parts: number): string[][] {
  const { graph } = fromBinary(ModelProtoSchema, bytes)
  if (!graph) throw refusal('The file holds no graph.', 'Export the model as ONNX.')
  const borders = bordersOf(graph, graphFlow(graph))
  if (borders.length < parts - 1) {
    throw refusal(
      `The graph has ${borders.length} places at which it can be cut, too few for ${parts} parts.`,
      `Choose at most ${borders.length + 1}.`,
    )
  }
  const total = [...weightsOf(graph).values()].reduce((sum, size) => sum + size, 0)
  const chosen: string[][] = []
  let from = 0
  for (let part = 1; part < parts; part++) {
    const wanted = (total * part) / parts
    // Enough borders must stay for the cuts that are still to come.
    const open = borders.slice(from, borders.length - (parts - 1 - part))
    const cost = (border: Border): number => {
      const shares = Math.abs(border.bytes - wanted) / (total / parts)
      // Half a share away or nearer, fewer tensors count for more than an even division.
      return shares <= 0.5 ? border.crossing.length + shares : 1e6 + shares
    }
    const best = open.reduce((a, b) => (cost(b) < cost(a) ? b : a))
    chosen.push([...best.crossing])
    from = borders.indexOf(best) + 1
  }
  return chosen
}

function bordersOf(graph: GraphProto, flow: GraphFlow): Border[] {
  const readers = new Map<string, number[]>()
  for (const [index, names] of flow.reads.entries()) {
    if (makesConstant(flow, index)) continue
    for (const name of names) readers.set(name, [...(readers.get(name) ?? []), index])
  }
  const weights = weightsOf(graph)
  const borders: Border[] = []
  let alive = new Set<string>()
  let bytes = 0
  for (const [index, node] of flow.nodes.entries()) {
    let read = 0
    for (const name of flow.reads[index]!) {
      read += weights.get(name) ?? 0
      weights.delete(name)
    }
    if (makesConstant(flow, index)) {
      // Some exporters put an Identity between a weight and who reads it.
      const [made = ''] = node.output
      weights.set(made, (weights.get(made) ?? 0) + read)
      continue
    }
    bytes += read
    for (const name of node.output) alive.add(name)
    alive = new Set([...alive].filter((name) => readers.get(name)?.some((reader) => reader > index)))
    const crossing = [...alive]
    if (crossing.length === 0 || crossing.some((name) => readers.get(name)!.length < 2)) continue
    // The same tensors may stay alive over several nodes; the first place is the border.
    if (borders.at(-1)?.crossing.join() !== crossing.join()) borders.push({ crossing, bytes })
  }
  return borders
}

const makesConstant = (flow: GraphFlow, index: number): boolean =>
  flow.nodes[index]!.output.every((name) => name === '' || flow.constants.has(name))

/** Bytes of each constant that the file holds, as an initializer or in a node. */
function weightsOf(graph: GraphProto): Map<string, number> {
  const sizes = new Map(graph.initializer.map((tensor) => [tensor.name, bytesOf(tensor)]))
  for (const { opType, attribute, output } of graph.node) {
    const tensor = opType === 'Constant' ? attribute.find(({ name }) => name === 'value')?.t : undefined
    if (tensor && output[0]) sizes.set(output[0], bytesOf(tensor))
  }
  return sizes
}

/** Raw bytes, or four or eight for each element of a typed list. */
const bytesOf = ({ rawData, floatData, int32Data, int64Data }: TensorProto): number =>
  rawData.length + 4 * (floatData.length + int32Data.length) + 8 * int64Data.length
