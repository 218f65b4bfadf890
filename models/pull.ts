import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { OpentabError } from '../protocol/errors.ts'
import type { Graph, Manifest, ServedModel } from '../protocol/manifest.ts'
import { blobsFolderOf, hasBlob, writeBlob } from './blobStore.ts'
import {
  type CatalogueEntry,
  catalogue,
  catalogueEntry,
  type DerivedFile,
  filesOf,
  shardOf,
} from './catalogue.ts'
import { deriveFile } from './derive/deriveFile.ts'
import { fetchFiles } from './fetchFiles.ts'
import { blobsOf, readManifest, writeManifest } from './manifestStore.ts'
import { graphSpecs } from './onnx/graphSpecs.ts'
import { readGraph } from './onnx/readGraph.ts'
import { pullLanguageModel } from './pullLanguageModel.ts'
import type { PullOptions } from './pullOptions.ts'
import { setUnusedBlobsAside } from './removedBlobs.ts'
import { removeUnusedBlobs } from './removeUnusedBlobs.ts'
import type { CatalogueFile } from './sources/catalogueFile.ts'

export type { PullOptions, PullProgress } from './pullOptions.ts'

/**
 * Makes a model of the catalogue present in the data folder, as the catalogue describes it now. A model that is there
 * costs milliseconds; one that an older catalogue described is renewed, and files that nothing needs any more go.
 * @throws OpentabError `model_not_found` for a name that is not in the catalogue; `source_unreachable` with every
 * source and its reason when a file cannot be had
 */
export async function pullModel(id: string, options: PullOptions): Promise<ServedModel> {
  const entry = options.entry ?? catalogueEntry(id)
  if (!entry) {
    throw new OpentabError('model_not_found', `The catalogue has no model ${id}.`, {
      param: 'model',
      fix: `It has ${catalogue.map((known) => known.id).join(', ')}. Other models: opentab models import PATH --name NAME.`,
    })
  }
  if (entry.language) return pullLanguageModel(entry, entry.language, options)
  const { dataFolder } = options
  const unmade = await missingDerivations(entry, dataFolder)
  const missing = await missingFiles(entry, unmade, dataFolder)
  const isWhole = missing.length === 0 && unmade.length === 0
  const present = await readManifest(dataFolder, entry.id).catch(() => undefined)
  if (isWhole && present && describes(present.manifest, entry)) return present
  if (missing.length > 0) await fetchFiles(entry, missing, options)
  for (const derivation of unmade) await derive(derivation, dataFolder)
  const model = await writeManifest(dataFolder, await manifestOf(entry, dataFolder))
  if (present) await setUnusedBlobsAside(dataFolder, blobsOf(present.manifest))
  await removeUnusedBlobs(
    dataFolder,
    unmade.map(({ from }) => from),
  )
  return model
}

/** A file that is made from a fetched one. */
interface Derivation {
  from: CatalogueFile
  to: DerivedFile
}

async function missingDerivations(entry: CatalogueEntry, dataFolder: string): Promise<Derivation[]> {
  const missing: Derivation[] = []
  for (const { file, derived } of entry.graphs) {
    if (derived && !(await hasBlob(blobsFolderOf(dataFolder), derived)))
      missing.push({ from: file, to: derived })
  }
  return missing
}

/** Files that must be fetched: those that are kept, and those from which another one has yet to be made. */
async function missingFiles(
  entry: CatalogueEntry,
  unmade: readonly Derivation[],
  dataFolder: string,
): Promise<CatalogueFile[]> {
  const kept = entry.graphs.filter(({ derived }) => !derived).map(({ file }) => file)
  const needed = new Set(
    [...kept, ...Object.values(entry.files), ...unmade.map(({ from }) => from)].map(({ sha256 }) => sha256),
  )
  const files = filesOf(entry).filter(({ sha256 }) => needed.has(sha256))
  const there = await Promise.all(files.map((file) => hasBlob(blobsFolderOf(dataFolder), file)))
  return files.filter((_, index) => !there[index])
}

async function derive({ from, to }: Derivation, dataFolder: string): Promise<void> {
  const folder = blobsFolderOf(dataFolder)
  await writeBlob(folder, to, [deriveFile(await readFile(join(folder, from.sha256)), to)])
}

/** The manifest of a catalogue entry whose files are there: names, datatypes and shapes come from the ONNX files. */
async function manifestOf(entry: CatalogueEntry, dataFolder: string): Promise<Manifest> {
  const graphs: Manifest['graphs'][number][] = []
  for (const graph of entry.graphs) {
    const { name, tolerance, ranked } = graph
    const shard = shardOf(graph)
    const specs = graphSpecs(readGraph(await readFile(join(blobsFolderOf(dataFolder), shard.sha256))))
    graphs.push({ name, shards: [shard], ...specs, tolerance, ...(ranked && { ranked }) })
  }
  const files = Object.fromEntries(
    Object.entries(entry.files).map(([name, { sha256, bytes }]) => [name, { sha256, bytes }]),
  )
  return { v: 1, id: entry.id, kind: entry.kind, graphs, files, licence: entry.licence, source: entry.source }
}

/** Whether a manifest says the same as the entry; what it says about inputs and outputs follows from the file hashes. */
function describes(manifest: Manifest, entry: CatalogueEntry): boolean {
  const outline = (
    { kind, licence, source }: Pick<Manifest, 'kind' | 'licence' | 'source'>,
    graphs: (Pick<Graph, 'name' | 'tolerance' | 'ranked'> & { shards: string[] })[],
    files: Readonly<Record<string, { sha256: string }>>,
  ) =>
    JSON.stringify([
      [kind, licence, source],
      graphs.map(({ name, shards, tolerance: { rtol, atol }, ranked }) => [
        [name, shards, rtol, atol],
        ranked ? [ranked.values, ranked.indices, ranked.classes] : [],
      ]),
      Object.entries(files)
        .map(([name, { sha256 }]) => [name, sha256])
        .sort(([a = ''], [b = '']) => (a < b ? -1 : 1)),
    ])
  const said = outline(
    manifest,
    manifest.graphs.map((graph) => ({ ...graph, shards: graph.shards.map(({ sha256 }) => sha256) })),
    manifest.files,
  )
  const wanted = outline(
    entry,
    entry.graphs.map((graph) => ({ ...graph, shards: [shardOf(graph).sha256] })),
    entry.files,
  )
  return said === wanted
}
