/**
 * Takes pictures of every page in every state, wide and narrow, dark and light, and looks for accessibility faults with
 * axe, for policy violations and for requests that should not be there. No relay and no GPU: the site is built with a
 * tab that shows scenes. `node e2e/pictures/pages.ts [FOLDER [NAME]]`; exits 1 when something is wrong.
 */
import { mkdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import { build } from 'vite'
import { sceneStates } from '../../web/dev/scenes.ts'
import { ADDRESS, startFakeRelay } from './fakeRelay.ts'
import { firstLoad, firstLoadFaults } from './firstLoad.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const folder = process.argv[2] ?? join(tmpdir(), 'opentab-pictures')
const dist = join(folder, 'site')
const only = new RegExp(process.argv[3] ?? '')
const faults: string[] = []

/** What one picture needs before it is taken. */
interface Shot {
  name: string
  path: string
  /** Height of the window, px, where the picture is of the window and not of the whole page. */
  window?: number
  prepare?: (page: Page) => Promise<void>
}

const start = (scene: string) => async (page: Page) => {
  await page.evaluate((name) => sessionStorage.setItem('scene', name), scene)
  await page.getByLabel('Wallet address').fill(ADDRESS)
  await page.getByRole('button', { name: 'Start' }).click()
  const expected = scene === 'error' ? 'stopped' : undefined
  await page
    .locator(`.state[data-state${expected === undefined ? '' : `="${expected}"`}]:not([data-state="off"])`)
    .waitFor()
  await page.locator('.tasks li').first().waitFor()
  await page.locator('.chart-box canvas').waitFor()
}

/** As a tab that has just come: nothing has run. */
async function startFresh(page: Page): Promise<void> {
  await page.evaluate(() => sessionStorage.setItem('scene', 'fresh'))
  await page.getByLabel('Wallet address').fill(ADDRESS)
  await page.getByRole('button', { name: 'Start' }).click()
  await page.getByText('Nothing has run yet.').waitFor()
}

/** What the page asks for under the path fails, as where the relay is away. */
const withoutRelay = async (page: Page): Promise<void> => {
  await page.route(/\/(v1|log)\//, (route) => route.abort())
  await page.reload()
}

const chatReady = (page: Page): Promise<void> =>
  page
    .getByText(/Whole in|Shared over|No tab can/)
    .first()
    .waitFor()
const chooseModel = async (page: Page, id: string): Promise<void> => {
  await chatReady(page)
  await page.getByLabel('Model').selectOption(id)
}
/** Fills the window and more, and asks for an answer that does not end. */
async function askTwice(page: Page): Promise<void> {
  await ask(page, 'How does a relay check what a tab computed?')
  await page.getByRole('button', { name: 'Regenerate' }).waitFor()
  await ask(page, 'Half')
  await page.locator('.from-assistant').nth(1).locator('.markdown li').first().waitFor()
  await mustBeSeen(page, 'Stop')
}

/** Notes a fault where a button is not wholly in the window. */
async function mustBeSeen(page: Page, name: string): Promise<void> {
  const box = await page.getByRole('button', { name, exact: true }).boundingBox()
  const { width, height } = page.viewportSize()!
  if (box === null || box.x < 0 || box.y < 0 || box.x + box.width > width || box.y + box.height > height)
    faults.push(`${name} is cut off at ${width} x ${height}: ${JSON.stringify(box)}`)
}

async function ask(page: Page, text: string): Promise<void> {
  await chatReady(page)
  await page.getByLabel('Message', { exact: true }).fill(text)
  await page.getByRole('button', { name: 'Send' }).click()
}

/** The first receipt that the fake relay lists. */
async function firstReceipt(base: string): Promise<string> {
  const answer = await fetch(`${base}/v1/accounts/${ADDRESS}/receipts?limit=3`)
  const page: { data: { id: string }[] } = await answer.json()
  return page.data[1]!.id
}

const shots = async (base: string): Promise<Shot[]> => [
  { name: 'contribute-rest', path: '/' },
  {
    name: 'contribute-bad-address',
    path: '/?address=0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Start' }).click()
      await page.locator('.note.warning').waitFor()
    },
  },
  ...Object.keys(sceneStates).map((scene) => ({
    name: `contribute-${scene}`,
    path: '/',
    prepare: start(scene),
  })),
  { name: 'contribute-fresh', path: '/', prepare: startFresh },
  { name: 'contribute-no-webgpu', path: '/', prepare: start('no-webgpu') },
  {
    name: 'contribute-programs',
    path: '/',
    prepare: async (page) => {
      await page.getByLabel('Run programs that developers send').check()
      await start('programs')(page)
    },
  },
  {
    name: 'contribute-relay-away',
    path: '/',
    prepare: async (page) => {
      await withoutRelay(page)
      await page.getByText('The relay does not answer').waitFor()
    },
  },
  {
    name: 'contribute-explained',
    path: '/',
    prepare: async (page) => {
      await start('working')(page)
      await page.getByRole('button', { name: /Pending/ }).click()
      for (const summary of await page.locator('summary').all()) await summary.click()
    },
  },
  {
    name: 'network',
    path: '/network',
    prepare: async (page) => {
      await page.locator('.tabs li').first().waitFor()
    },
  },
  {
    name: 'account',
    path: `/account/${ADDRESS}`,
    prepare: async (page) => {
      await page.locator('.receipts li').first().waitFor()
    },
  },
  {
    name: 'account-escrow',
    path: `/account/${ADDRESS}`,
    prepare: async (page) => {
      await page.route(/\/v1\/accounts\/0x\w+$/, async (route) => {
        const body = (await (await route.fetch()).text()).replace('"escrow":"0"', '"escrow":"80044117"')
        await route.fulfill({ body, contentType: 'application/json' })
      })
      await page.reload()
      await page.getByRole('button', { name: /In escrow/ }).click()
      await page.locator('.receipts li').first().waitFor()
    },
  },
  {
    name: 'account-relay-away',
    path: `/account/${ADDRESS}`,
    prepare: async (page) => {
      await withoutRelay(page)
      await page.locator('[role=alert]').waitFor()
    },
  },
  {
    name: 'network-relay-away',
    path: '/network',
    prepare: async (page) => {
      await withoutRelay(page)
      await page.getByText('The relay does not answer').waitFor()
    },
  },
  {
    name: 'account-receipt',
    path: `/account/${ADDRESS}?receipt=${await firstReceipt(base)}`,
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Verify in this browser' }).click()
      await page.locator('.steps li').first().waitFor()
      await page.locator('.receipts li').first().waitFor()
      const text = await page.locator('.outcome').textContent()
      if (!text?.startsWith('Valid')) faults.push(`account-receipt: ${text}`)
    },
  },
  {
    name: 'account-focus',
    path: `/account/${ADDRESS}?receipt=${await firstReceipt(base)}`,
    prepare: async (page) => {
      await page.locator('.receipt .copy').nth(3).focus()
    },
  },
  {
    name: 'account-bad',
    path: '/account/0x12',
    prepare: async (page) => {
      await page.locator('[role=alert]').waitFor()
    },
  },
  { name: 'chat-rest', path: '/chat', prepare: chatReady },
  {
    name: 'chat-no-tab',
    path: '/chat',
    window: 640,
    prepare: (page) => chooseModel(page, 'a-model-with-a-rather-long-name-7b'),
  },
  {
    name: 'chat-waiting',
    path: '/chat',
    prepare: async (page) => {
      await chooseModel(page, 'a-model-with-a-rather-long-name-7b')
      await ask(page, 'Wait')
      await page.getByText('Waiting for a tab').waitFor()
    },
  },
  { name: 'chat-writing', path: '/chat', window: 640, prepare: askTwice },
  // What an on-screen keyboard leaves of a small window.
  { name: 'chat-keyboard', path: '/chat', window: 340, prepare: askTwice },
  {
    name: 'chat-answered',
    path: '/chat',
    prepare: async (page) => {
      await ask(page, 'How does a relay check what a tab computed?')
      await page.getByRole('link', { name: 'receipt' }).waitFor()
      for (const summary of await page.locator('summary').all()) await summary.click()
    },
  },
  {
    name: 'chat-ring',
    path: '/chat',
    prepare: async (page) => {
      await chooseModel(page, 'shared-1b')
      await ask(page, 'Ring')
      await page.getByText('60 receipts').click()
      await page.getByRole('link', { name: 'receipt 20' }).waitFor()
    },
  },
  {
    name: 'chat-settings',
    path: '/chat',
    window: 640,
    prepare: async (page) => {
      await chatReady(page)
      await page.getByText('Settings').click()
      await page.getByLabel('Temperature').focus()
    },
  },
  {
    name: 'chat-key',
    path: '/chat',
    window: 640,
    prepare: async (page) => {
      const error = { message: 'The API key is missing.', code: 'invalid_api_key' }
      await page.route('**/v1/chat/completions', (route) => route.fulfill({ status: 401, json: { error } }))
      await ask(page, 'How does a relay check what a tab computed?')
      await page.getByText('This relay wants an API key.').waitFor()
      await page.getByText('Settings', { exact: true }).click()
      await page.getByLabel('API key').fill('a key')
    },
  },
  {
    name: 'chat-failed',
    path: '/chat',
    prepare: async (page) => {
      await ask(page, 'Fail')
      await page.locator('[role=alert]').waitFor()
      await page.getByRole('button', { name: 'Retry' }).focus()
    },
  },
  {
    name: 'chat-reopened',
    path: '/chat',
    window: 640,
    prepare: async (page) => {
      await ask(page, 'How does a relay check what a tab computed?')
      await page.getByRole('link', { name: 'receipt' }).waitFor()
      await page.reload()
      await page.getByRole('link', { name: 'receipt' }).waitFor()
      await mustBeSeen(page, 'Regenerate')
    },
  },
  {
    name: 'chat-gone',
    path: '/chat',
    prepare: async (page) => {
      await ask(page, 'How does a relay check what a tab computed?')
      await page.getByRole('link', { name: 'receipt' }).waitFor()
      await page.route('**/v1/models', async (route) => {
        const answer = await route.fetch()
        await route.fulfill({
          response: answer,
          body: (await answer.text()).replaceAll('smollm2', 'smollm3'),
        })
      })
      await page.getByText('is not served here now').waitFor()
    },
  },
  { name: 'missing', path: '/nowhere' },
]

