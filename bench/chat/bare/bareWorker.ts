import { expose } from 'comlink'
import { createLanguageRunner } from '../../../engine/language/createLanguageRunner.ts'
import { wasmBackend } from '../../../engine/language/languageBackend.ts'
import type { LanguageRunner } from '../../../engine/language/languageRunner.ts'
import type { OrtRuntime } from '../../../engine/onnx/ortRuntime.ts'
import { libraryOf } from '../../../engine/onnx/runnerLibrary.ts'
import { createWasmRunner } from '../../../engine/onnx/wasmRunner.ts'
import { StageRun } from '../../../models/language/tiny/runStages.ts'
import { optionsTensor } from '../../../protocol/generation.ts'
import { type ServedModel, type Shard, shardsOf, wholeRange } from '../../../protocol/manifest.ts'
import { tensorOf } from '../../../protocol/tensor.ts'
import { loadRuntime } from '../../../worker/compute/loadRuntime.ts'
import { wasmRuntime } from '../../../worker/compute/runtimeFiles.ts'
import { browserKeyValues } from '../../../worker/link/browserKeyValues.ts'
import { MemoryFiles } from '../../../worker/link/memoryFiles.ts'
import { OpfsFiles } from '../../../worker/link/opfsFiles.ts'
import { relayShardSource } from '../../../worker/link/shardSource.ts'
import { ShardStore, sha256Of } from '../../../worker/link/shardStore.ts'
import type { BareChat } from '../bareChatApi.ts'
import { decodeStages } from '../decodeStages.ts'

/** As much as a tab of the default settings gives to conversations, bytes. */
const CACHE_BYTES = 250e6

/** Reads shards through the tab's own store. */
async function readerOf(
  shards: readonly Shard[],
): Promise<(sha256: string) => Promise<Uint8Array<ArrayBuffer>>> {
  const store = new ShardStore({
    files: (await OpfsFiles.open()) ?? new MemoryFiles(),
    source: relayShardSource(location.origin),
    digest: sha256Of,
    keyValues: browserKeyValues(),
    now: Date.now,
    limitBytes: 2e9,
  })
  const keep = new Set(shards.map(({ sha256 }) => sha256))
  return (sha256) =>
    store.get(shards.find((shard) => shard.sha256 === sha256)!, {
      keep,
      signal: new AbortController().signal,
      progress: () => {},
    })
}

/** The tab's own copy of ONNX Runtime. */
async function runtimeOf(threads: number): Promise<OrtRuntime> {
  const wasmBinary = await (await fetch(wasmRuntime.binary)).arrayBuffer()
  const onnx = await createWasmRunner({
    threads,
    wasmBinary,
    loadRuntime: () => loadRuntime(wasmRuntime.script),
  })
  return libraryOf(onnx)!.ort
}

let graphs: StageRun | null = null
let opened: { runner: LanguageRunner; model: ServedModel } | null = null

const bare: BareChat = {
  async load({ model, range, threads }) {
    const shards = shardsOf(model.manifest, range)
    const read = await readerOf(shards)
    for (const { sha256 } of shards) await read(sha256)
    const ort = await runtimeOf(threads)
    const runner = createLanguageRunner(
      wasmBackend(ort),
      () => Promise.reject(new Error('The benchmark asks for no grammar.')),
      { cacheBytes: CACHE_BYTES },
    )
    const startedAt = performance.now()
    await runner.load(model, range, read)
    opened = { runner, model }
    return performance.now() - startedAt
  },
  async generate({ prompt, options }) {
    const { runner, model } = opened!
    const ids: number[] = []
    const startedAt = performance.now()
    let [firstAt, lastAt] = [0, 0]
    const inputs = [
      tensorOf('prompt', 'INT32', [prompt.length], Int32Array.from(prompt)),
      optionsTensor(options),
      tensorOf('given', 'INT32', [0], new Int32Array(0)),
    ]
    await runner.generate(
      { kind: 'generate', model: model.hash, inputs },
      (chunk) => {
        lastAt = performance.now()
        if (firstAt === 0) firstAt = lastAt
        ids.push(...chunk.ids)
      },
      new AbortController().signal,
    )
    return { ids, firstMs: firstAt - startedAt, decodeMs: lastAt - firstAt }
  },
  async loadGraphs({ model, threads }) {
    const { language } = model.manifest
    const read = await readerOf(shardsOf(model.manifest, wholeRange(language!)))
    graphs = await StageRun.open(await runtimeOf(threads), language!, read, { threads })
  },
  decodeGraphs: ({ prompt, tokens }) => decodeStages(graphs!, prompt, tokens),
}

expose(bare)
