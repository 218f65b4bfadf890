import { OpentabError } from '../../protocol/errors.ts'

/** Bytes of a shard from `fromByte` on. The source may start earlier than asked (0), never later. */
export interface ShardStream {
  fromByte: number
  chunks: AsyncIterable<Uint8Array>
}

/** Where shards come from: `GET /blobs/{sha256}` of the relay. @throws OpentabError `source_unreachable`, `not_found` */
export type ShardSource = (sha256: string, fromByte: number, signal: AbortSignal) => Promise<ShardStream>

async function* chunksOf(body: ReadableStream<Uint8Array> | null): AsyncGenerator<Uint8Array> {
  const reader = body?.getReader()
  if (!reader) return
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      yield value
    }
  } finally {
    await reader.cancel().catch(() => {})
  }
}

/** The relay's blobs, fetched with a range from the byte where an earlier download broke off. */
export function relayShardSource(relayUrl: string, get: typeof fetch = fetch): ShardSource {
  return async (sha256, fromByte, signal) => {
    const url = new URL(`/blobs/${sha256}`, relayUrl)
    let response: Response
    try {
      response = await get(url, {
        signal,
        // The shard store is the cache; the browser's own would hold every byte twice.
        cache: 'no-store',
        headers: fromByte > 0 ? { range: `bytes=${fromByte}-` } : {},
      })
    } catch (error) {
      throw new OpentabError('source_unreachable', `The relay did not answer for ${sha256.slice(0, 8)}….`, {
        cause: error,
        fix: 'It is tried again by itself.',
      })
    }
    if (response.status === 206) return { fromByte, chunks: chunksOf(response.body) }
    if (response.status === 200) return { fromByte: 0, chunks: chunksOf(response.body) }
    await response.body?.cancel()
    // 416: what lies here is longer than the blob, so it is not the blob; start anew.
    if (response.status === 416 && fromByte > 0) return relayShardSource(relayUrl, get)(sha256, 0, signal)
    const code = response.status === 404 ? 'not_found' : 'source_unreachable'
    throw new OpentabError(
      code,
      `The relay answered ${response.status} for the shard ${sha256.slice(0, 8)}….`,
    )
  }
}