/** Every fault that axe finds on the page as it stands. */
async function axeFaults(page: Page, source: string): Promise<string[]> {
  await page.evaluate(source)
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: {
        run(): Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }>
      }
    }
    const { violations } = await axe.run()
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(
        ({ html, failureSummary }) =>
          `${id}: ${html.slice(0, 160)}: ${failureSummary.replaceAll('\n', ' ').slice(0, 300)}`,
      ),
    )
  })
}

async function take(
  browser: Browser,
  base: string,
  shot: Shot,
  width: number,
  scheme: 'dark' | 'light',
  axe: string,
) {
  const context = await browser.newContext({
    viewport: { width, height: shot.window ?? 900 },
    colorScheme: scheme,
    reducedMotion: 'reduce',
  })
  const page = await context.newPage()
  const label = `${shot.name} ${width} ${scheme}`
  page.on('console', (message) => {
    if (message.type() === 'error' && !/401|404|503|ERR_FAILED/.test(message.text()))
      faults.push(`${label}: console: ${message.text()}`)
  })
  page.on('pageerror', (error) => faults.push(`${label}: ${error.stack}`))
  page.on('request', (request) => {
    const url = new URL(request.url())
    if (url.protocol !== 'data:' && url.protocol !== 'blob:' && url.origin !== base)
      faults.push(`${label}: asks ${url}`)
  })
  await page.addInitScript(() => {
    const icon = `data:image/svg+xml,${encodeURIComponent('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><rect width="8" height="8" fill="#c60"/></svg>')}`
    addEventListener('eip6963:requestProvider', () => {
      const detail = {
        info: { uuid: '1', name: 'Example Wallet', icon, rdns: 'org.example' },
        provider: { request: async () => [] },
      }
      dispatchEvent(new CustomEvent('eip6963:announceProvider', { detail }))
    })
  })
  await page.goto(base + shot.path)
  await page.locator('h1').waitFor()
  await shot.prepare?.(page)
  // Not a wait for work: one frame, so that the chart has been drawn.
  await page.evaluate(
    () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
  )
  for (const fault of await axeFaults(page, axe)) faults.push(`${label}: ${fault}`)
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
  if (overflow > 0) faults.push(`${label}: ${overflow} px too wide`)
  const broken = await page
    .locator('.figures dd')
    .evaluateAll((figures) =>
      figures.flatMap((figure) =>
        figure.scrollWidth > figure.clientWidth ||
        figure.clientHeight > 1.5 * Number.parseFloat(getComputedStyle(figure).lineHeight)
          ? [figure.textContent]
          : [],
      ),
    )
  if (broken.length > 0) faults.push(`${label}: the figure ${broken.join(', ')} does not fit its place`)
  const path = join(folder, `${shot.name}-${width}-${scheme}.png`)
  // What keeps to the window's edge is drawn in the middle of a picture that is higher than the window.
  const height = shot.window ?? (await page.evaluate(() => document.documentElement.scrollHeight))
  await page.setViewportSize({ width, height })
  await page.screenshot({ path, fullPage: shot.window === undefined })
  await context.close()
}

