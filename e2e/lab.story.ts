import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { axeFaults } from './stage/axeFaults.ts'
import { ada, ben, openContribute } from './stage/contributor.ts'
import { openWithout } from './stage/openWithout.ts'
import { useStage } from './stage/useStage.ts'

const stage = useStage()

/** Puts another text in place of one in the editor's program. */
async function edit(page: Page, from: string, to: string): Promise<void> {
  const editor = page.locator('.cm-content')
  const text = (await page.locator('.cm-line').allTextContents()).join('\n')
  expect(text).toContain(from)
  await editor.click()
  await page.keyboard.press('Control+a')
  await page.keyboard.insertText(text.replace(from, to))
}

/** Opens a kernel of the library. */
async function openTemplate(page: Page, name: string): Promise<void> {
  await page.getByLabel('Open a kernel').selectOption(name)
  await page.getByRole('button', { name: 'Open', exact: true }).click()
}

const result = (page: Page) => page.locator('.lab-result')

it('a developer opens a kernel, breaks it, sees where, mends it, runs, compares, sweeps, and shares it', async () => {
  const context = await stage.profile({ permissions: ['clipboard-read', 'clipboard-write'] })
  const page = await context.newPage()
  await page.goto('/lab')

  // An empty lab opens on a kernel with a mistake, and says where it shows.
  await page.getByText('Wrong: 40 of 1,000 elements').waitFor()
  await page.getByText('y[960] is 960').waitFor()
  await page.getByLabel('Workgroups, x').fill('ceilDiv(n, lanes)')
  await page.getByText('Right: all 1,000 elements').waitFor()

  await openTemplate(page, 'transpose/registerTile')
  await page.getByText(/^Right: all [\d,]+ elements/).waitFor()
  expect(await page.getByLabel('Shape of x').inputValue()).toBe('rows, columns')

  // Broken: the message stands at its line, and its button leads there.
  await edit(page, 'let row = task.firstRow', 'let row = taks.firstRow')
  const message = page.getByRole('button', { name: /^Line \d+, column \d+$/ })
  await message.waitFor()
  const line = Number(/Line (\d+)/.exec((await message.textContent()) ?? '')?.[1])
  expect(
    await page
      .locator('.cm-line')
      .nth(line - 1)
      .textContent(),
  ).toContain('taks')
  await page.locator('.cm-lint-marker-error').waitFor()
  await result(page).getByText('does not compile').waitFor()
  await message.click()
  await page.locator('.cm-activeLine', { hasText: 'taks' }).waitFor()

  // Wrong: it compiles, and the first mismatch is named.
  await edit(page, 'taks.firstRow', 'task.firstRow + 1u')
  await page.getByText(/^Wrong: /).waitFor()
  await page.getByText(/^y\[0, 0\] is \d+ and must be \d+/).waitFor()

  await edit(page, 'task.firstRow + 1u', 'task.firstRow')
  await page.keyboard.press('Control+Enter')
  await page.getByText(/^Right: /).waitFor()

  await page.getByRole('button', { name: 'Measure' }).click()
  await page.getByText('Median of a run').first().waitFor()
  await page
    .getByText(/^GPU timestamps|^Wall time/)
    .first()
    .waitFor()

  // A against B: the same program with other lanes.
  await page.getByRole('button', { name: 'Keep this version as A' }).click()
  await page.getByLabel('lanes', { exact: true }).fill('32')
  await page.getByText(/^Right: /).waitFor()
  await page.getByRole('button', { name: 'Compare with A' }).click()
  await page.getByText(/Alternating blocks, \d+ of each\. Seed 1\./).waitFor()

  await page.getByLabel('Values of lanes').fill('8, 16')
  await page.getByRole('button', { name: 'Sweep 2 combinations' }).click()
  await page.getByText(/^Fastest: lanes = (8|16), /).waitFor()
  const [csv] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'CSV' }).click(),
  ])
  expect(csv.suggestedFilename()).toBe('transpose registerTile.csv')

  await page.getByRole('button', { name: 'Copy link' }).click()
  await page.getByText('Copied.').waitFor()
  const link = await page.evaluate(() => navigator.clipboard.readText())
  expect(link).toContain('/lab#lab=')

  const stranger = await (await stage.profile()).newPage()
  await stranger.goto(link)
  await stranger.getByText(/^Right: /).waitFor()
  expect(await stranger.getByLabel('lanes', { exact: true }).inputValue()).toBe('32')
  expect(await stranger.getByLabel('Values of lanes').inputValue()).toBe('8, 16')
})

