import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { OpentabError } from '../protocol/errors.ts'
import type { Manifest, ServedModel, Shard, Tolerance } from '../protocol/manifest.ts'
import { blobsFolderOf, hasBlob, writeBlob } from './blobStore.ts'
import { catalogueEntry, DEFAULT_TOLERANCE } from './catalogue.ts'
import { blobsOf, checkModelName, readManifest, writeManifest } from './manifestStore.ts'
import { chooseCuts } from './onnx/chooseCuts.ts'
import { cutGraph } from './onnx/cutGraph.ts'
import { graphSpecs } from './onnx/graphSpecs.ts'
import { MAX_MODEL_BYTES } from './onnx/limits.ts'
import { readGraph } from './onnx/readGraph.ts'
import { refusal } from './onnx/refuse.ts'
import { setUnusedBlobsAside } from './removedBlobs.ts'
import { removeUnusedBlobs } from './removeUnusedBlobs.ts'

export interface ImportOptions {
  dataFolder: string
  /** The name that requesters use: lower-case letters, digits, `.`, `_`, `-`, at most 64 characters. */
  name: string
  /** How far a recomputed output may be off; rtol 1e-3, atol 1e-4 when not given. */
  tolerance?: Tolerance
  /** Whether a model of that name with other bytes is replaced. */
  replace?: boolean
  /** SPDX identifier; `unknown` when not given. */
  licence?: string
  /** Parts that the file is cut into; one when not given. */
  shards?: number
}

/**
 * Imports an ONNX file as a model of kind `onnx` with one graph `main`. The same file under the same name changes
 * nothing.
 * @throws OpentabError `model_refused` naming the operator or tensor and the reason; `invalid_value` for a name that
 * cannot be used or is taken by other bytes, for a tolerance that cannot be used, and for a file that is not there
 */
export async function importOnnx(file: string, options: ImportOptions): Promise<ServedModel> {
  const found = await stat(file).catch(() => undefined)
  if (!found) {
    throw new OpentabError('invalid_value', `There is no file ${file}.`, {
      param: 'file',
      fix: 'Check the path.',
    })
  }
  if (!found.isFile()) throw refusal(`${file} is not a file.`, 'Give the path of one .onnx file.')
  if (found.size > MAX_MODEL_BYTES) {
    throw refusal(`${file} has ${found.size} bytes; at most ${MAX_MODEL_BYTES} are supported.`)
  }
  return importOnnxBytes(await readFile(file), { ...options, source: `imported from ${basename(file)}` })
}

/** As `importOnnx`, of bytes; `source` says for people where they came from. */
export async function importOnnxBytes(
  bytes: Uint8Array,
  {
    dataFolder,
    name,
    tolerance = DEFAULT_TOLERANCE,
    replace = false,
    licence = 'unknown',
    shards: parts = 1,
    source,
  }: ImportOptions & { source: string },
): Promise<ServedModel> {
  checkModelName(name)
  if (catalogueEntry(name)) {
    throw new OpentabError('invalid_value', `${name} is the name of a model of the catalogue.`, {
      param: 'name',
      fix: `Choose another name, or get that model with: opentab models pull ${name}.`,
    })
  }
  checkTolerance(tolerance)
  const specs = graphSpecs(readGraph(bytes))
  const files = parts === 1 ? [bytes] : cutGraph(bytes, chooseCuts(bytes, parts))
  const shards = files.map((file) => ({ sha256: sha256Of(file), bytes: file.byteLength }))
  const before = await readManifest(dataFolder, name).catch(() => undefined)
  if (before && !replace && !isSame(before.manifest.graphs[0]?.shards, shards)) {
    throw new OpentabError('invalid_value', `There is a model ${name} already, with other bytes.`, {
      param: 'name',
      fix: 'Choose another name, or import with --replace.',
    })
  }
  await storeAll(dataFolder, shards, files)
  const manifest: Manifest = {
    v: 1,
    id: name,
    kind: 'onnx',
    graphs: [{ name: 'main', shards, ...specs, tolerance: { rtol: tolerance.rtol, atol: tolerance.atol } }],
    files: {},
    licence,
    source,
  }
  const model = await writeManifest(dataFolder, manifest)
  if (before) await setUnusedBlobsAside(dataFolder, blobsOf(before.manifest))
  return model
}

/** Stores all of the files or none. */
async function storeAll(
  dataFolder: string,
  shards: readonly Shard[],
  files: readonly Uint8Array[],
): Promise<void> {
  const folder = blobsFolderOf(dataFolder)
  const written: Shard[] = []
  try {
    for (const [i, shard] of shards.entries()) {
      if (await hasBlob(folder, shard)) continue
      await writeBlob(folder, shard, [files[i]!])
      written.push(shard)
    }
  } catch (error) {
    await removeUnusedBlobs(dataFolder, written)
    throw error
  }
}

const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

const isSame = (before: readonly Shard[] | undefined, after: readonly Shard[]): boolean =>
  before?.map(({ sha256 }) => sha256).join() === after.map(({ sha256 }) => sha256).join()

function checkTolerance({ rtol, atol }: Tolerance): void {
  for (const [param, value] of Object.entries({ rtol, atol })) {
    if (Number.isFinite(value) && value >= 0) continue
    throw new OpentabError('invalid_value', `The tolerance ${param} is ${value}.`, {
      param,
      fix: 'Give a number from 0 up, e.g. 0.001.',
    })
  }
}
