import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
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
  writeFileSync(join(folder, 'dist/index.html'), '<!doctype html><title>Opentab</title>')
  writeFileSync(join(folder, 'scale.wgsl'), 'first')
})
afterEach(async () => {
  await server?.close()
  server = null
  rmSync(folder, { recursive: true, force: true })
})

const serve = (file: string) =>
  serveLab({ file: join(folder, file), port: 0, relayUrl: 'http://127.0.0.1:9', dist: join(folder, 'dist') })

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
  expect((await fetch(new URL('/v1/network', server.url))).status).toBe(503)
})
