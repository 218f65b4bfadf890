import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Fastify from 'fastify'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { keepPages } from './keepPages.ts'
import { pageRoutes } from './routes/pages.ts'

let folder: string
let dist: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'opentab-kept-'))
  dist = join(folder, 'dist')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** What a build leaves, and nothing of the one before. */
function build(hash: string): void {
  rmSync(dist, { recursive: true, force: true })
  mkdirSync(join(dist, 'assets/compute'), { recursive: true })
  writeFileSync(join(dist, 'index.html'), `<script src="/assets/page-${hash}.js"></script>`)
  writeFileSync(join(dist, `assets/page-${hash}.js`), `page ${hash}`)
  writeFileSync(join(dist, `assets/compute/compute-${hash}.js`), `compute ${hash}`)
}

/** What a browser gets that opens the page and what it names. */
async function opened(root: string) {
  const app = Fastify()
  const context = { config: { TEST: false }, network: { document: () => ({}) as never } }
  pageRoutes(root)(app, context)
  return async (): Promise<[number, string]> => {
    const page = await app.inject('/')
    const { statusCode, body } = await app.inject(/src="([^"]+)"/.exec(page.body)![1]!)
    return [statusCode, body]
  }
}

it('serves the pages that it started with, whole, after others were built', async () => {
  build('old')
  const root = await keepPages(dist, join(folder, 'data/pages'))
  const open = await opened(root)
  expect(await open()).toEqual([200, 'page old'])
  build('new')
  expect(await open()).toEqual([200, 'page old'])
  expect(readFileSync(join(root, 'assets/compute/compute-old.js'), 'utf8')).toBe('compute old')
})

it('takes the new ones at the next start, and lets the old ones go', async () => {
  build('old')
  const kept = join(folder, 'data/pages')
  await keepPages(dist, kept)
  build('new')
  expect(await (await opened(await keepPages(dist, kept)))()).toEqual([200, 'page new'])
  expect(existsSync(join(kept, 'assets/page-old.js'))).toBe(false)
})

it('keeps nothing where nothing is built: it is served as soon as it is', async () => {
  const root = await keepPages(dist, join(folder, 'data/pages'))
  expect([root, existsSync(join(folder, 'data/pages'))]).toEqual([dist, false])
})

it('keeps nothing where a file cannot be kept', async () => {
  build('old')
  writeFileSync(join(folder, 'data'), 'no folder')
  expect(await keepPages(dist, join(folder, 'data/pages'))).toBe(dist)
})

it('serves what is there now where nothing is kept', async () => {
  build('old')
  const open = await opened(dist)
  expect(await open()).toEqual([200, 'page old'])
  build('new')
  expect(await open()).toEqual([200, 'page new'])
})