await mkdir(folder, { recursive: true })
await build({
  root,
  logLevel: 'warn',
  plugins: [
    {
      name: 'scenes',
      enforce: 'pre',
      resolveId: (source) => (source.endsWith('worker/tab.ts') ? join(root, 'web/dev/fakeTab.ts') : null),
    },
  ],
  build: { outDir: dist },
})
const axe = await readFile(join(root, 'node_modules/axe-core/axe.min.js'), 'utf8')
const relay = await startFakeRelay(dist, { stream: true })
const address = relay.address()
const base = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
const browser = await chromium.launch({
  executablePath: process.env.OPENTAB_CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
})
try {
  const load = await firstLoad(browser, base, ADDRESS)
  faults.push(...firstLoadFaults(load))
  console.error(`Before Start: ${load.scriptBytes} bytes of script (gzip), ${load.paths.length} requests.`)
  for (const shot of await shots(base)) {
    if (!only.test(shot.name)) continue
    for (const [width, scheme] of [
      [1280, 'light'],
      [1280, 'dark'],
      [360, 'dark'],
      [360, 'light'],
    ] as const) {
      await take(browser, base, shot, width, scheme, axe).catch((error: unknown) => {
        faults.push(`${shot.name} ${width} ${scheme}: ${error instanceof Error ? error.message : error}`)
      })
    }
  }
} finally {
  await browser.close()
  relay.closeAllConnections()
  relay.close()
}
for (const fault of faults) console.error(fault)
console.error(`Pictures in ${folder}; ${faults.length} faults.`)
process.exitCode = faults.length === 0 ? 0 : 1
