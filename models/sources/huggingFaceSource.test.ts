import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CatalogueFile } from './catalogueFile.ts'
import { openHuggingFaceSource } from './huggingFaceSource.ts'
import { CONNECT_TIMEOUT_MS, realContext } from './openSource.ts'

let cacheFolder: string
beforeEach(async () => {
  cacheFolder = await mkdtemp(join(tmpdir(), 'opentab-hf-'))
})
afterEach(() => rm(cacheFolder, { recursive: true, force: true }))

const reference = {
  kind: 'hugging-face',
  repository: 'someone/model',
  revision: 'abc123',
  path: 'model.onnx',
} as const
const file: CatalogueFile = {
  fileName: 'model.onnx',
  sha256: 'f'.repeat(64),
  bytes: 10,
  sources: [reference],
}

const opened = (fetch: typeof globalThis.fetch, connectTimeoutMs = 1000) =>
  openHuggingFaceSource({ ...realContext(cacheFolder), fetch, connectTimeoutMs })

async function textOf(content: AsyncIterable<Uint8Array>): Promise<string> {
  let text = ''
  for await (const chunk of content) text += Buffer.from(chunk).toString()
  return text
}

/** A body that breaks off after some text. */
const broken = (text: string) =>
  new ReadableStream<Uint8Array>({
    pull(controller) {
      if (text === '') return controller.error(new Error('connection reset'))
      controller.enqueue(new TextEncoder().encode(text))
      text = ''
    },
  })

describe('a Hugging Face file', () => {
  it('is asked for at its pinned commit', async () => {
    const asked: string[] = []
    const source = opened(async (url) => {
      asked.push(String(url))
      return new Response('0123456789')
    })
    expect(await textOf(source.read(file, reference))).toBe('0123456789')
    expect(asked).toEqual(['https://huggingface.co/someone/model/resolve/abc123/model.onnx'])
    expect(await readdir(join(cacheFolder, 'partial'))).toEqual([])
  })

  it('goes on where an earlier download broke off', async () => {
    const ranges: (string | null)[] = []
    const source = opened(async (_url, init) => {
      ranges.push(new Headers(init?.headers).get('range'))
      return ranges.length === 1 ? new Response(broken('0123')) : new Response('456789', { status: 206 })
    })
    await expect(textOf(source.read(file, reference))).rejects.toThrow('connection reset')
    expect(await textOf(source.read(file, reference))).toBe('0123456789')
    expect(ranges).toEqual([null, 'bytes=4-'])
  })

  it('begins anew when the server does not know ranges', async () => {
    await mkdir(join(cacheFolder, 'partial'))
    await writeFile(join(cacheFolder, 'partial', file.sha256), '0123')
    const source = opened(async () => new Response('abcdefghij'))
    expect(await textOf(source.read(file, reference))).toBe('abcdefghij')
  })

  it('begins anew when what is kept is too long', async () => {
    await mkdir(join(cacheFolder, 'partial'))
    await writeFile(join(cacheFolder, 'partial', file.sha256), '01234567890123')
    const source = opened(async (_url, init) => {
      expect(new Headers(init?.headers).get('range')).toBeNull()
      return new Response('0123456789')
    })
    expect(await textOf(source.read(file, reference))).toBe('0123456789')
  })

  it('that the server does not have gives the status', async () => {
    const source = opened(async () => new Response('no', { status: 404 }))
    await expect(textOf(source.read(file, reference))).rejects.toThrow('answered 404')
  })
})

describe('a dead host', () => {
  it('is given up after the time limit, five seconds', async () => {
    expect(CONNECT_TIMEOUT_MS).toBe(5000)
    const silent: typeof fetch = (_url, init) =>
      new Promise((_, reject) => init?.signal?.addEventListener('abort', () => reject(init.signal?.reason)))
    await expect(textOf(opened(silent, 20).read(file, reference))).rejects.toThrow('no answer within 0.02 s')
  })

  it('is asked once, not once a file', async () => {
    let asked = 0
    const source = opened(async () => {
      asked += 1
      throw new TypeError('fetch failed', { cause: new Error('getaddrinfo ENOTFOUND') })
    })
    await expect(textOf(source.read(file, reference))).rejects.toThrow(
      'could not connect (getaddrinfo ENOTFOUND)',
    )
    await expect(textOf(source.read(file, reference))).rejects.toThrow('could not connect')
    expect(asked).toBe(1)
  })
})
