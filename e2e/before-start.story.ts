import type { BrowserContext, Request } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { ada, openContribute } from './stage/contributor.ts'
import { startRelayProcess } from './stage/relayProcess.ts'
import { until } from './stage/until.ts'
import { useStage } from './stage/useStage.ts'

const stage = useStage({ models: ['pp-ocrv4', 'all-minilm-l6-v2'] })

/** Most script that a page may fetch before Start, bytes as they travel. */
const MAX_SCRIPT_BYTES = 150_000

/** Counts what a page asks of the GPU; workers cannot, as long as there are none. */
async function countAdapters(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    Reflect.set(globalThis, 'adapters', 0)
    const { requestAdapter } = GPU.prototype
    GPU.prototype.requestAdapter = function (options) {
      Reflect.set(globalThis, 'adapters', Reflect.get(globalThis, 'adapters') + 1)
      return requestAdapter.call(this, options)
    }
  })
}

describe('before Start', () => {
  it('the page is small, asks for no model and no adapter, and has no worker; ?address= only fills the field', async () => {
    const { relay, ask } = stage
    const context = await stage.profile()
    await countAdapters(context)
    const requests: string[] = []
    const scripts: Request[] = []
    context.on('request', (request) => requests.push(request.url()))
    context.on('requestfinished', (request) => {
      if (request.resourceType() === 'script') scripts.push(request)
    })
    const { page, shows, button } = await openContribute(context, `/?address=${ada}`)
    await page.waitForLoadState('networkidle')
    expect(await page.getByLabel('Wallet address').inputValue()).toBe(ada)
    await shows('off')

    const paths = requests.map((url) => new URL(url)).filter(({ protocol }) => protocol !== 'data:')
    expect(paths.filter(({ origin }) => origin !== relay.url)).toEqual([])
    expect(paths.filter(({ pathname }) => /blobs|\.wasm|compute|link-/.test(pathname))).toEqual([])
    expect(page.workers()).toEqual([])
    expect(await page.evaluate(() => Reflect.get(globalThis, 'adapters'))).toBe(0)
    expect((await ask.network()).tabs).toEqual([])

    let bytes = 0
    for (const request of scripts) bytes += (await request.sizes()).responseBodySize
    expect(scripts.length).toBeGreaterThan(0)
    expect(bytes).toBeGreaterThan(0)
    expect(bytes).toBeLessThanOrEqual(MAX_SCRIPT_BYTES)
    // The build compressed them, and the relay sends them that way: more script arrives than travels.
    const texts = await Promise.all(scripts.map(async (request) => (await request.response())!.body()))
    expect(bytes).toBeLessThan(texts.reduce((sum, text) => sum + text.byteLength, 0) / 2)

    // The counters do count: after Start there are workers and model bytes.
    await button('Start').click()
    await until('model bytes are asked for', () => requests.some((url) => url.includes('/blobs/')))
    expect(page.workers().length).toBeGreaterThan(0)
    await button('Stop').click()
  })

  it('?start=1 starts nothing on a relay that does not run for tests, and does on one that does', async () => {
    const strict = await startRelayProcess({ test: false })
    try {
      const context = await stage.profile({ baseURL: strict.url })
      const page = await context.newPage()
      await page.goto(`/?address=${ada}&start=1`)
      await page.waitForLoadState('networkidle')
      await page.locator('.state[data-state="off"]').waitFor()
      expect(await page.locator('meta[name="opentab-test"]').count()).toBe(0)
      await page.getByRole('button', { name: 'Start' }).click()
      await page.locator('.state[data-state="idle"]').waitFor()
      // The fault switches of the tests are not there either.
      expect(await page.evaluate(() => 'opentabTab' in globalThis)).toBe(false)
    } finally {
      await strict.remove()
    }
    const { shows, page } = await openContribute(await stage.profile(), `/?address=${ada}&start=1`)
    await until('the tab has greeted', async () => (await stage.ask.network()).tabs.length === 1)
    await page.keyboard.press('Escape')
    await shows('stopped')
  })
})
