import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as ort from 'onnxruntime-web'
import type { ProgramOptions } from '../../cli/programs.ts'
import { blobsFolderOf } from '../../models/blobStore.ts'
import { catalogueEntry } from '../../models/catalogue.ts'
import { fetchFiles } from '../../models/fetchFiles.ts'
import { importLanguageModel } from '../../models/language/importLanguageModel.ts'
import { StageRun } from '../../models/language/tiny/runStages.ts'
import { pullModel } from '../../models/pull.ts'
import type { ServedModel } from '../../protocol/manifest.ts'
import greedy from '../reference/smollm2_greedy.json' with { type: 'json' }

/** How far the five largest logits of an answer's first step may be from the reference's. */
const TOP_TOLERANCE = 1e-3

/** What one way of cutting the model gave. */
export interface Agreement {
  stages: number
  /** Prompts whose tokens were all those of the reference. */
  equal: number
  prompts: number
  tokens: number
  /** Largest difference of the first step's five largest logits. */
  topOff: number
  /** SHA-256 of the manifest. */
  hash: string
}

/**
 * SmolLM2-135M-Instruct, imported from its GGUF and run in ONNX Runtime's WASM, against an independent implementation
 * (bench/reference/smollm2_greedy.json): whole and in three stages, end tokens ignored as the reference was made.
 * @throws OpentabError `source_unreachable` where the file is neither cached nor to be had
 */
export async function agreement(scale: number): Promise<Agreement[]> {
  const prompts = greedy.prompts.slice(0, Math.max(2, Math.round(greedy.prompts.length * scale)))
  const tokens = scale < 1 ? 8 : greedy.prompts[0]!.ids.length
  const dataFolder = await mkdtemp(join(tmpdir(), 'opentab-agreement-'))
  const results: Agreement[] = []
  try {
    for (const model of [await importWhole(dataFolder), await pullModel(greedy.model, { dataFolder })]) {
      const { stages } = model.manifest.language!
      const readBlob = (sha256: string) => readFile(join(blobsFolderOf(dataFolder), sha256))
      const run = await StageRun.open(ort, model.manifest.language!, readBlob)
      const compared = await compare(run, prompts, tokens)
      results.push({ stages: stages.length, prompts: prompts.length, tokens, ...compared, hash: model.hash })
      await run.close()
    }
    return results
  } finally {
    await rm(dataFolder, { recursive: true, force: true })
  }
}

const { file, manifestSha256 } = catalogueEntry(greedy.model)!.language!

/** The model in one stage; `pullModel` makes three. */
async function importWhole(dataFolder: string): Promise<ServedModel> {
  await fetchFiles(catalogueEntry(greedy.model)!, [file], { dataFolder })
  const path = join(blobsFolderOf(dataFolder), file.sha256)
  return importLanguageModel(path, { dataFolder, name: 'whole', stages: 1 })
}

async function compare(
  run: StageRun,
  prompts: typeof greedy.prompts,
  tokens: number,
): Promise<{ equal: number; topOff: number }> {
  let equal = 0
  let topOff = 0
  for (const { prompt, ids, top } of prompts) {
    const answer = await run.greedy(prompt, tokens)
    if (answer.ids.join() === ids.slice(0, tokens).join()) equal++
    for (const [id, logit] of top as [number, number][]) {
      topOff = Math.max(topOff, Math.abs(answer.logits[0]![id]! - logit))
    }
  }
  return { equal, topOff }
}

/** `npm run soak -- agreement`: 12 prompts of 48 tokens. */
export default async function soak({ scale = 1 }: ProgramOptions): Promise<Agreement[]> {
  const results = await agreement(scale)
  for (const { stages, equal, prompts, topOff } of results) {
    if (equal === prompts && topOff < TOP_TOLERANCE) continue
    throw new Error(
      `In ${stages} ${stages === 1 ? 'stage' : 'stages'} ${equal} of ${prompts} answers are the reference's, and the first logits are off by ${topOff}.`,
    )
  }
  const pulled = results.at(-1)!.hash
  if (pulled !== manifestSha256) {
    throw new Error(`The model was cut into a manifest ${pulled}; the catalogue pins ${manifestSha256}.`)
  }
  return results
}
