import { describe, expect, it } from 'vitest'
import { OpentabError } from '../../protocol/errors.ts'
import { fakeKeyValues } from './fakeKeyValues.ts'
import { MemoryFiles } from './memoryFiles.ts'
import { relayShardSource } from './shardSource.ts'
import { type FetchOptions, ShardStore, sha256Of } from './shardStore.ts'
import { FakeSource } from './testSession.ts'

function storeOf(limitBytes = 1000) {
  const files = new MemoryFiles()
  const source = new FakeSource()
  let now = 1
  const store = new ShardStore({
    files,
    source: source.get,
    digest: sha256Of,
    keyValues: fakeKeyValues(),
    now: () => now++,
    limitBytes,
  })
  const progress: number[] = []
  const options = (keep: string[] = []): FetchOptions => ({
    keep: new Set(keep),
    signal: new AbortController().signal,
    progress: (bytes) => progress.push(bytes),
  })
  const blob = async (bytes: Uint8Array<ArrayBuffer>) => {
    const shard = { sha256: await sha256Of(bytes), bytes: bytes.byteLength }
    source.blobs.set(shard.sha256, bytes)
    return shard
  }
  return { store, files, source, progress, options, blob }
}

const ten = (fill: number) => new Uint8Array(10).fill(fill)

describe('shard store', () => {
  it('fetches once, with progress, and reads from the device afterwards', async () => {
    const { store, source, progress, options, blob } = storeOf()
    const shard = await blob(ten(1))
    expect(await store.get(shard, options())).toEqual(ten(1))
    expect(progress).toEqual([0, 4, 8, 10])
    expect(await store.get(shard, options())).toEqual(ten(1))
    expect(source.asked).toHaveLength(1)
  })

  it('goes on from the byte where a download broke off', async () => {
    const { store, source, options, blob } = storeOf()
    const shard = await blob(ten(1))
    source.breakAfter = 4
    await expect(store.get(shard, options())).rejects.toMatchObject({ code: 'source_unreachable' })
    source.breakAfter = Number.POSITIVE_INFINITY
    expect(await store.get(shard, options())).toEqual(ten(1))
    expect(source.asked.map(([, from]) => from)).toEqual([0, 4])
  })

  it('starts anew where the source knows no ranges', async () => {
    const { store, source, options, blob } = storeOf()
    const shard = await blob(ten(1))
    source.breakAfter = 4
    await expect(store.get(shard, options())).rejects.toThrow(OpentabError)
    source.breakAfter = Number.POSITIVE_INFINITY
    source.ignoresRange = true
    expect(await store.get(shard, options())).toEqual(ten(1))
  })

  it('fetches again when the first part was damaged on the device', async () => {
    const { store, files, source, options, blob } = storeOf()
    const shard = await blob(ten(1))
    const part = await files.append(shard.sha256)
    part.write(ten(9).subarray(0, 4))
    part.close()
    expect(await store.get(shard, options())).toEqual(ten(1))
    expect(source.asked.map(([, from]) => from)).toEqual([4, 0])
  })

  it('fetches again when the stored bytes no longer have their hash', async () => {
    const { store, files, source, options, blob } = storeOf()
    const shard = await blob(ten(1))
    await store.get(shard, options())
    await files.remove(shard.sha256)
    const damaged = await files.append(shard.sha256)
    damaged.write(ten(2))
    damaged.close()
    expect(await store.get(shard, options())).toEqual(ten(1))
    expect(source.asked).toHaveLength(2)
  })

  it('keeps nothing of what arrives with another hash', async () => {
    const { store, source, options, blob } = storeOf()
    const shard = await blob(ten(1))
    source.blobs.set(shard.sha256, ten(2))
    await expect(store.get(shard, options())).rejects.toMatchObject({ code: 'wrong_hash' })
    expect((await store.list()).size).toBe(0)
  })

  it('refuses more or fewer bytes than announced', async () => {
    const { store, source, options, blob } = storeOf()
    const shard = await blob(ten(1))
    source.blobs.set(shard.sha256, new Uint8Array(12).fill(1))
    await expect(store.get(shard, options())).rejects.toMatchObject({ code: 'wrong_hash' })
    source.blobs.set(shard.sha256, new Uint8Array(8).fill(1))
    await expect(store.get(shard, options())).rejects.toMatchObject({ code: 'source_unreachable' })
  })

  it('makes room by removing what was used longest ago', async () => {
    const { store, options, blob } = storeOf(25)
    const [a, b, c] = [await blob(ten(1)), await blob(ten(2)), await blob(ten(3))]
    await store.get(a, options())
    await store.get(b, options())
    await store.get(a, options())
    await store.get(c, options())
    expect(new Set((await store.list()).keys())).toEqual(new Set([a.sha256, c.sha256]))
  })

  it('is full rather than removing what must stay', async () => {
    const { store, options, blob } = storeOf(15)
    const [a, b] = [await blob(ten(1)), await blob(ten(2))]
    await store.get(a, options())
    await expect(store.get(b, options([a.sha256]))).rejects.toMatchObject({ code: 'storage_full' })
    expect([...(await store.list()).keys()]).toEqual([a.sha256])
  })

  it('is full when the device is, and leaves no part behind', async () => {
    const { store, files, options, blob } = storeOf()
    const shard = await blob(ten(1))
    const append = files.append.bind(files)
    files.append = async (name) => ({
      ...(await append(name)),
      write: () => {
        throw new OpentabError('storage_full')
      },
    })
    await expect(store.get(shard, options())).rejects.toMatchObject({ code: 'storage_full' })
    expect((await store.list()).size).toBe(0)
  })

  it('shrinks to a lower limit', async () => {
    const { store, options, blob } = storeOf()
    const [a, b] = [await blob(ten(1)), await blob(ten(2))]
    await store.get(a, options())
    await store.get(b, options())
    await store.setLimit(10, new Set())
    expect([...(await store.list()).keys()]).toEqual([b.sha256])
  })

  it('fetches a shard once for two that ask at the same time', async () => {
    const { store, source, options, blob } = storeOf()
    const shard = await blob(ten(1))
    await Promise.all([store.get(shard, options()), store.get(shard, options())])
    expect(source.asked).toHaveLength(1)
  })

  it('waits for a download before it deletes', async () => {
    const { store, source, options, blob } = storeOf()
    const shard = await blob(ten(1))
    const release = source.hold()
    const got = store.get(shard, options())
    const deleted = store.delete(shard.sha256)
    release()
    expect(await got).toEqual(ten(1))
    await deleted
    expect((await store.list()).size).toBe(0)
  })

  it('refuses a name that is no hash', () => {
    const { store, options } = storeOf()
    expect(() => store.get({ sha256: '../x', bytes: 1 }, options())).toThrow('SHA-256')
  })
})

