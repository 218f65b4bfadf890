import { createHash, randomBytes } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import canonicalize from 'canonicalize'
import { z } from 'zod'
import { OpentabError } from '../protocol/errors.ts'
import type { LanguageModel } from '../protocol/language.ts'
import { MAX_NAME_BYTES, MAX_RANK, MAX_TENSORS } from '../protocol/limits.ts'
import type { Graph, Manifest, ServedModel, Shard } from '../protocol/manifest.ts'
import { languageModel } from '../protocol/manifestSchema.ts'
import { type Datatype, datatypes } from '../protocol/tensor.ts'
import { syncFolder } from './blobStore.ts'

/** Folder of the manifests inside a data folder: one `<id>.json` a model. */
export const manifestsFolderOf = (dataFolder: string): string => join(dataFolder, 'models', 'manifests')

const NAME = /^[a-z0-9._-]{1,64}$/

/**
 * A model's name: lower-case letters, digits, `.`, `_` and `-`, at most 64 characters, not beginning with a dot.
 * @throws OpentabError `invalid_value`
 */
export function checkModelName(name: string): void {
  if (NAME.test(name) && !name.startsWith('.')) return
  throw new OpentabError(
    'invalid_value',
    `${JSON.stringify(name.slice(0, 80))} cannot be the name of a model.`,
    {
      param: 'name',
      fix: 'Use lower-case letters, digits, ".", "_" and "-", at most 64 characters, not beginning with a dot.',
    },
  )
}

const shard = z.strictObject({ sha256: z.string().regex(/^[0-9a-f]{64}$/), bytes: z.int().min(0) })
const tensorSpec = z.strictObject({
  name: z.string().min(1).max(MAX_NAME_BYTES),
  datatype: z.enum(Object.keys(datatypes) as [Datatype, ...Datatype[]]),
  shape: z.array(z.union([z.int().min(0), z.string().min(1)])).max(MAX_RANK),
})
const graphSchema = z
  .strictObject({
    name: z.string().min(1).max(64),
    shards: z.array(shard).min(1),
    inputs: z.array(tensorSpec).min(1).max(MAX_TENSORS),
    outputs: z.array(tensorSpec).min(1).max(MAX_TENSORS),
    tolerance: z.strictObject({ rtol: z.number().min(0), atol: z.number().min(0) }),
    ranked: z.strictObject({ values: z.string(), indices: z.string(), classes: z.int().min(1) }).optional(),
  })
  .refine(ranksItsOutputs, {
    path: ['ranked'],
    error: 'names no FP32 output of values and INT64 output of indices with one shape',
  })
const manifestSchema = z
  .strictObject({
    v: z.literal(1),
    id: z.string().regex(NAME),
    kind: z.enum(['ocr', 'embeddings', 'onnx', 'chat']),
    graphs: z.array(graphSchema),
    language: z.optional(languageModel),
    files: z.record(z.string(), shard),
    licence: z.string(),
    source: z.string(),
  })
  .refine(
    ({ kind, graphs, language }) =>
      kind === 'chat'
        ? language !== undefined && graphs.length === 0
        : graphs.length > 0 && language === undefined,
    {
      error: 'must have graphs, or be of the kind chat and have a language model',
    },
  )

function ranksItsOutputs({ ranked, outputs }: Pick<Graph, 'ranked' | 'outputs'>): boolean {
  if (!ranked) return true
  const values = outputs.find(({ name }) => name === ranked.values)
  const indices = outputs.find(({ name }) => name === ranked.indices)
  return (
    values?.datatype === 'FP32' &&
    indices?.datatype === 'INT64' &&
    values.shape.length > 0 &&
    values.shape.join() === indices.shape.join()
  )
}

/** RFC 8785 canonical JSON. */
export function canonicalJson(manifest: Manifest): string {
  const text = canonicalize(manifest)
  if (text === undefined)
    throw new OpentabError('internal', `The manifest of ${manifest.id} has no JSON form.`)
  return text
}

/** SHA-256 of the manifest's RFC 8785 canonical JSON, hex: the model's hash. */
export const manifestHash = (manifest: Manifest): string =>
  createHash('sha256').update(canonicalJson(manifest)).digest('hex')

/** Every file of a model, shards and relay-only files, each once. */
export function blobsOf(manifest: Manifest): Shard[] {
  const all = [
    ...manifest.graphs.flatMap((graph) => graph.shards),
    ...(manifest.language ? languageBlobs(manifest.language) : []),
    ...Object.values(manifest.files),
  ]
  return [...new Map(all.map((blob) => [blob.sha256, blob])).values()]
}

const languageBlobs = ({ stages, tokenizer, chatTemplate }: LanguageModel): Shard[] => [
  ...stages.flatMap(({ graph, packedGraph, weights }) => [
    graph,
    ...(packedGraph ? [packedGraph] : []),
    weights,
  ]),
  tokenizer,
  ...(chatTemplate ? [chatTemplate] : []),
]

/** Writes `<id>.json` as canonical JSON: temporary file, fsync, rename. */
export async function writeManifest(dataFolder: string, manifest: Manifest): Promise<ServedModel> {
  checkModelName(manifest.id)
  const folder = manifestsFolderOf(dataFolder)
  await mkdir(folder, { recursive: true })
  const temporary = join(folder, `.${manifest.id}.${randomBytes(6).toString('hex')}.part`)
  try {
    const file = await open(temporary, 'wx', 0o644)
    try {
      await file.writeFile(canonicalJson(manifest))
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, join(folder, `${manifest.id}.json`))
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  await syncFolder(folder)
  return { hash: manifestHash(manifest), manifest }
}

/**
 * The manifest of that name; undefined when there is none.
 * @throws OpentabError `invalid_value` when the file is not a manifest
 */
export async function readManifest(dataFolder: string, id: string): Promise<ServedModel | undefined> {
  checkModelName(id)
  const path = join(manifestsFolderOf(dataFolder), `${id}.json`)
  const text = await readFile(path, 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  let decoded: ReturnType<typeof manifestSchema.safeParse>
  try {
    decoded = manifestSchema.safeParse(JSON.parse(text))
  } catch {
    throw damaged(path, 'it is not JSON')
  }
  if (!decoded.success) throw damaged(path, z.prettifyError(decoded.error))
  if (decoded.data.id !== id) throw damaged(path, `it describes ${decoded.data.id}`)
  const manifest: Manifest = decoded.data
  return { hash: manifestHash(manifest), manifest }
}

const damaged = (path: string, reason: string) =>
  new OpentabError('invalid_value', `The manifest ${path} cannot be read: ${reason}.`, {
    fix: 'Remove the file and pull or import the model again.',
  })

/** Names of the models that have a manifest, sorted. */
export async function manifestIds(dataFolder: string): Promise<string[]> {
  const names = await readdir(manifestsFolderOf(dataFolder)).catch(() => [])
  return names
    .filter((name) => name.endsWith('.json') && !name.startsWith('.'))
    .map((name) => name.slice(0, -'.json'.length))
    .filter((id) => NAME.test(id))
    .sort()
}

/** Removes the manifest; true when there was one. */
export async function deleteManifest(dataFolder: string, id: string): Promise<boolean> {
  checkModelName(id)
  const had = (await manifestIds(dataFolder)).includes(id)
  await rm(join(manifestsFolderOf(dataFolder), `${id}.json`), { force: true })
  return had
}
