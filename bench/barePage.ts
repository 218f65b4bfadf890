import { createReadStream, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { extname, join, normalize } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { build } from 'vite'
import { projectRoot } from '../server/config.ts'

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.wasm': 'application/wasm',
}
/** As the relay serves its pages: without isolation WASM has no threads. */
const isolation = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
}

/** A page of the benchmarks in a context of its own, built as the tabs' pages are and served from a port of its own. */
export interface BarePage {
  page: Page
  close(): Promise<void>
}

/**
 * @param path of the page from the project's root
 * @param options `ready`: global that the page sets; `blobs`: folder whose files stand under `/blobs/`
 */
export async function openBarePage(
  browser: Browser,
  path: string,
  { ready, blobs }: { ready: string; blobs?: string },
): Promise<BarePage> {
  const folder = mkdtempSync(join(tmpdir(), 'opentab-bare-'))
  await build({
    root: projectRoot,
    configFile: join(projectRoot, 'vite.config.ts'),
    logLevel: 'error',
    build: { outDir: folder, emptyOutDir: true, rolldownOptions: { input: join(projectRoot, path) } },
  })
  const server = createServer(({ url = '/' }, response) => {
    const asked = normalize(new URL(url, 'http://local').pathname)
    try {
      if (blobs !== undefined && asked.startsWith('/blobs/')) sendBlob(join(blobs, asked.slice(7)), response)
      else {
        const body = readFileSync(join(folder, asked))
        response.writeHead(200, {
          'content-type': types[extname(asked)] ?? 'application/octet-stream',
          ...isolation,
        })
        response.end(body)
      }
    } catch {
      response.writeHead(404).end()
    }
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The bare page’s server has no port.')
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.goto(`http://127.0.0.1:${address.port}/${path}`)
  await page.waitForFunction(`globalThis.${ready}`)
  return {
    page,
    async close() {
      await context.close()
      server.closeAllConnections()
      server.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function sendBlob(file: string, response: ServerResponse): void {
  response.writeHead(200, {
    'content-type': 'application/octet-stream',
    'content-length': statSync(file).size,
    ...isolation,
  })
  createReadStream(file).pipe(response)
}
