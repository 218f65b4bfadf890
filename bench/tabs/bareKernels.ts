import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { extname, join, normalize } from 'node:path'
import type { Browser } from 'playwright-core'
import { build } from 'vite'
import { projectRoot } from '../../server/config.ts'
import type { BarePage } from './bare/barePage.ts'
import type { BareKernels } from './bare/bareWorker.ts'

const PAGE = 'bench/tabs/bare/index.html'
const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
}

/** The kernels' runner in a bare worker of a page in this browser, built as the tabs' pages are. */
export async function openBareKernels(browser: Browser): Promise<BareKernels & { close(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'opentab-bare-'))
  await build({
    root: projectRoot,
    configFile: join(projectRoot, 'vite.config.ts'),
    logLevel: 'error',
    build: { outDir: folder, emptyOutDir: true, rolldownOptions: { input: join(projectRoot, PAGE) } },
  })
  const server = createServer(({ url = '/' }, response) => {
    const path = normalize(new URL(url, 'http://local').pathname)
    try {
      const body = readFileSync(join(folder, path))
      response.writeHead(200, {
        'content-type': types[extname(path)] ?? 'application/octet-stream',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-embedder-policy': 'require-corp',
      })
      response.end(body)
    } catch {
      response.writeHead(404).end()
    }
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The bare page’s server has no port.')
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.goto(`http://127.0.0.1:${address.port}/${PAGE}`)
  await page.waitForFunction('globalThis.bareKernels')
  return {
    run: (options) =>
      page.evaluate((given) => {
        const { bareKernels } = globalThis as unknown as { bareKernels: BarePage }
        return bareKernels.run(given)
      }, options),
    async close() {
      await context.close()
      server.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
