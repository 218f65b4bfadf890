import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { OpentabError } from '../../../protocol/errors.ts'
import type { Routes } from '../httpContext.ts'
import { requesterOf } from '../requester.ts'

const YEAR_S = 31_536_000

/** First and last byte of a `range` header over `size` bytes; null: send all; undefined: not satisfiable. */
export function parseRange(
  header: string | undefined,
  size: number,
): { first: number; last: number } | null | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '')
  if (!match || (match[1] === '' && match[2] === '')) return null
  if (match[1] === '') {
    const suffix = Math.min(Number(match[2]), size)
    return suffix === 0 ? undefined : { first: size - suffix, last: size - 1 }
  }
  const first = Number(match[1])
  const last = match[2] === '' ? size - 1 : Math.min(Number(match[2]), size - 1)
  if (first >= size) return undefined
  return last < first ? null : { first, last }
}

/** Immutable bytes by hash: model shards, requesters' uploads, large outputs. */
export const blobRoutes: Routes = (app, { registry, blobs, keys, keyRequired }) => {
  app.register(async (uploads) => {
    // Only the bytes count, whatever they are said to be: JSON and text as well.
    uploads.removeAllContentTypeParsers()
    uploads.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
    uploads.post('/blobs', async (request, reply) => {
      requesterOf(request, keys, keyRequired)
      const { body } = request
      if (!(body instanceof Uint8Array))
        throw new OpentabError('invalid_value', 'The body is empty.', { fix: 'Send the bytes as the body.' })
      return reply.code(201).send(await blobs.write(body))
    })
  })
  app.get<{ Params: { sha256: string } }>('/blobs/:sha256', async (request, reply) => {
    const { sha256 } = request.params
    const missing = new OpentabError('not_found', `There is no blob ${sha256.slice(0, 80)}.`)
    if (!/^[0-9a-f]{64}$/.test(sha256)) throw missing
    const shard = registry.pathOf(sha256)
    // Model shards are for every tab; what requesters sent or got is for requesters.
    if (shard === undefined) requesterOf(request, keys, keyRequired)
    const path = shard ?? blobs.pathOf(sha256)
    const found = await stat(path).catch(() => null)
    if (!found) throw missing
    const etag = `"${sha256}"`
    reply
      .header('etag', etag)
      .header('accept-ranges', 'bytes')
      .header('cache-control', `${shard === undefined ? 'private' : 'public'}, max-age=${YEAR_S}, immutable`)
      .header('content-type', 'application/octet-stream')
      .header('cross-origin-resource-policy', 'same-origin')
    const known = request.headers['if-none-match']
    if (known?.split(/\s*,\s*/).includes(etag)) return reply.code(304).send()
    const ifRange = request.headers['if-range']
    const range =
      ifRange === undefined || ifRange === etag ? parseRange(request.headers.range, found.size) : null
    if (range === undefined) return reply.code(416).header('content-range', `bytes */${found.size}`).send()
    if (range === null) return reply.header('content-length', found.size).send(createReadStream(path))
    return reply
      .code(206)
      .header('content-range', `bytes ${range.first}-${range.last}/${found.size}`)
      .header('content-length', range.last - range.first + 1)
      .send(createReadStream(path, { start: range.first, end: range.last }))
  })
}
