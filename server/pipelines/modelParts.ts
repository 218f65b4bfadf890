import { OpentabError } from '../../protocol/errors.ts'
import type { Graph, ServedModel } from '../../protocol/manifest.ts'

/** Reads a stored file by its hash. @throws OpentabError `not_found` */
export type ReadFile = (sha256: string) => Promise<Uint8Array<ArrayBuffer>>

/** What a flow is made of. */
export interface FlowOptions {
  model: ServedModel
  readFile: ReadFile
}

/** The graph of that name with its index, which tasks carry. @throws OpentabError `model_refused` */
export function graphOf({ manifest }: ServedModel, name: string): { index: number; graph: Graph } {
  const index = manifest.graphs.findIndex((graph) => graph.name === name)
  const graph = manifest.graphs[index]
  if (graph) return { index, graph }
  const names = manifest.graphs.map((graph) => graph.name).join(', ')
  throw new OpentabError('model_refused', `The model ${manifest.id} has no graph ${name}, only ${names}.`)
}

/** Hash of the relay-only file of that name. @throws OpentabError `model_refused` */
export function fileOf({ manifest }: ServedModel, name: string): string {
  const file = manifest.files[name]
  if (file) return file.sha256
  const names = Object.keys(manifest.files).join(', ') || 'none'
  throw new OpentabError('model_refused', `The model ${manifest.id} has no file ${name}; it has ${names}.`)
}
