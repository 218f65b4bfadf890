import { OpentabError } from '../protocol/errors.ts'
import type { ServedModel } from '../protocol/manifest.ts'
import { type Quote, quoteOf } from './onnx/costModel.ts'
import type { OnnxGraph } from './onnx/graph.ts'
import { readGraph } from './onnx/readGraph.ts'

/** What runs of models' graphs cost and give. Each graph is read once. */
export class GraphQuotes {
  readonly #read: (sha256: string) => Promise<Uint8Array<ArrayBuffer>>
  readonly #graphs = new Map<string, Promise<OnnxGraph>>()

  /** @param read whole bytes of a shard */
  constructor(read: (sha256: string) => Promise<Uint8Array<ArrayBuffer>>) {
    this.#read = read
  }

  /** Forgets the graphs of all other shards. */
  keepOnly(isNeeded: (sha256: string) => boolean): void {
    for (const sha256 of this.#graphs.keys()) if (!isNeeded(sha256)) this.#graphs.delete(sha256)
  }

  /**
   * Shards run one after the other: what one gives, the next one takes by name.
   * @throws OpentabError `model_not_found` without a model, `invalid_value` for a graph or shapes that do not fit
   */
  async quote(
    model: ServedModel | undefined,
    hash: string,
    index: number,
    inputs: ReadonlyMap<string, readonly number[]>,
  ): Promise<Quote> {
    if (!model) throw new OpentabError('model_not_found', `No model with the hash ${hash} is served here.`)
    const { id, graphs } = model.manifest
    const graph = graphs[index]
    if (!graph) {
      throw new OpentabError('invalid_value', `${id} has ${graphs.length} graphs and no graph ${index}.`, {
        param: 'graph',
      })
    }
    const shapes = new Map(inputs)
    let operations = 0
    for (const { sha256 } of graph.shards) {
      const quote = quoteOf(await this.#graphOf(sha256), shapes)
      operations += quote.operations
      for (const [name, shape] of quote.outputShapes) shapes.set(name, shape)
    }
    return {
      operations,
      outputShapes: new Map(graph.outputs.map(({ name }) => [name, shapes.get(name) ?? []])),
    }
  }

  #graphOf(sha256: string): Promise<OnnxGraph> {
    const known = this.#graphs.get(sha256)
    if (known) return known
    const graph = this.#read(sha256).then(readGraph)
    this.#graphs.set(sha256, graph)
    graph.catch(() => this.#graphs.delete(sha256))
    return graph
  }
}
