import { type BrowserContext, chromium } from 'playwright-core'
import { expect, it } from 'vitest'
import { chromiumArgs } from '../cli/chromiumArgs.ts'
import { findChromium } from '../cli/findChromium.ts'
import { ada, ben, newProfile, openContribute } from './stage/contributor.ts'
import { isProduct, longMatmul, shortMatmul } from './stage/matmul.ts'
import { matmulBatch } from './stage/requester.ts'
import { until } from './stage/until.ts'
import { useStage } from './stage/useStage.ts'
import { beforeWorker } from './stage/workerScripts.ts'

const stage = useStage()

/** The pause of 40 s after a loss passes in one. */
const hurry = (context: BrowserContext) =>
  beforeWorker(context, 'link', () => {
    const { setTimeout } = globalThis
    const faster = (run: () => void, ms?: number) => setTimeout(run, ms === 40_000 ? 1_000 : ms)
    Object.assign(globalThis, { setTimeout: faster })
  })

it('a lost device hands the task back and says so; the worker is rebuilt after a pause, and a second loss ends the session', async () => {
  const { ask } = stage
  const context = await stage.profile()
  await hurry(context)
  const unlucky = await openContribute(context)
  await unlucky.start(ada)
  await unlucky.shows('idle')
  await unlucky.fault('lose-device')
  const first = await ask.submit(matmulBatch([shortMatmul(21)]))
  await unlucky.says(/the graphics driver was lost once/)
  expect((await ask.network()).tabs).toMatchObject([{ address: ada, state: 'paused' }])
  expect(await unlucky.page.locator('.tasks li').first().textContent()).toContain('handed back')

  // Rebuilt, and it works again.
  const [c] = await ask.products(await ask.done(first))
  expect(isProduct(shortMatmul(21), c!)).toBe(true)
  await unlucky.shows('idle')

  await unlucky.fault('lose-device')
  const second = await ask.submit(matmulBatch([shortMatmul(22)]))
  await unlucky.says('Stopped. The graphics driver was lost again.')
  await until('the tab has left', async () => (await ask.network()).tabs.length === 0)
  expect((await ask.job(second)).state).toBe('queued')

  const other = await openContribute(await stage.profile())
  await other.start(ben)
  const [d] = await ask.products(await ask.done(second))
  expect(isProduct(shortMatmul(22), d!)).toBe(true)
  expect((await ask.account(ada)).tasks).toEqual({ completed: 1, rejected: 0 })
  expect((await ask.account(ben)).tasks).toEqual({ completed: 1, rejected: 0 })
})

it('a GPU process that dies in mid-task is such a loss: the same tab does the task again on the new one', async () => {
  const { ask, relay } = stage
  // A browser of its own: the others' GPU stays alive.
  const own = await chromium.launch({ executablePath: findChromium(), args: [...chromiumArgs] })
  try {
    const context = await newProfile(own, relay.url)
    await hurry(context)
    const { page, start, shows, says } = await openContribute(context)
    await start(ada)
    await shows('idle')
    const task = longMatmul(23)
    const id = await ask.submit(matmulBatch([task]))
    await shows('working')
    const session = await own.newBrowserCDPSession()
    const { processInfo } = await session.send('SystemInfo.getProcessInfo')
    const gpu = processInfo.find(({ type }) => type === 'GPU')
    process.kill(gpu!.id, 'SIGKILL')
    await says(/the graphics driver was lost once/)
    const [c] = await ask.products(await ask.done(id))
    expect(isProduct(task, c!)).toBe(true)
    expect(await page.locator('.tasks li', { hasText: 'handed back' }).count()).toBe(1)
  } finally {
    await own.close()
  }
})
