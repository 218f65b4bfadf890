import { expect, it } from 'vitest'
import { axeFaults } from './stage/axeFaults.ts'
import { useStage } from './stage/useStage.ts'

const stage = useStage()

it('an address that leads nowhere shows a page that says so and where to go, with the status 404', async () => {
  const page = await (await stage.profile()).newPage()
  const answer = await page.goto('/nothere')
  expect(answer?.status()).toBe(404)
  await page.getByRole('heading', { name: 'There is no page here' }).waitFor()
  expect(await axeFaults(page)).toEqual([])
  const links = page.getByRole('main').getByRole('link')
  expect(await links.allTextContents()).toEqual(['Contribute', 'Chat', 'Lab'])
  await links.getByText('Chat').click()
  await page.getByRole('heading', { name: 'Chat with the network' }).waitFor()

  const reader = await (await stage.profile({ javaScriptEnabled: false })).newPage()
  await reader.goto('/nothere')
  await reader.locator('noscript h1', { hasText: 'There is no page here' }).waitFor()
})
