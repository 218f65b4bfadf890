import { layerMultiplyAdds } from '../../models/language/architecture.ts'
import { openModelWeights } from '../../models/language/modelWeights.ts'
import { ReferenceModel } from '../../models/language/reference/referenceModel.ts'
import { writeStage } from '../../models/language/stages/writeStage.ts'
import { type TinyKind, tinyModel } from '../../models/language/tiny/tinyModel.ts'
import { tinyTokenizerFiles } from '../../models/language/tiny/tinyTokenizer.ts'
import type { WeightSource } from '../../models/language/weightSource.ts'
import type { HiddenFormat, LanguageStage } from '../../protocol/language.ts'
import type { ServedModel, Shard } from '../../protocol/manifest.ts'
import { type PackFormat, packBlocks } from '../../protocol/weights/packBlocks.ts'

export interface FixtureOptions {
  stages?: number
  /** Of the matrices. */
  format?: PackFormat
  hidden?: HiddenFormat
  contextTokens?: number
}

/** A tiny model as a relay serves it, in memory: for tests in Node and in browsers. */
export interface FixtureModel {
  model: ServedModel
  readShard: (sha256: string) => Promise<Uint8Array<ArrayBuffer>>
  /** The shards that were read, in order. */
  readonly read: string[]
  /** The most likely continuation of a prompt by the reference in f64. */
  greedy(prompt: readonly number[], tokens: number): number[]
}

export async function fixtureModel(
  kind: TinyKind,
  { stages = 1, format = 'f32', hidden = 'f32', contextTokens = 256 }: FixtureOptions = {},
): Promise<FixtureModel> {
  const tiny = tinyModel(kind, { format })
  const tensors = new Map(
    [...tiny.tensors].map(([name, { shape, values }]) => {
      const own = shape.length === 2 ? format : 'f32'
      return [name, { name, format: own, shape, read: async () => packBlocks(own, values) }] as const
    }),
  )
  const source: WeightSource = { kind: 'safetensors', metadata: new Map(), tensors, close: async () => {} }
  const weights = await openModelWeights(source, tiny.config)
  const { architecture: a } = weights
  const files = new Map<string, Uint8Array<ArrayBuffer>>()
  const store = async (content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Shard> => {
    const parts: Uint8Array<ArrayBuffer>[] = []
    for await (const part of content) parts.push(part as Uint8Array<ArrayBuffer>)
    const bytes = new Uint8Array(await new Blob(parts).arrayBuffer())
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
    const sha256 = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
    files.set(sha256, bytes)
    return { sha256, bytes: bytes.byteLength }
  }
  const written: LanguageStage[] = []
  for (let stage = 0; stage < stages; stage++) {
    const border = (at: number): number => Math.floor((at * a.layers) / stages)
    const layers = [border(stage), border(stage + 1)] as const
    written.push(await writeStage(weights, { layers, contextTokens }, store))
  }
  const tokenizer = await store([new TextEncoder().encode(JSON.stringify(tinyTokenizerFiles().tokenizer))])
  const reference = await ReferenceModel.open(
    tiny.config as unknown as Parameters<typeof ReferenceModel.open>[0],
    source,
  )
  const read: string[] = []
  return {
    model: {
      hash: written[0]!.weights.sha256,
      manifest: {
        v: 1,
        id: `tiny-${kind}`,
        kind: 'chat',
        graphs: [],
        language: {
          ...a,
          contextTokens,
          layerMultiplyAdds: Array.from({ length: a.layers }, () => layerMultiplyAdds(a)),
          stages: written,
          hidden,
          tokenizer,
          chatTemplate: null,
          generation: { endTokens: [2], beginToken: null },
          weightsRoot: '0'.repeat(64),
          sourceSha256: '0'.repeat(64),
          measured: null,
        },
        files: {},
        licence: 'Apache-2.0',
        source: 'made for tests',
      },
    },
    readShard: async (sha256) => {
      read.push(sha256)
      const bytes = files.get(sha256)
      if (!bytes) throw new Error(`no shard ${sha256}`)
      return bytes.slice()
    },
    read,
    greedy: (prompt, tokens) => reference.fresh().greedy(prompt, tokens).ids,
  }
}