describe('relay shard source', () => {
  const signal = new AbortController().signal
  const answering = (...answers: Response[]) => {
    const asked: (string | null)[] = []
    const get: typeof fetch = async (_url, init) => {
      asked.push(new Headers(init?.headers).get('range'))
      return answers.shift()!
    }
    return { asked, source: relayShardSource('http://relay.test', get) }
  }

  it('asks for a range only when something is here already', async () => {
    const { asked, source } = answering(new Response('x'), new Response('x', { status: 206 }))
    expect((await source('ab', 0, signal)).fromByte).toBe(0)
    expect((await source('ab', 5, signal)).fromByte).toBe(5)
    expect(asked).toEqual([null, 'bytes=5-'])
  })

  it('starts from zero when the whole blob comes, or the range cannot be had', async () => {
    const { asked, source } = answering(
      new Response('x'),
      new Response('', { status: 416 }),
      new Response('x'),
    )
    expect((await source('ab', 5, signal)).fromByte).toBe(0)
    expect((await source('ab', 5, signal)).fromByte).toBe(0)
    expect(asked).toEqual(['bytes=5-', 'bytes=5-', null])
  })

  it('tells a missing blob from a relay that is down', async () => {
    const { source } = answering(new Response('', { status: 404 }), new Response('', { status: 503 }))
    await expect(source('ab', 0, signal)).rejects.toMatchObject({ code: 'not_found' })
    await expect(source('ab', 0, signal)).rejects.toMatchObject({ code: 'source_unreachable' })
    const down = relayShardSource('http://relay.test', async () => {
      throw new TypeError('failed')
    })
    await expect(down('ab', 0, signal)).rejects.toMatchObject({ code: 'source_unreachable' })
  })
})
