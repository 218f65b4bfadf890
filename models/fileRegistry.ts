import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { OpentabError } from '../protocol/errors.ts'
import type { Graph, ServedModel } from '../protocol/manifest.ts'
import { blobsFolderOf, hasBlob } from './blobStore.ts'
import { blobsOf, deleteManifest, manifestIds, readManifest } from './manifestStore.ts'
import type { ModelRegistry } from './modelRegistry.ts'
import { type Quote, quoteOf } from './onnx/costModel.ts'
import type { OnnxGraph } from './onnx/graph.ts'
import { readGraph } from './onnx/readGraph.ts'
import { removeUnusedBlobs } from './removeUnusedBlobs.ts'

/** A model whose manifest is there and which cannot be served, with the reason. */
export interface UnservedModel {
  id: string
  reason: string
}

/** The registry of a data folder, with the models that it had to leave out. */
export interface FileRegistry extends ModelRegistry {
  unserved(): readonly UnservedModel[]
}

/** Opens the models of a data folder. Weights are read only when somebody asks for them. */
export async function openRegistry(dataFolder: string): Promise<FileRegistry> {
  const blobsFolder = blobsFolderOf(dataFolder)
  const listeners = new Set<() => void>()
  const graphs = new Map<string, Promise<OnnxGraph>>()
  let models = new Map<string, ServedModel>()
  let hashes = new Map<string, ServedModel>()
  let blobs = new Set<string>()
  let left: UnservedModel[] = []

  async function read(): Promise<void> {
    const found = new Map<string, ServedModel>()
    const problems: UnservedModel[] = []
    for (const id of await manifestIds(dataFolder)) {
      try {
        const model = await readManifest(dataFolder, id)
        if (!model) continue
        const missing = await missingBlob(blobsFolder, model)
        if (missing === undefined) found.set(id, model)
        else problems.push({ id, reason: `its file ${missing} is missing or has another size` })
      } catch (error) {
        problems.push({ id, reason: error instanceof Error ? error.message : String(error) })
      }
    }
    models = found
    hashes = new Map([...found.values()].map((model) => [model.hash, model]))
    blobs = new Set(
      [...found.values()].flatMap(({ manifest }) => blobsOf(manifest).map((blob) => blob.sha256)),
    )
    for (const sha256 of graphs.keys()) if (!blobs.has(sha256)) graphs.delete(sha256)
    left = problems
  }

  const readBlob = async (sha256: string): Promise<Uint8Array<ArrayBuffer>> => {
    if (!blobs.has(sha256)) throw new OpentabError('not_found', `No model here has a file ${sha256}.`)
    return new Uint8Array(await readFile(join(blobsFolder, sha256)))
  }

  function graphOf(sha256: string): Promise<OnnxGraph> {
    const known = graphs.get(sha256)
    if (known) return known
    const graph = readBlob(sha256).then(readGraph)
    graphs.set(sha256, graph)
    graph.catch(() => graphs.delete(sha256))
    return graph
  }

  /** Shards run one after the other: what one gives, the next one takes by name. */
  async function quote(
    modelHash: string,
    index: number,
    inputs: ReadonlyMap<string, readonly number[]>,
  ): Promise<Quote> {
    const graph = graphAt(hashes.get(modelHash), modelHash, index)
    const shapes = new Map(inputs)
    let operations = 0
    for (const { sha256 } of graph.shards) {
      const quote = quoteOf(await graphOf(sha256), shapes)
      operations += quote.operations
      for (const [name, shape] of quote.outputShapes) shapes.set(name, shape)
    }
    return {
      operations,
      outputShapes: new Map(graph.outputs.map(({ name }) => [name, shapes.get(name) ?? []])),
    }
  }

  await read()
  return {
    list: () => [...models.values()],
    byId: (id) => models.get(id),
    byHash: (hash) => hashes.get(hash),
    pathOf: (sha256) => (blobs.has(sha256) ? join(blobsFolder, sha256) : undefined),
    read: readBlob,
    operationsOf: async (hash, graph, shapes) => (await quote(hash, graph, shapes)).operations,
    outputShapesOf: async (hash, graph, shapes) => new Map((await quote(hash, graph, shapes)).outputShapes),
    async refresh() {
      const before = [...hashes.keys()].sort().join()
      await read()
      if ([...hashes.keys()].sort().join() !== before) for (const listener of [...listeners]) listener()
    },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    unserved: () => left,
  }
}

async function missingBlob(blobsFolder: string, model: ServedModel): Promise<string | undefined> {
  for (const blob of blobsOf(model.manifest)) if (!(await hasBlob(blobsFolder, blob))) return blob.sha256
  return undefined
}

function graphAt(model: ServedModel | undefined, hash: string, index: number): Graph {
  if (!model) throw new OpentabError('model_not_found', `No model with the hash ${hash} is served here.`)
  const graph = model.manifest.graphs[index]
  if (graph) return graph
  throw new OpentabError(
    'invalid_value',
    `${model.manifest.id} has ${model.manifest.graphs.length} graphs and no graph ${index}.`,
    { param: 'graph' },
  )
}

/**
 * Removes a model and those of its files that no other model needs; false when there was none of that name.
 * A relay that runs sees it after `refresh`.
 */
export async function removeModel(dataFolder: string, id: string): Promise<boolean> {
  const model = await readManifest(dataFolder, id).catch(() => undefined)
  if (!(await deleteManifest(dataFolder, id))) return false
  if (model) await removeUnusedBlobs(dataFolder, blobsOf(model.manifest))
  return true
}
