import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { blobsFolderOf } from '../../models/blobStore.ts'
import { readManifest } from '../../models/manifestStore.ts'
import type { ServedModel } from '../../protocol/manifest.ts'
import { loadTokenizer } from '../../protocol/text/loadTokenizer.ts'
import type { TextTokenizer } from '../../protocol/text/textTokenizer.ts'
import { projectRoot, readConfig } from '../../server/config.ts'

/** The model of the chat benchmarks. */
export const BENCH_MODEL = 'smollm2-135m-instruct'

export interface BenchModel {
  model: ServedModel
  /** Folder of its shards, each named by its SHA-256. */
  blobs: string
  read(sha256: string): Promise<Uint8Array<ArrayBuffer>>
}

/** The benchmarks' model from this project's data folder. @throws Error where it was not pulled */
export async function benchModel(): Promise<BenchModel> {
  const { DATA } = readConfig(process.env)
  const folder = DATA.startsWith('/') ? DATA : join(projectRoot, DATA)
  const model = await readManifest(folder, BENCH_MODEL)
  if (!model?.manifest.language) {
    throw new Error(
      `The model is not in ${folder}. Pull it first: npm run opentab -- models pull ${BENCH_MODEL}`,
    )
  }
  const blobs = blobsFolderOf(folder)
  return { model, blobs, read: async (sha256) => new Uint8Array(await readFile(join(blobs, sha256))) }
}

/** The model's tokenizer. */
export const tokenizerOf = async ({ model, read }: BenchModel): Promise<TextTokenizer> =>
  loadTokenizer(await read(model.manifest.language!.tokenizer.sha256))
