import type { ServedModel } from '../protocol/manifest.ts'

/** The models that a relay serves, with their bytes on disk. */
export interface ModelRegistry {
  list(): ServedModel[]
  byId(id: string): ServedModel | undefined
  byHash(hash: string): ServedModel | undefined
  /** Path of a stored shard or file, for streaming it out. Undefined when it is not here. */
  pathOf(sha256: string): string | undefined
  /** Whole bytes of a stored shard or file. @throws OpentabError `not_found` */
  read(sha256: string): Promise<Uint8Array<ArrayBuffer>>
  /**
   * Canonical operations of one run (one multiply-add = 2): the static cost model over the graph with these shapes.
   * @throws OpentabError `invalid_value` when the shapes cannot go into the graph
   */
  operationsOf(
    modelHash: string,
    graph: number,
    inputShapes: ReadonlyMap<string, readonly number[]>,
  ): Promise<number>
  /** Shapes that the graph's outputs have for these input shapes, by name. */
  outputShapesOf(
    modelHash: string,
    graph: number,
    inputShapes: ReadonlyMap<string, readonly number[]>,
  ): Promise<Map<string, readonly number[]>>
  /** Reads the folder again after an import or a removal; calls the listeners when something changed. */
  refresh(): Promise<void>
  onChange(listener: () => void): () => void
}
