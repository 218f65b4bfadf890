import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { firstKernel } from '../web/lab/firstKernel.ts'
import { fragmentOf } from '../web/lab/fragment.ts'
import { axeFaults } from './stage/axeFaults.ts'
import { ada, ben, openContribute } from './stage/contributor.ts'
import { openWithout } from './stage/openWithout.ts'
import { useStage } from './stage/useStage.ts'

const stage = useStage()

/** Puts another text in place of one in a line of the editor's program. */
async function edit(page: Page, from: string, to: string): Promise<void> {
  const line = page.locator('.cm-line', { hasText: from }).first()
  const text = (await line.textContent()) ?? ''
  await line.click()
  // To the line's first letter, then over the whole of it.
  await page.keyboard.press('End')
  await page.keyboard.press('Home')
  await page.keyboard.press('Shift+End')
  await page.keyboard.insertText(text.trim().replace(from, to))
}

/** What reaches over the right edge of its card or of the page's head. */
const tooWide = (page: Page): Promise<string[]> =>
  page.locator('.lab .card, .lab-head').evaluateAll((places) =>
    places.flatMap((place) => {
      const edge = place.getBoundingClientRect().right
      return [...place.querySelectorAll('button, select, input, canvas, table')]
        .filter(
          (part) => part.closest('.lab-scroll') === null && part.getBoundingClientRect().right > edge + 1,
        )
        .map((part) => part.outerHTML.slice(0, 80))
    }),
  )

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

  // A can be had back, and this version after it.
  await page.getByRole('button', { name: 'Open A' }).click()
  expect(await page.getByLabel('lanes', { exact: true }).inputValue()).toBe('16')
  await page.getByRole('button', { name: 'Back to transpose registerTile' }).click()
  expect(await page.getByLabel('lanes', { exact: true }).inputValue()).toBe('32')
  await page.getByText(/^Right: /).waitFor()

  await page.getByLabel('Values of lanes').fill('8, 16')
  await page.getByRole('button', { name: 'Sweep 2 combinations' }).click()
  await page.getByText(/^Fastest: lanes = (8|16), /).waitFor()
  // Its values are taken over at a press, and the version with 32 is typed in again.
  await page.getByRole('button', { name: 'Use the fastest' }).click()
  expect(await page.getByLabel('lanes', { exact: true }).inputValue()).toMatch(/^(8|16)$/)
  await page.getByLabel('lanes', { exact: true }).fill('32')
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
  await stranger.getByText('Not run: this kernel came by a link or a file.').waitFor()
  await stranger.getByRole('button', { name: /^Run Ctrl/ }).click()
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
  const runOnFleet = async () => {
    await page.getByRole('button', { name: 'Run on the fleet' }).click()
    await lines.first().waitFor()
    return lines.allInnerTexts()
  }
  const texts = await runOnFleet()
  expect(texts).toHaveLength(2)
  for (const text of texts)
    expect(text).toMatch(
      /as the others\s+[\d.]+ (?:μs|ms|sec)\s+[\d.]+ (?:μs|ms|sec)\s+(?:GPU timestamps|Wall time)\s+0$/,
    )
  await page.getByText('The tabs agree with each other; not compared with your reference').waitFor()
  expect(await axeFaults(page)).toEqual([])

  // On a phone the table says that more of it lies to the right.
  await page.setViewportSize({ width: 360, height: 900 })
  await page.getByText('More columns to the right').waitFor()
  expect(await axeFaults(page)).toEqual([])
  await page.setViewportSize({ width: 1280, height: 900 })

  // The first kernel is wrong here and there: tabs that agree with each other do not agree with its reference.
  await page.getByRole('button', { name: 'New' }).click()
  await page.getByText('Wrong: 40 of 1,000 elements').waitFor()
  await page.getByText('Wrong on this device: see Result.').waitFor()
  for (const text of await runOnFleet()) expect(text).toContain('differs')
  await page.getByText('Compared with your reference.').waitFor()
  await page.getByLabel('Workgroups, x').fill('ceilDiv(n, lanes)')
  await page.getByText('Right: all 1,000 elements').waitFor()
  await page.getByText('Wrong on this device: see Result.').waitFor({ state: 'detached' })
  for (const text of await runOnFleet()) expect(text).toContain('agrees')
  await openTemplate(page, 'transpose/registerTile')
  await page.getByText(/^Right: all [\d,]+ elements/).waitFor()

  await second.fault('bit-flip')
  await page.getByRole('button', { name: 'Run on the fleet' }).click()
  await page.getByText('unlike the others').first().waitFor()
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

