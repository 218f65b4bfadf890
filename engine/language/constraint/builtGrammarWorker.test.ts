import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { extname, join, normalize } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { build } from 'vite'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Constraint } from '../../../protocol/generation.ts'
import type { TestPage } from './testPage/testPage.ts'

// The grammars' worker as it is built, in a browser, started by a worker, under a policy without network.

const root = new URL('../../..', import.meta.url).pathname
const policy =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'none'"
const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
}
const installed = ['/usr/bin/chromium', '/usr/bin/google-chrome', '/usr/bin/chromium-browser']
const executablePath = process.env.OPENTAB_CHROMIUM ?? installed.find((path) => existsSync(path))

let folder: string
let server: Server
let browser: Browser
let page: Page
/** Paths that were asked for, in order. */
const requests: string[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'opentab-grammar-'))
  await build({
    root,
    configFile: join(root, 'vite.config.ts'),
    logLevel: 'error',
    build: {
      outDir: folder,
      rolldownOptions: { input: join(root, 'engine/language/constraint/testPage/index.html') },
    },
  })
  server = createServer(async ({ url }, response) => {
    const { pathname } = new URL(url ?? '/', 'http://local')
    requests.push(pathname)
    const file = join(folder, normalize(pathname))
    if (!existsSync(file)) return response.writeHead(404).end()
    const type = types[extname(file)] ?? 'application/octet-stream'
    response
      .writeHead(200, { 'content-type': type, 'content-security-policy': policy })
      .end(await readFile(file))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  browser = await chromium.launch({
    ...(executablePath === undefined ? {} : { executablePath }),
    args: ['--no-sandbox', '--disable-quic', '--disable-background-networking'],
  })
  page = await browser.newPage()
  await page.goto(`http://127.0.0.1:${address.port}/engine/language/constraint/testPage/index.html`)
  await page.waitForFunction('globalThis.testPage')
}, 60_000)

afterAll(async () => {
  await browser?.close()
  server?.close()
  if (folder) await rm(folder, { recursive: true })
})

const ask = (constraint: Constraint, given: string): Promise<string[]> =>
  page.evaluate(
    ([asked, text]) => (globalThis as unknown as { testPage: TestPage }).testPage.allowedTexts(asked, text),
    [constraint, given] as const,
  )

it('is not fetched before the first grammar', () => {
  expect(requests.filter((path) => path.includes('compute/'))).toEqual([])
})

it('matches a schema, and needs scripts of its own origin alone', { timeout: 30_000 }, async () => {
  const schema = JSON.stringify({ type: 'object', properties: { x: { enum: [1, 2] } }, required: ['x'] })
  expect(await ask({ kind: 'json_schema', schema }, '{"x": ')).toEqual(['1', '2'])
  expect(requests.filter((path) => path.startsWith('/assets/compute/grammarWorker-'))).toHaveLength(1)
  expect(requests.filter((path) => !/\.(js|html)$/.test(path) && path !== '/favicon.ico')).toEqual([])
})

it('says why a grammar does not compile', { timeout: 30_000 }, async () => {
  const [message] = await ask({ kind: 'ebnf', grammar: 'root ::= other' }, '')
  expect(message).toContain('Rule "other" is not defined')
})
