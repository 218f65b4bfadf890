import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { axeFaults } from './stage/axeFaults.ts'
import { ada, openContribute } from './stage/contributor.ts'
import { longMatmul, shortMatmul } from './stage/matmul.ts'
import { matmulBatch } from './stage/requester.ts'
import { useStage } from './stage/useStage.ts'

const stage = useStage()

/** What axe finds, and how far the page is too wide, in each colour scheme at each width. */
async function faultsOf(page: Page, name: string): Promise<string[]> {
  const faults: string[] = []
  for (const width of [1280, 360]) {
    await page.setViewportSize({ width, height: 900 })
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      const label = `${name}, ${width} px, ${colorScheme}`
      for (const fault of await axeFaults(page)) faults.push(`${label}: ${fault}`)
    }
    const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
    if (over > 0) faults.push(`${name}, ${width} px: ${over} px too wide`)
  }
  return faults
}

it('axe finds nothing on the three pages, at rest and at work, dark and light, narrow and wide', async () => {
  const { ask } = stage
  const context = await stage.profile()
  const other = await context.newPage()
  const faults: string[] = []
  const look = async (page: Page, name: string) => {
    faults.push(...(await faultsOf(page, name)))
  }

  const { page, start, shows, button } = await openContribute(context)
  await look(page, 'contribute at rest')
  await other.goto('/network')
  await other.getByText('No tab is connected.').waitFor()
  await look(other, 'network at rest')
  await other.goto(`/account/${ada}`)
  await other.getByText('This address has no receipts yet.').waitFor()
  await look(other, 'account at rest')

  await button('Start').click()
  await page.locator('#address-note.warning').waitFor()
  await look(page, 'contribute refused')
  await start(ada)
  const first = await ask.done(await ask.submit(matmulBatch([shortMatmul(71), shortMatmul(72)])))
  await ask.submit(matmulBatch([73, 74, 75, 76, 77, 78].map(longMatmul)))
  await shows('working')
  await page.locator('.tasks li').first().waitFor()
  await look(page, 'contribute at work')
  await other.goto('/network')
  await other.locator('.tabs li', { hasText: 'working' }).waitFor()
  await look(other, 'network at work')
  await other.goto(`/account/${ada}?receipt=${first.receipts[0]}`)
  await other.getByRole('button', { name: 'Verify in this browser' }).click()
  await other.locator('.outcome.good').waitFor()
  await look(other, 'account at work')
  await button('Stop').click()
  await shows('stopped')
  await look(page, 'contribute stopped')
  expect(faults).toEqual([])
})
