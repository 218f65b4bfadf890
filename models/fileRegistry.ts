import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { OpentabError } from '../protocol/errors.ts'
import type { ServedModel } from '../protocol/manifest.ts'
import { blobsFolderOf, hasBlob } from './blobStore.ts'
import { GraphQuotes } from './graphQuotes.ts'
import { blobsOf, deleteManifest, manifestIds, readManifest } from './manifestStore.ts'
import type { ModelRegistry } from './modelRegistry.ts'
import { dropRemovedBlobs, removedFolderOf, setUnusedBlobsAside } from './removedBlobs.ts'

/** A model whose manifest is there and which cannot be served, with the reason. */
export interface UnservedModel {
  id: string
  reason: string
}

/** The registry of a data folder, with the models that it had to leave out. */
export interface FileRegistry extends ModelRegistry {
  unserved(): readonly UnservedModel[]
  /** The same with the models that were served and are not any more: what was computed with one is still to be checked. */
  forChecks: Pick<ModelRegistry, 'byHash' | 'pathOf' | 'outputShapesOf'>
  /** Hashes of the models that were served and are not any more, and were not forgotten. */
  removed(): string[]
  /** Deletes those files of a removed model that no other one needs. */
  forget(hash: string): Promise<void>
}

type Shapes = ReadonlyMap<string, readonly number[]>

/** Opens the models of a data folder. Weights are read only when somebody asks for them. */
export async function openRegistry(dataFolder: string): Promise<FileRegistry> {
  const blobsFolder = blobsFolderOf(dataFolder)
  const listeners = new Set<() => void>()
  let models = new Map<string, ServedModel>()
  let hashes = new Map<string, ServedModel>()
  let blobs = new Set<string>()
  const removed = new Map<string, ServedModel>()
  let removedBlobs = new Set<string>()
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
    const before = hashes
    models = found
    hashes = new Map([...found.values()].map((model) => [model.hash, model]))
    blobs = blobsOfAll(models.values())
    for (const [hash, model] of before) if (!hashes.has(hash)) removed.set(hash, model)
    for (const hash of hashes.keys()) removed.delete(hash)
    removedChanged()
    left = problems
  }

  function removedChanged(): void {
    removedBlobs = blobsOfAll(removed.values())
    quotes.keepOnly((sha256) => blobs.has(sha256) || removedBlobs.has(sha256))
  }

  const readBlob = async (sha256: string): Promise<Uint8Array<ArrayBuffer>> => {
    if (!blobs.has(sha256)) throw new OpentabError('not_found', `No model here has a file ${sha256}.`)
    return new Uint8Array(await readFile(join(blobsFolder, sha256)))
  }

  /** A file may be put aside before a removal is heard of. */
  const checkedPathOf = (sha256: string): string | undefined => {
    if (!blobs.has(sha256) && !removedBlobs.has(sha256)) return undefined
    const path = join(blobsFolder, sha256)
    return existsSync(path) ? path : join(removedFolderOf(dataFolder), sha256)
  }
  const quotes = new GraphQuotes(async (sha256) => {
    const path = checkedPathOf(sha256)
    if (path === undefined) throw new OpentabError('not_found', `No model here has a file ${sha256}.`)
    return new Uint8Array(await readFile(path))
  })
  const checkedByHash = (hash: string): ServedModel | undefined => hashes.get(hash) ?? removed.get(hash)
  const shapesOf = async (
    model: ServedModel | undefined,
    ...run: [hash: string, graph: number, inputShapes: Shapes]
  ): Promise<Map<string, readonly number[]>> => new Map((await quotes.quote(model, ...run)).outputShapes)

  await read()
  return {
    list: () => [...models.values()],
    byId: (id) => models.get(id),
    byHash: (hash) => hashes.get(hash),
    pathOf: (sha256) => (blobs.has(sha256) ? join(blobsFolder, sha256) : undefined),
    read: readBlob,
    operationsOf: async (hash, graph, shapes) =>
      (await quotes.quote(hashes.get(hash), hash, graph, shapes)).operations,
    outputShapesOf: (hash, ...run) => shapesOf(hashes.get(hash), hash, ...run),
    forChecks: {
      byHash: checkedByHash,
      pathOf: checkedPathOf,
      outputShapesOf: (hash, ...run) => shapesOf(checkedByHash(hash), hash, ...run),
    },
    async refresh() {
      const known = (): string => [hashes, removed].map((each) => [...each.keys()].sort().join()).join(';')
      const before = known()
      await read()
      if (known() !== before) for (const listener of [...listeners]) listener()
    },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    unserved: () => left,
    removed: () => [...removed.keys()],
    async forget(hash) {
      removed.delete(hash)
      removedChanged()
      await dropRemovedBlobs(dataFolder, (sha256) => {
        const isNeeded = blobs.has(sha256) || removedBlobs.has(sha256)
        return isNeeded && !existsSync(join(blobsFolder, sha256))
      })
    },
  }
}

const blobsOfAll = (models: Iterable<ServedModel>): Set<string> =>
  new Set([...models].flatMap(({ manifest }) => blobsOf(manifest).map(({ sha256 }) => sha256)))

async function missingBlob(blobsFolder: string, model: ServedModel): Promise<string | undefined> {
  for (const blob of blobsOf(model.manifest)) if (!(await hasBlob(blobsFolder, blob))) return blob.sha256
  return undefined
}

/**
 * Removes a model, and puts those of its files aside that no other model needs; false when there was none of that name.
 * A relay that runs sees it after `refresh`.
 */
export async function removeModel(dataFolder: string, id: string): Promise<boolean> {
  const model = await readManifest(dataFolder, id).catch(() => undefined)
  if (!(await deleteManifest(dataFolder, id))) return false
  if (model) await setUnusedBlobsAside(dataFolder, blobsOf(model.manifest))
  return true
}
