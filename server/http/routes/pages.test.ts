import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib'
import Fastify, { type FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { HttpContext } from '../httpContext.ts'
import { pageRoutes } from './pages.ts'

const script = 'postMessage("there and back again")\n'.repeat(50)
const binary = Buffer.from(`\0asm${'\x01'.repeat(5000)}`)
const html =
  '<!doctype html><!--opentab-head--><title>Opentab</title><noscript><!--opentab-noscript--></noscript>'

let dist: string
let app: FastifyInstance
beforeAll(async () => {
  dist = mkdtempSync(join(tmpdir(), 'opentab-dist-'))
  mkdirSync(join(dist, 'assets/compute'), { recursive: true })
  const assets: [string, Buffer][] = [
    ['page-1.js', Buffer.from(script)],
    ['page-1.css', Buffer.from('body { color: teal }')],
    ['compute/compute-1.js', Buffer.from(script)],
    ['runtime-1.wasm', binary],
  ]
  mkdirSync(join(dist, 'assets/sandbox'))
  writeFileSync(join(dist, 'assets/sandbox/frame-1.html'), html)
  for (const [name, bytes] of assets) {
    writeFileSync(join(dist, 'assets', name), bytes)
    writeFileSync(join(dist, 'assets', `${name}.br`), brotliCompressSync(bytes))
    writeFileSync(join(dist, 'assets', `${name}.gz`), gzipSync(bytes))
  }
  writeFileSync(join(dist, 'assets/small-1.js'), 'export {}')
  writeFileSync(join(dist, 'index.html'), html)
  app = Fastify()
  const network = {
    document: () => ({ tabs: [], queue: { queued: 0, leased: 0 }, totals: { tasks: 0, microCredits: '0' } }),
  }
  pageRoutes(dist)(app, { config: { TEST: false }, network } as unknown as HttpContext)
  await app.ready()
})
afterAll(async () => {
  await app.close()
  rmSync(dist, { recursive: true, force: true })
})

const get = (url: string, headers: Record<string, string> = {}) => app.inject({ url, headers })
const unpack = {
  br: brotliDecompressSync,
  gzip: gunzipSync,
  identity: (bytes: Buffer) => bytes,
}

const accepted: [string | undefined, keyof typeof unpack][] = [
  [undefined, 'identity'],
  ['', 'identity'],
  ['identity', 'identity'],
  ['zstd', 'identity'],
  ['gzip;q=0, br;q=0', 'identity'],
  ['br;q=0, gzip', 'gzip'],
  ['gzip, deflate', 'gzip'],
  ['gzip, deflate, br, zstd', 'br'],
  ['br', 'br'],
]
describe.each(accepted)('with accept-encoding %j', (header, encoding) => {
  const headers: Record<string, string> = header === undefined ? {} : { 'accept-encoding': header }

  it.each([
    ['/assets/page-1.js', 'application/javascript; charset=utf-8', Buffer.from(script)],
    ['/assets/page-1.css', 'text/css; charset=utf-8', Buffer.from('body { color: teal }')],
    ['/assets/compute/compute-1.js', 'application/javascript; charset=utf-8', Buffer.from(script)],
    ['/assets/runtime-1.wasm', 'application/wasm', binary],
  ])(`%s comes as ${encoding}, of its own type`, async (url, type, bytes) => {
    const answer = await get(url, headers)
    expect(answer.statusCode).toBe(200)
    expect(answer.headers['content-encoding']).toBe(encoding === 'identity' ? undefined : encoding)
    expect(answer.headers['content-type']).toBe(type)
    expect(answer.headers.vary).toBe('accept-encoding')
    expect(answer.headers['cache-control']).toBe('public, max-age=31536000, immutable')
    expect(Number(answer.headers['content-length'])).toBe(answer.rawPayload.byteLength)
    expect(unpack[encoding](answer.rawPayload).equals(bytes)).toBe(true)
  })

  it.each(['/', '/network', '/account/0x1'])(`the page %s comes as ${encoding}`, async (url) => {
    const answer = await get(url, headers)
    expect(answer.headers['content-encoding']).toBe(encoding === 'identity' ? undefined : encoding)
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8')
    expect(answer.headers.vary).toBe('accept-encoding')
    const text = unpack[encoding](answer.rawPayload).toString()
    expect(text).toContain('<title>Opentab</title>')
    expect(text.includes('<table>')).toBe(url === '/network')
  })
})

it('names the relay in every page, so that its foot is the same before any answer', async () => {
  const named = async (relay: { name: string; version?: string }) => {
    const other = Fastify()
    pageRoutes(dist)(other, { config: { TEST: false }, relay } as unknown as HttpContext)
    const { body } = await other.inject('/chat')
    await other.close()
    return /<meta name="opentab-relay" content="([^"]*)">/.exec(body)?.[1]
  }
  expect(await named({ name: 'opentab-1f', version: '0.1.0' })).toBe('opentab-1f 0.1.0')
  expect(await named({ name: '127.0.0.1:8787' })).toBe('127.0.0.1:8787')
  expect(await named({ name: '"><script>', version: '1' })).toBe('&quot;&gt;&lt;script&gt; 1')
})

