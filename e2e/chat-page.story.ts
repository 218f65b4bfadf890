import type { Locator, Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { axeFaults } from './stage/axeFaults.ts'
import { ada, ben, eve, openContribute } from './stage/contributor.ts'
import { until } from './stage/until.ts'
import { useStage } from './stage/useStage.ts'

const stage = useStage({ tinyLanguageModel: true })

const field = (page: Page) => page.getByLabel('Message', { exact: true })
const button = (page: Page, name: string) => page.locator('#page').getByRole('button', { name, exact: true })
const fieldHasFocus = (page: Page) => page.evaluate(() => document.activeElement?.id === 'chat-message')

/** Room for one stage of the three of the tiny model, megabytes. */
const ONE_STAGE = '0.4'

/** A tab that holds the tiny model, or as much of it as it has megabytes for. */
async function lendTab(megabytes = '100', address = ada) {
  const contributor = await openContribute(await stage.profile(), `/?memory=${megabytes}`)
  await contributor.start(address)
  await contributor.shows('idle')
  return contributor
}

async function openChat(options = {}): Promise<Page> {
  const page = await (await stage.profile(options)).newPage()
  await page.goto('/chat')
  return page
}

/** Whether all of it is inside the window and nothing stands over it. */
const isSeen = (what: Locator): Promise<boolean> =>
  what.evaluate((element) => {
    const { top, left, bottom, right } = element.getBoundingClientRect()
    const at = document.elementFromPoint((left + right) / 2, (top + bottom) / 2)
    const inside = top >= 0 && left >= 0 && bottom <= innerHeight && right <= innerWidth
    return inside && at !== null && element.contains(at)
  })

it('a person chats on the page: text streams, the same seed says the same again, Stop ends the wait for a tab, and the receipt can be opened', async () => {
  const contributor = await lendTab()
  const page = await openChat()
  await page.getByText('Whole in 1 tab').waitFor()
  await page.getByText('Settings').click()
  await page.getByLabel('Temperature').fill('0.8')
  await page.getByLabel('Seed').fill('7')
  await page.getByLabel('Most tokens').fill('32')
  await field(page).fill('Say something')
  await page.keyboard.press('Enter')
  const receipt = page.getByRole('link', { name: 'receipt' })
  await receipt.waitFor()
  const answer = page.locator('.from-assistant .markdown')
  const first = await answer.textContent()
  expect(first?.length).toBeGreaterThan(0)
  await page.getByText(/\d+ tokens, .* tok\/s/).waitFor()
  await page.getByText('answered by').waitFor()

  await button(page, 'Regenerate').click()
  await receipt.waitFor()
  expect(await answer.textContent()).toBe(first)

  await contributor.page.close()
  await page.getByText('What you send waits for one.').waitFor()
  expect(await page.getByRole('link', { name: 'lend a tab yourself' }).getAttribute('target')).toBe('_blank')
  await field(page).fill('Go on')
  await button(page, 'Send').click()
  await page.getByText('Waiting for a tab').waitFor()
  expect(await axeFaults(page)).toEqual([])
  await button(page, 'Stop').click()
  await page.getByText('Stopped.').waitFor()

  await receipt.first().click()
  await button(page, 'Verify in this browser').click()
  await page.locator('.outcome', { hasText: /^Valid/ }).waitFor()
})

it('a person who reloads the page finds the conversation at its end, and New chat begins an empty one', async () => {
  await lendTab()
  const page = await openChat({ viewport: { width: 360, height: 640 } })
  await page.getByText('Settings').click()
  await page.getByLabel('Most tokens').fill('12')
  for (const text of ['One', 'Two']) {
    await field(page).fill(text)
    await page.keyboard.press('Enter')
    await button(page, 'Regenerate').waitFor()
  }
  await page.reload()
  await page.locator('.from-user', { hasText: 'Two' }).waitFor()
  await until('the end of the conversation is seen', () => isSeen(button(page, 'Regenerate')))
  expect(await page.evaluate(() => scrollY)).toBeGreaterThan(0)
  await page.evaluate(() => scrollTo(0, 0))
  await button(page, 'New chat').click()
  await page.getByText('Ask anything.').waitFor()
  expect(await fieldHasFocus(page)).toBe(true)
})

it('Stop is wholly seen in a small window as long as an answer is due, also over an on-screen keyboard', async () => {
  const page = await openChat({ viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true })
  await page.getByText('What you send waits for one.').waitFor()
  await field(page).fill('a\n'.repeat(30))
  await button(page, 'Send').click()
  await page.getByText('Waiting for a tab').waitFor()
  for (const height of [640, 340]) {
    await page.setViewportSize({ width: 360, height })
    await until('the end is seen', () => isSeen(page.getByText('Waiting for a tab')))
    expect(await isSeen(button(page, 'Stop')), `${height} px`).toBe(true)
    await page.evaluate(() => scrollTo(0, 0))
    expect(await isSeen(button(page, 'Stop')), `${height} px, at the top`).toBe(true)
    // A reader back at the end, as the page has noticed by the second frame.
    await page.evaluate(
      () =>
        new Promise<void>((noticed) => {
          scrollTo(0, document.documentElement.scrollHeight)
          requestAnimationFrame(() => requestAnimationFrame(() => noticed()))
        }),
    )
  }
  await button(page, 'Stop').click()
  await page.getByText('Stopped.').waitFor()
})

it('the keyboard is enough: Shift and Enter begin a line, Enter sends, Escape stops the answer and not the tab, and the focus comes back', async () => {
  // The tab works, and no answer can come.
  const contributor = await lendTab(ONE_STAGE)
  const { page } = contributor
  await page.getByRole('link', { name: 'Chat', exact: true }).click()
  await page.getByText('No tab can answer now: tabs hold 1 of its 3 parts').waitFor()
  await field(page).focus()
  await page.keyboard.type('Tell me')
  await page.keyboard.press('Shift+Enter')
  await page.keyboard.type('a long story')
  await page.keyboard.press('Enter')
  expect(await page.locator('.chat-said').textContent()).toBe('Tell me\na long story')
  await button(page, 'Stop').focus()
  await page.keyboard.press('Escape')
  await page.getByText('Stopped.').waitFor()
  await until('the focus is in the field', () => fieldHasFocus(page))
  // Both pages say the same of the model.
  await page.getByRole('link', { name: 'Network', exact: true }).click()
  await page.locator('.rows .row-more', { hasText: 'tabs hold 1 of its 3 parts' }).waitFor()
  await page.getByRole('link', { name: 'Contribute', exact: true }).click()
  await contributor.shows('idle')
})

it('an answer of three tabs names them all, and its many receipts are a number that opens a list', async () => {
  for (const address of [ada, ben, eve]) await lendTab(ONE_STAGE, address)
  const page = await openChat()
  await page.getByText('Shared over 3 tabs').waitFor()
  await page.getByText('Settings').click()
  await page.getByLabel('Most tokens').fill('12')
  await field(page).fill('Hello')
  await page.keyboard.press('Enter')
  await page.getByText('answered by 3 contributors').waitFor()
  const folded = page.getByText(/^\d+ receipts$/)
  const receipts = Number.parseInt((await folded.textContent()) ?? '', 10)
  expect(receipts).toBeGreaterThanOrEqual(3)
  await folded.click()
  await page.getByRole('link', { name: 'receipt 3', exact: true }).waitFor()
  expect(await page.locator('.chat-receipts li').count()).toBe(Math.min(receipts, 20))
  expect(await axeFaults(page)).toEqual([])
})

it('a conversation whose model is not served any more stays, says so, and goes on with another', async () => {
  await lendTab()
  const page = await openChat()
  await page.getByText('Whole in 1 tab').waitFor()
  await page.getByText('Settings').click()
  await page.getByLabel('Most tokens').fill('8')
  await field(page).fill('Hello')
  await page.keyboard.press('Enter')
  await button(page, 'Regenerate').waitFor()
  let renamed = true
  await page.route('**/v1/models', async (route) => {
    const answer = await route.fetch()
    const body = (await answer.text()).replaceAll('"tiny"', renamed ? '"other"' : '"tiny"')
    await route.fulfill({ response: answer, body })
  })
  await page.getByText('tiny is not served here now').waitFor()
  await field(page).fill('And now')
  expect(await button(page, 'Send').isDisabled()).toBe(true)
  expect(await axeFaults(page)).toEqual([])
  await page.getByLabel('Model').selectOption('other')
  expect(await button(page, 'Send').isDisabled()).toBe(false)
  expect(await page.locator('.from-assistant').count()).toBe(1)
  renamed = false
  // The relay knows no model of that name: its own words, and a way to ask again.
  await button(page, 'Send').click()
  await page.getByRole('alert').waitFor()
  await page.getByLabel('Model').locator('option[value="tiny"]').waitFor({ state: 'attached' })
  await page.getByLabel('Model').selectOption('tiny')
  await button(page, 'Retry').click()
  await button(page, 'Regenerate').waitFor()
  expect(await page.locator('.from-assistant').count()).toBe(2)
})