it('by keyboard: a reference in TypeScript, faults that lead to their fields, and nothing typed is lost', async () => {
  const page = await (await stage.profile()).newPage()
  await page.goto('/lab')
  await page.getByText('Wrong: 40 of 1,000 elements').waitFor()
  const type = async (name: string, text: string) => {
    await page.getByRole('textbox', { name, exact: true }).focus()
    await page.keyboard.press('Control+a')
    await page.keyboard.type(text)
  }
  await type('Workgroups, x', 'ceilDiv(n, lanes)')
  await page.getByText('Right: all 1,000 elements').waitFor()

  // Types are left out; a mistake is named with its line.
  await type('Element i of y', 'x.map((v: number): number => v * 2 + y[0]!)[i] as number')
  await page.getByText('Wrong: 999 of 1,000 elements').waitFor()
  await type('Element i of y', '2 * (x[i] as number)\n + y[i] y[i]')
  await page.getByText('Line 2 of the expression: Unexpected token').waitFor()
  await type('Element i of y', '2 * x[i]! +\n z[i]')
  await page.getByText('Line 2 of the expression: z is not defined').waitFor()
  await type('Element i of y', '2 * x[i]! + y[i]!')
  await page.getByText('Right: all 1,000 elements').waitFor()

  // A number stays as it is typed, and the last one that is a number stays in use.
  const n = page.getByRole('textbox', { name: 'n', exact: true })
  await type('n', '1e')
  await page.getByText('This is no number. 1 is still in use.').waitFor()
  expect(await n.inputValue()).toBe('1e')
  await page.keyboard.type('3')
  await page.getByText('Right: all 1,000 elements').waitFor()
  expect(await n.inputValue()).toBe('1e3')

  await type('Uniform task.n, u32', 'n / 3')
  await page.getByText('the description has a fault').waitFor()
  await result(page).getByRole('button', { name: 'Uniform task.n, u32' }).press('Enter')
  const field = page.getByRole('textbox', { name: 'Uniform task.n, u32' })
  expect(await field.evaluate((element) => element === document.activeElement)).toBe(true)
  expect(await field.getAttribute('aria-invalid')).toBe('true')
  await page.keyboard.press('Control+a')
  await page.keyboard.type('n')
  await page.getByText('Right: all 1,000 elements').waitFor()

  // Escape, then Tab leaves the editor; Tab alone indents.
  const isInEditor = () => page.locator('.lab-code').evaluate((host) => host === document.activeElement)
  await page.locator('.cm-content').focus()
  await page.keyboard.press('Escape')
  expect(await isInEditor()).toBe(true)
  await page.keyboard.press('Tab')
  expect(await isInEditor()).toBe(false)

  // Another kernel is opened by mistake: undo does not mix the two, and the way back is there.
  const topOf = () =>
    page.locator('.lab-columns').evaluate((columns) => columns.getBoundingClientRect().top + scrollY)
  const top = await topOf()
  await openTemplate(page, 'transpose/registerTile')
  await page.getByRole('button', { name: 'Back to saxpy' }).waitFor()
  expect(await topOf()).toBe(top)
  await page.getByLabel('Shape of x').waitFor()
  await page.locator('.cm-content').focus()
  await page.keyboard.press('Control+z')
  await page.locator('.cm-line', { hasText: 'task.firstRow' }).first().waitFor()
  await page.getByRole('button', { name: 'Back to saxpy' }).press('Enter')
  await page.getByText('Right: all 1,000 elements').waitFor()
  await page.reload()
  await page.getByText('Right: all 1,000 elements').waitFor()
  expect(await page.getByLabel('Element i of y').inputValue()).toBe('2 * x[i]! + y[i]!')

  for (const cut of ['q1YqU7Iy', 'garbage', '']) {
    await page.goto('/network')
    await page.goto(`/lab#lab=${cut}`)
    await page.getByText('This link cannot be read').waitFor()
    await page.getByText('Wrong: 40 of 1,000 elements').waitFor()
  }
})