it('knows every page with a slash at its end too', async () => {
  for (const path of ['/index.html', '/network/', '/chat/', '/lab/', '/account/0x12/'])
    expect((await get(path)).statusCode, path).toBe(200)
})

it('sends a file that the build left uncompressed as it is', async () => {
  const answer = await get('/assets/small-1.js', { 'accept-encoding': 'gzip, br' })
  expect(answer.headers['content-encoding']).toBe(undefined)
  expect(answer.headers['content-type']).toBe('application/javascript; charset=utf-8')
  expect(answer.body).toBe('export {}')
})

it('keeps what a tab relies on with every encoding: isolation, no network in the compute worker, one etag each', async () => {
  const etags = new Set<unknown>()
  for (const encoding of ['identity', 'gzip', 'br']) {
    for (const url of ['/', '/assets/page-1.js', '/assets/compute/compute-1.js']) {
      const { headers } = await get(url, { 'accept-encoding': encoding })
      expect(headers['cross-origin-opener-policy']).toBe('same-origin')
      expect(headers['cross-origin-embedder-policy']).toBe('require-corp')
      expect(headers['cross-origin-resource-policy']).toBe('same-origin')
      expect(headers['x-content-type-options']).toBe('nosniff')
      const policy = String(headers['content-security-policy'] ?? '')
      expect(policy.includes("connect-src 'none'")).toBe(url.includes('compute'))
    }
    const { headers } = await get('/assets/page-1.js', { 'accept-encoding': encoding })
    etags.add(headers.etag)
    const again = await get('/assets/page-1.js', {
      'accept-encoding': encoding,
      'if-none-match': String(headers.etag),
    })
    expect(again.statusCode).toBe(304)
  }
  expect(etags.size).toBe(3)
})

it('gives the frame for foreign expressions no origin and no network, and the pages another policy', async () => {
  const { headers } = await get('/assets/sandbox/frame-1.html')
  expect(headers['content-type']).toBe('text/html; charset=utf-8')
  const directives = String(headers['content-security-policy']).split('; ')
  expect(directives).toEqual([
    "default-src 'none'",
    "script-src 'unsafe-inline'",
    'worker-src blob:',
    "frame-ancestors 'self'",
    'sandbox allow-scripts',
  ])
  expect(headers['cross-origin-embedder-policy']).toBe('require-corp')
  const page = await get('/lab')
  expect(String(page.headers['content-security-policy'])).not.toContain('unsafe-inline')
})

it('says so while the pages are not built, and does not remember it', async () => {
  const empty = mkdtempSync(join(tmpdir(), 'opentab-dist-'))
  const other = Fastify()
  pageRoutes(empty)(other, { config: { TEST: false } } as unknown as HttpContext)
  expect((await other.inject('/')).statusCode).toBe(503)
  writeFileSync(join(empty, 'index.html'), html)
  expect((await other.inject('/')).statusCode).toBe(200)
  await other.close()
  rmSync(empty, { recursive: true, force: true })
})
