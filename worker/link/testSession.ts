import type { LanguageModel } from '../../protocol/language.ts'
import type { ServedModel } from '../../protocol/manifest.ts'
import { FakeClock } from './fakeClock.ts'
import { FakeComputeHost } from './fakeCompute.ts'
import { fakeKeyValues } from './fakeKeyValues.ts'
import { FakeRelay } from './fakeRelay.ts'
import { MemoryFiles } from './memoryFiles.ts'
import type { ShardSource, ShardStream } from './shardSource.ts'
import { ShardStore } from './shardStore.ts'
import { FIGURES_MS } from './snapshot.ts'
import type { TabSettings, TabSnapshot } from './tabApi.ts'
import { TabSession } from './tabSession.ts'

export const testSettings: TabSettings = {
  address: '0x52908400098527886e0f7030069857d2e4169ee7',
  intensity: 100,
  onBattery: false,
  storageBytes: 1000,
  memoryBytes: 1e9,
  customKernels: false,
}

/** Stands in for SHA-256: WebCrypto answers from another thread, in its own time. */
const testDigest = async (bytes: Uint8Array): Promise<string> =>
  Array.from({ length: 64 }, (_, i) =>
    (((bytes[i % bytes.length] ?? 0) + bytes.length + i) & 15).toString(16),
  ).join('')

/** A model of one shard with these bytes. */
export async function testModel(id: string, bytes: Uint8Array<ArrayBuffer>): Promise<ServedModel> {
  const shard = { sha256: await testDigest(bytes), bytes: bytes.byteLength }
  const graph = { name: 'main', shards: [shard], inputs: [], outputs: [], tolerance: { rtol: 0, atol: 0 } }
  const manifest = {
    v: 1 as const,
    id,
    kind: 'onnx' as const,
    graphs: [graph],
    files: {},
    licence: '',
    source: '',
  }
  return { hash: await testDigest(new TextEncoder().encode(id)), manifest }
}

/** Blobs in memory that can be cut short, damaged or taken away. */
export class FakeSource {
  readonly blobs = new Map<string, Uint8Array>()
  /** [sha256, fromByte] of each request. */
  asked: [string, number][] = []
  /** The stream breaks after this many bytes. */
  breakAfter = Number.POSITIVE_INFINITY
  ignoresRange = false
  /** Size of a chunk, bytes. */
  chunkBytes = 4

  #held: Promise<void> | null = null

  /** Streams stand after their first chunk until the returned function is called. */
  hold(): () => void {
    let release = () => {}
    this.#held = new Promise((resolve) => {
      release = resolve
    })
    return release
  }

  get: ShardSource = async (sha256, fromByte) => {
    this.asked.push([sha256, fromByte])
    const blob = this.blobs.get(sha256)
    if (!blob) throw new TypeError('no such blob')
    const from = this.ignoresRange ? 0 : fromByte
    return { fromByte: from, chunks: this.#chunks(blob.subarray(from)) } satisfies ShardStream
  }

  async *#chunks(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
    let sent = 0
    for (let at = 0; at < bytes.byteLength; at += this.chunkBytes) {
      if (sent >= this.breakAfter) throw new TypeError('network error')
      const chunk = bytes.subarray(at, at + this.chunkBytes)
      sent += chunk.byteLength
      yield chunk
      await this.#held
    }
  }
}

/** A session among fakes. */
export function testSession(settings: Partial<TabSettings> = {}) {
  const clock = new FakeClock()
  const relay = new FakeRelay()
  const compute = new FakeComputeHost()
  const source = new FakeSource()
  const files = new MemoryFiles()
  const keyValues = fakeKeyValues()
  const shown: TabSnapshot[] = []
  const all = { ...testSettings, ...settings }
  const session = new TabSession({
    environment: {
      clock,
      random: () => 0.5,
      openSocket: relay.openSocket,
      compute,
      computeOptions: async () => ({ wasmThreads: 1, wasmBinary: new ArrayBuffer(8), memoryBytes: 1e9 }),
      store: new ShardStore({
        files,
        source: source.get,
        digest: testDigest,
        keyValues,
        now: () => clock.now(),
        limitBytes: all.storageBytes,
      }),
    },
    keyValues,
    settings: all,
    show: async (snapshot) => {
      shown.push(snapshot)
    },
  })
  return {
    session,
    clock,
    relay,
    compute,
    source,
    files,
    shown,
    /** The newest snapshot, a moment later. */
    async look(): Promise<TabSnapshot> {
      await clock.advance(FIGURES_MS)
      const last = shown.at(-1)
      if (!last) throw new Error('No snapshot was shown.')
      return last
    },
    /** Starts and greets. */
    async begin(): Promise<void> {
      void session.start()
      await clock.settle()
      relay.accept()
      await clock.settle()
    },
  }
}

/**
 * A language model of `stages` stages whose graph and weight files are one byte each, with the blobs by hash.
 * Hashes are plain counters: the session knows no more of them than the source does.
 */
export async function testLanguageModel(
  id: string,
  stages: number,
): Promise<{ model: ServedModel; blobs: Map<string, Uint8Array<ArrayBuffer>> }> {
  const blobs = new Map<string, Uint8Array<ArrayBuffer>>()
  const blob = async (...content: number[]) => {
    const bytes = Uint8Array.from(content)
    const sha256 = await testDigest(bytes)
    blobs.set(sha256, bytes)
    return { sha256, bytes: bytes.byteLength }
  }
  const tokenizer = await blob(200)
  const language: LanguageModel = {
    family: 'llama',
    layers: stages,
    width: 8,
    heads: 1,
    kvHeads: 1,
    headSize: 8,
    feedForward: 8,
    vocabulary: 16,
    contextTokens: 64,
    embeddingScale: 1,
    windows: Array(stages).fill(null),
    layerMultiplyAdds: Array(stages).fill(1),
    stages: await Promise.all(
      Array.from({ length: stages }, async (_, stage) => ({
        layers: [stage, stage + 1] as const,
        graph: await blob(stage * 3 + 1),
        packedGraph: await blob(stage * 3 + 2),
        weights: await blob(stage * 3 + 3, 0),
        expandedBytes: 100,
        embedding: stage === 0 ? 'embedding' : null,
        head: stage === stages - 1,
      })),
    ),
    hidden: 'f32',
    tokenizer,
    chatTemplate: null,
    generation: { endTokens: [0], beginToken: null },
    weightsRoot: '0'.repeat(64),
    sourceSha256: '0'.repeat(64),
    measured: null,
  }
  const manifest = {
    v: 1 as const,
    id,
    kind: 'chat' as const,
    graphs: [],
    language,
    files: {},
    licence: '',
    source: '',
  }
  return { model: { hash: await testDigest(new TextEncoder().encode(id)), manifest }, blobs }
}
