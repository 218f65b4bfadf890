import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { ada, openContribute } from './stage/contributor.ts'
import { shortMatmul } from './stage/matmul.ts'
import { matmulBatch } from './stage/requester.ts'
import { until } from './stage/until.ts'
import { useStage } from './stage/useStage.ts'

const stage = useStage()

/** Accessible name of what has the focus. */
const focused = (page: Page) =>
  page.evaluate(() => {
    const at = document.activeElement
    if (at instanceof HTMLInputElement) return at.labels?.[0]?.textContent ?? ''
    return at instanceof HTMLElement ? at.textContent : ''
  })

/** Presses Tab until the thing has the focus; gives the names on the way. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  const passed: string[] = []
  while (passed.length < 30) {
    await page.keyboard.press('Tab')
    const now = await focused(page)
    if (name.test(now)) return
    passed.push(now)
  }
  throw new Error(`Tab never comes to ${name}; it passes ${passed.join(', ')}.`)
}

it('everything goes by keyboard: Tab to the field, type, Enter starts, Escape stops, and the focus is never lost', async () => {
  const { ask } = stage
  const { page, shows, says } = await openContribute(await stage.profile())
  await page.keyboard.press('Tab')
  expect(await focused(page)).toBe('Skip to the page')
  await page.keyboard.press('Enter')
  await tabTo(page, /^Wallet address$/)
  await page.keyboard.type(ada)
  await tabTo(page, /^Intensity$/)
  await page.keyboard.press('ArrowLeft')
  await tabTo(page, /^Start$/)
  await page.keyboard.press('Enter')
  await shows('idle')
  // Start is gone; the focus went to what stands in its place.
  expect(await focused(page)).toMatch(/Pause|Finish|Stop/)
  await ask.done(await ask.submit(matmulBatch([shortMatmul(81)])))
  await page.locator('.tasks li').first().waitFor()

  // A tab in the middle of its life is left alone by other keys.
  await page.keyboard.press('PageDown')
  await shows('idle')
  await page.keyboard.press('Escape')
  await says('Stopped. Nothing runs any more.')
  await until('the tab has left', async () => (await ask.network()).tabs.length === 0)
  await until('the focus is on Start', async () => (await focused(page)) === 'Start')

  // Enter in the field starts too.
  await page.keyboard.press('Enter')
  await shows('idle')
  await page.keyboard.press('Escape')
  await shows('stopped')
})
