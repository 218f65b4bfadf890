import { expect, it } from 'vitest'
import { ada } from './stage/contributor.ts'
import { useStage } from './stage/useStage.ts'

const stage = useStage()

it('every figure over a page says what it counts', async () => {
  const page = await (await stage.profile()).newPage()
  const names = async (path: string): Promise<string[]> => {
    await page.goto(path)
    await page.locator('.figures dd', { hasText: '0' }).first().waitFor()
    return await page.locator('.figures dt').allTextContents()
  }
  expect(await names(`/account/${ada}`)).toEqual([
    'Pending (credits)',
    'Settled (credits)',
    'Tasks credited',
    'Tasks rejected',
    'Receipts',
  ])
  expect(await names('/network')).toEqual(['Tabs', 'Tasks at work', 'Tasks waiting', 'Tasks done', 'Credits'])
})