it('a link runs nothing by itself, and its reference reaches nothing that the relay’s origin keeps', async () => {
  const context = await stage.profile()
  const page = await context.newPage()
  await page.goto('/network')
  await page.evaluate(async () => {
    const root = await navigator.storage.getDirectory()
    await root.getFileHandle('shard', { create: true })
    const opening = indexedDB.open('kept')
    await new Promise((resolve) => {
      opening.onsuccess = resolve
    })
    opening.result.close()
    const heard: unknown[] = []
    new BroadcastChannel('kept').onmessage = ({ data }) => heard.push(data)
    Object.assign(globalThis, { heard })
  })
  const attacks = {
    navigator:
      '(navigator.storage.getDirectory().then((root) => root.removeEntry("shard")), 2 * x[i] + y[i])',
    indexedDB: '(indexedDB.deleteDatabase("kept"), 2 * x[i] + y[i])',
    BroadcastChannel: '(new BroadcastChannel("kept").postMessage("here"), 2 * x[i] + y[i])',
  }
  for (const [name, text] of Object.entries(attacks)) {
    const fragment = await fragmentOf({ ...firstKernel, check: { kind: 'expression', text } })
    const stranger = await context.newPage()
    await stranger.goto(`/lab${fragment}`)
    await stranger.getByText('Not run: this kernel came by a link or a file.').waitFor()
    await stranger.getByLabel('Workgroups, x').fill('ceilDiv(n, lanes)')
    await stranger.getByRole('button', { name: /^Run Ctrl/ }).click()
    await stranger.getByText(`Line 1 of the expression: ${name} is out of its reach.`).waitFor()
    await stranger.getByLabel('Element i of y').fill('2 * x[i] + y[i]')
    await stranger.getByText('Right: all 1,000 elements').waitFor()
    await stranger.close()
  }
  const kept = await page.evaluate(async () => {
    const names: string[] = []
    for await (const name of (await navigator.storage.getDirectory()).keys()) names.push(name)
    const databases = (await indexedDB.databases()).map((database) => database.name)
    return { names, databases, heard: Reflect.get(globalThis, 'heard') }
  })
  expect(kept.names).toContain('shard')
  expect(kept.databases).toContain('kept')
  expect(kept.heard).toEqual([])
})

it('a kernel of several passes says that the fleet cannot take it, and is exported for the lab alone', async () => {
  const page = await (await stage.profile()).newPage()
  await page.goto('/lab')
  await page.getByText('Wrong: 40 of 1,000 elements').waitFor()
  await openTemplate(page, 'attention-decode/alone')
  await page.getByText('it has 4 passes, and a job has one').waitFor()
  expect(await page.getByRole('button', { name: 'Run on the fleet' }).count()).toBe(0)
  const [saved] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Export' }).click(),
  ])
  expect(saved.suggestedFilename()).toBe('attention-decode-alone.lab.json')
  await page.getByText('for the lab alone: a job has one pass').waitFor()

  // The list names no kernel that is not open any more.
  expect(await page.getByLabel('Open a kernel').inputValue()).toBe('attention-decode/alone')
  await page.getByRole('button', { name: 'New' }).click()
  await page.getByText('Wrong: 40 of 1,000 elements').waitFor()
  expect(await page.getByLabel('Open a kernel').inputValue()).toBe('')

  // Of several outputs each stands under its name.
  await openTemplate(page, 'top-k/alone')
  await page.getByText(/^Right: all [\d,]+ elements/).waitFor()
  expect(await result(page).getByRole('heading', { level: 3 }).allTextContents()).toEqual([
    'values',
    'indices',
  ])
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
      for (const label of await tooWide(page)) faults.push(`${name} ${width}: ${label} leaves its place`)
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
  await page.getByLabel('Uniform task.a').fill('1e99')
  await page.getByLabel('Values of lanes').fill('8, x')
  await page.getByRole('textbox', { name: 'Seed' }).fill('-1')
  await page.getByText('the description has a fault').waitFor()
  await look('faults')
  await page.getByLabel('Uniform task.a').fill('2')
  await page.getByLabel('lanes', { exact: true }).fill('512')
  await page.getByText('the gate refuses').waitFor()
  await look('refused')
  await edit(page, 'let i = id.x;', 'let i = idd.x;')
  await page.getByText('the program does not compile').waitFor()
  await look('broken')
  expect(faults).toEqual([])
})
