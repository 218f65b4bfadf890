/**
 * Takes the pictures of README and docs into docs/pictures, of a real relay with a real tab at work for a minute and a half.
 * By hand, when a page has changed: `node --import ./server/rawText.ts e2e/pictures/docs.ts [contribute|lab]`.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import sharp from 'sharp'
import { chromiumArgs } from '../../cli/chromiumArgs.ts'
import { findChromium } from '../../cli/findChromium.ts'
import { projectRoot } from '../../cli/setup/places.mjs'
import { prepare } from '../../cli/setup/prepare.mjs'
import { ada, newProfile, openContribute } from '../stage/contributor.ts'
import { modelsFrom } from '../stage/dataFolder.ts'
import { shortMatmul } from '../stage/matmul.ts'
import { startRelayProcess } from '../stage/relayProcess.ts'
import { createRequester, matmulBatch } from '../stage/requester.ts'
import { until } from '../stage/until.ts'

/** How long the tab works before it is shown, ms: its chart needs something to show. */
const WORK_MS = 90_000
const MODELS = ['pp-ocrv4', 'all-minilm-l6-v2'] as const

const profileOf = (browser: Browser, url: string, height: number): Promise<BrowserContext> =>
  newProfile(browser, url, { viewport: { width: 1280, height }, colorScheme: 'light', locale: 'en-GB' })

async function contribute(browser: Browser): Promise<Buffer> {
  const relay = await startRelayProcess({ models: [...MODELS], test: false })
  try {
    const ask = createRequester(relay.url)
    const { page, start } = await openContribute(await profileOf(browser, relay.url, 1010))
    await start(ada)
    // Not over the button that is now where Start was.
    await page.mouse.move(0, 0)
    await until('the tab can run both models', async () => {
      const { models = [] } = await ask.network()
      return models.length === MODELS.length && models.every(({ ready }) => ready)
    })
    const picture = new Uint8Array(await readFile(join(projectRoot, 'e2e/pictures/page.jpg')))
    const sentences = Array.from({ length: 24 }, (_, n) => `Ship ${n} left the harbour at dawn.`)
    for (let seed = 0, end = Date.now() + WORK_MS; Date.now() < end; seed++) {
      await ask.read(picture)
      await ask.embed(sentences)
      await ask.done(await ask.submit(matmulBatch([shortMatmul(seed)])))
    }
    const reading = ask.read(picture)
    await page.getByText('Working on text recognition, reading lines.').waitFor()
    const taken = await page.screenshot()
    await reading
    return taken
  } finally {
    await relay.remove()
  }
}

async function lab(browser: Browser): Promise<Buffer> {
  const relay = await startRelayProcess({ test: false })
  try {
    const page: Page = await (await profileOf(browser, relay.url, 830)).newPage()
    await page.goto('/lab')
    await page.locator('.lab-verdict').waitFor()
    await page.getByText('From change to verdict').waitFor()
    return await page.screenshot()
  } finally {
    await relay.remove()
  }
}

await prepare({ needs: ['browser', 'models', 'pages'], dataFolder: modelsFrom })
const browser = await chromium.launch({ executablePath: findChromium()!, args: [...chromiumArgs] })
try {
  for (const [name, take] of Object.entries({ contribute, lab })) {
    if (process.argv[2] !== undefined && process.argv[2] !== name) continue
    const path = join(projectRoot, `docs/pictures/${name}.png`)
    await sharp(await take(browser))
      .png({ palette: true, compressionLevel: 9 })
      .toFile(path)
    console.error(path)
  }
} finally {
  await browser.close()
}