it('a kernel of the lab runs on every connected device class, and a wrong one shows there', async () => {
  const page = await (await stage.profile()).newPage()
  await page.goto('/lab')
  await page.getByText('Wrong: 40 of 1,000 elements').waitFor()
  await openTemplate(page, 'transpose/registerTile')
  await page.getByText(/^Right: all [\d,]+ elements/).waitFor()

  // Nobody lends a GPU yet: the job waits, and can be called off.
  await page.getByRole('button', { name: 'Run on the fleet' }).click()
  await page.getByText('Waiting for the tabs').waitFor()
  await page.locator('section', { hasText: 'On the fleet' }).getByRole('button', { name: 'Stop' }).click()
  await page.getByText('Stopped.').waitFor()

  const first = await openContribute(await stage.profile())
  const second = await openWithout(await stage.profile(), 'subgroups')
  for (const [contributor, address] of [
    [first, ada],
    [second, ben],
  ] as const) {
    await contributor.page.getByLabel('Run programs that developers send').check()
    await contributor.start(address)
    await contributor.shows('idle')
  }
  const lines = page.getByRole('region', { name: 'Device classes' }).locator('tbody tr')
  await page.getByRole('button', { name: 'Run on the fleet' }).click()
  await lines.first().waitFor()
  const texts = await lines.allInnerTexts()
  expect(texts).toHaveLength(2)
  for (const text of texts) expect(text).toMatch(/agrees\s+[\d.]+ (?:μs|ms|sec)\s+[\d.]+ (?:μs|ms|sec)\s+0$/)
  expect(await axeFaults(page)).toEqual([])

  await second.fault('bit-flip')
  await page.getByRole('button', { name: 'Run on the fleet' }).click()
  await page.getByText('differs').first().waitFor()
  await page
    .getByText(/^\S+ y\[\d+\] is /)
    .first()
    .waitFor()
})

it('a loop without an end is ended, is never timed, and the page goes on', async () => {
  const page = await (await stage.profile()).newPage()
  await page.goto('/lab')
  await page.getByText('Wrong: 40 of 1,000 elements').waitFor()
  await edit(page, 'let i = id.x;', 'var i = id.x; while (task.n > 0u) { y[id.x] += 1.0; }')
  await page.getByText('A loop was ended because it went past the time budget.').waitFor()
  await page.getByRole('button', { name: 'Measure' }).click()
  await page.getByText(/^Not timed: /).waitFor()
  await edit(page, 'var i = id.x; while (task.n > 0u) { y[id.x] += 1.0; }', 'let i = id.x;')
  await page.getByText('Wrong: 40 of 1,000 elements').waitFor()
})

it('axe finds nothing on the lab at rest, at work and in error, dark and light, and it fits 360 px', async () => {
  const page = await (await stage.profile()).newPage()
  await page.goto('/lab')
  await page.getByText('Wrong: 40 of 1,000 elements').waitFor()
  const faults: string[] = []
  const look = async (name: string) => {
    for (const width of [1280, 360]) {
      await page.setViewportSize({ width, height: 900 })
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
        for (const fault of await axeFaults(page)) faults.push(`${name} ${width} ${colorScheme}: ${fault}`)
      }
      const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
      if (over > 0) faults.push(`${name} ${width}: ${over} px too wide`)
    }
  }
  await look('wrong')
  await page.getByLabel('Workgroups, x').fill('ceilDiv(n, lanes)')
  await page.getByText('Right: all 1,000 elements').waitFor()
  await page.getByRole('button', { name: 'Measure' }).click()
  await page.locator('.lab-chart canvas').waitFor()
  await page.getByRole('button', { name: /^Sweep \d/ }).click()
  await page.getByText(/^Fastest: /).waitFor()
  await look('measured')
  await edit(page, 'let i = id.x;', 'let i = idd.x;')
  await page.getByText('the program does not compile').waitFor()
  await look('broken')
  expect(faults).toEqual([])
})
