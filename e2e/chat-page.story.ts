import { expect, it } from 'vitest'
import { ada, openContribute } from './stage/contributor.ts'
import { useStage } from './stage/useStage.ts'

const stage = useStage({ tinyLanguageModel: true })

it('a person chats on the page: text streams, the same seed says the same again, Stop ends the wait for a tab, and the receipt can be opened', async () => {
  const contributor = await openContribute(await stage.profile())
  await contributor.start(ada)
  await contributor.shows('idle')

  const page = await (await stage.profile()).newPage()
  await page.goto('/chat')
  await page.getByText('1 tab can answer now').waitFor()
  await page.getByText('Settings').click()
  await page.getByLabel('Temperature').fill('0.8')
  await page.getByLabel('Seed').fill('7')
  await page.getByLabel('Most tokens').fill('32')
  await page.getByLabel('Message', { exact: true }).fill('Say something')
  await page.keyboard.press('Enter')
  const receipt = page.getByRole('link', { name: 'receipt' })
  await receipt.waitFor()
  const answer = page.locator('.from-assistant .markdown')
  const first = await answer.textContent()
  expect(first?.length).toBeGreaterThan(0)
  await page.getByText(/\d+ tokens, .* tok\/s/).waitFor()
  await page.getByText('answered by').waitFor()

  await page.getByRole('button', { name: 'Regenerate' }).click()
  await receipt.waitFor()
  expect(await answer.textContent()).toBe(first)

  await contributor.page.close()
  await page.getByText('No tab can answer now').waitFor()
  await page.getByLabel('Message', { exact: true }).fill('Go on')
  await page.getByRole('button', { name: 'Send' }).click()
  await page.getByText('Waiting for a tab').waitFor()
  await page.getByRole('button', { name: 'Stop' }).click()
  await page.getByText('Stopped.').waitFor()

  await receipt.first().click()
  await page.getByRole('button', { name: 'Verify in this browser' }).click()
  await page.locator('.outcome', { hasText: /^Valid/ }).waitFor()
})
