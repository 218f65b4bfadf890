import { expose } from 'comlink'
import { fakeKeyValues } from './fakeKeyValues.ts'
import { OpfsFiles } from './opfsFiles.ts'
import type { OpfsTestApi } from './opfsTestApi.ts'
import { ShardStore, sha256Of } from './shardStore.ts'
import { FakeSource } from './testSession.ts'

// A worker for opfsFiles.browser.test.ts: files can be written at once only in workers.

const FOLDER = 'opentab-test-shards'

async function open() {
  const files = await OpfsFiles.open(FOLDER)
  if (!files) throw new Error('This browser has no origin-private file system.')
  return files
}

const opfs: OpfsTestApi = {
  async get(bytes, { breakAfter = Number.POSITIVE_INFINITY } = {}) {
    const source = new FakeSource()
    const shard = { sha256: await sha256Of(bytes), bytes: bytes.byteLength }
    source.blobs.set(shard.sha256, bytes)
    source.breakAfter = breakAfter
    source.chunkBytes = 1000
    const keyValues = fakeKeyValues()
    const files = await open()
    const store = new ShardStore({
      files,
      source: source.get,
      digest: sha256Of,
      keyValues,
      now: Date.now,
      limitBytes: 1e6,
    })
    const options = { keep: new Set<string>(), signal: new AbortController().signal, progress: () => {} }
    const got = await store.get(shard, options).then(
      (right) => ({ bytes: right, code: null }),
      (error: { code?: string }) => ({ bytes: null, code: error.code ?? String(error) }),
    )
    return { ...got, asked: source.asked.map(([, from]) => from) }
  },
  async write(name, bytes) {
    const file = await (await open()).append(name)
    file.write(bytes)
    file.close()
  },
  async list() {
    return await (await open()).list()
  },
  async remove(name) {
    await (await open()).remove(name)
  },
  async clear() {
    const root = await navigator.storage.getDirectory()
    await root.removeEntry(FOLDER, { recursive: true }).catch(() => {})
  },
}

expose(opfs)
