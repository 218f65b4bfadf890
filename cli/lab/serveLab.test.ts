import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EventSourceParserStream } from 'eventsource-parser/stream'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type LabServer, serveLab } from './serveLab.ts'

let folder: string
let server: LabServer | null = null
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'opentab-lab-'))
  mkdirSync(join(folder, 'dist/assets'), { recursive: true })
  writeFileSync(join(folder, 'dist/index.html'), '<!doctype html><title>Opentab</title><!--opentab-head-->')
  writeFileSync(join(folder, 'scale.wgsl'), 'first')
})
afterEach(async () => {
  await server?.close()
  server = null
  rmSync(folder, { recursive: true, force: true })
})

const serve = (file: string, relayUrl = 'http://127.0.0.1:9') =>
  serveLab({ file: join(folder, file), port: 0, relayUrl, dist: join(folder, 'dist') })

/** The next events of the file, as the page gets them. */
async function readEvents(url: string) {
  const answer = await fetch(new URL('/lab/file', url))
  const events = answer.body!.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream())
  const reader = events.getReader()
  return {
    next: async (): Promise<unknown> => JSON.parse((await reader.read()).value!.data),
    leave: () => reader.cancel(),
  }
}

it('refuses a file that is not there', async () => {
  await expect(serve('other.wgsl')).rejects.toMatchObject({ code: 'ENOENT' })
})

it('serves the page under the file’s name', async () => {
  server = await serve('scale.wgsl')
  expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/lab\?file=scale\.wgsl$/)
  const page = await fetch(server.url)
  expect([page.status, page.headers.get('cross-origin-opener-policy')]).toEqual([200, 'same-origin'])
  // Other pages have nothing behind them here, so the page links none.
  expect(await page.text()).toContain('<meta name="opentab-lab" content="1">')
})

it('has a page for an address that leads nowhere, and JSON for a program', async () => {
  server = await serve('scale.wgsl')
  const ask = (accept: string) => fetch(new URL('/nothere', server!.url), { headers: { accept } })
  const [page, error] = [await ask('text/html'), await ask('*/*')]
  expect([page.status, error.status]).toEqual([404, 404])
  expect(await page.text()).toContain('<meta name="opentab-lab" content="1">')
  expect(await error.json()).toMatchObject({ error: { code: 'not_found' } })
})

it('sends the text at once, and again when it is saved, also by an editor that puts a new file in its place', async () => {
  server = await serve('scale.wgsl')
  const events = await readEvents(server.url)
  expect(await events.next()).toEqual([{ name: 'scale.wgsl', text: 'first' }])
  writeFileSync(join(folder, 'scale.wgsl'), 'second')
  expect(await events.next()).toEqual([{ name: 'scale.wgsl', text: 'second' }])
  writeFileSync(join(folder, 'scale.wgsl~'), 'third')
  renameSync(join(folder, 'scale.wgsl~'), join(folder, 'scale.wgsl'))
  expect(await events.next()).toEqual([{ name: 'scale.wgsl', text: 'third' }])
  await events.leave()
})

it('sends the job file of the same name with it', async () => {
  writeFileSync(join(folder, 'scale.kernel.json'), '{}')
  server = await serve('scale.wgsl')
  const events = await readEvents(server.url)
  expect(await events.next()).toEqual([
    { name: 'scale.wgsl', text: 'first' },
    { name: 'scale.kernel.json', text: '{}' },
  ])
  await events.leave()
})

it('says that no relay answers where none does', async () => {
  server = await serve('scale.wgsl')
  for (const path of ['/v1/network', '/v1/jobs/job_1', '/log/checkpoint']) {
    const answer = await fetch(new URL(path, server.url))
    expect([answer.status, await answer.json()]).toEqual([
      503,
      {
        error: {
          code: 'unreachable',
          message: expect.stringContaining('No relay answers at http://127.0.0.1:9'),
        },
      },
    ])
  }
})

it('passes what the page asks on to the relay, with its key, and the answer back as it is', async () => {
  const asked: unknown[] = []
  const relay = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => {
      asked.push([request.method, request.url, request.headers.authorization, body.length])
      if (request.method === 'POST')
        response.writeHead(400, { 'content-type': 'application/json' }).end('{"error":{"message":"no"}}')
      else response.writeHead(200, { 'content-type': 'text/plain' }).end('text')
    })
  })
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve))
  server = await serve('scale.wgsl', `http://127.0.0.1:${(relay.address() as AddressInfo).port}`)
  const call = async (method: string, path: string, body?: string, type = 'application/json') => {
    const headers = { authorization: 'Bearer k', ...(body !== undefined && { 'content-type': type }) }
    const answer = await fetch(new URL(path, server!.url), {
      method,
      headers,
      ...(body !== undefined && { body }),
    })
    return [answer.status, await answer.text()]
  }
  const large = JSON.stringify({ program: 'x'.repeat(3 * 2 ** 20) })
  expect(await call('POST', '/v1/jobs', large)).toEqual([400, '{"error":{"message":"no"}}'])
  for (const [method, path] of [
    ['GET', '/v1/jobs/job_1'],
    ['DELETE', '/v1/jobs/job_1'],
    ['GET', '/v1/network'],
    ['GET', '/log/checkpoint'],
  ] as const)
    expect(await call(method, path)).toEqual([200, 'text'])
  expect(asked).toEqual([
    ['POST', '/v1/jobs', 'Bearer k', large.length],
    ['GET', '/v1/jobs/job_1', 'Bearer k', 0],
    ['DELETE', '/v1/jobs/job_1', 'Bearer k', 0],
    ['GET', '/v1/network', 'Bearer k', 0],
    ['GET', '/log/checkpoint', 'Bearer k', 0],
  ])
  // Another site can have a browser send plain text here, and nothing else; nor can a path lead elsewhere.
  expect((await call('POST', '/v1/jobs', '{}', 'text/plain'))[0]).toBe(415)
  expect((await call('GET', '/v1/jobs/..%2fadmin'))[0]).toBe(404)
  expect(asked).toHaveLength(5)
  relay.closeAllConnections()
  await new Promise((resolve) => relay.close(resolve))
})
