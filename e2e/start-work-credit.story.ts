import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { ada, openContribute } from './stage/contributor.ts'
import { microCreditsShown } from './stage/figures.ts'
import { isProduct, shortMatmul } from './stage/matmul.ts'
import { matmulBatch } from './stage/requester.ts'
import { until } from './stage/until.ts'
import { useStage } from './stage/useStage.ts'

const stage = useStage({ models: ['pp-ocrv4', 'all-minilm-l6-v2'] })

const picture = (name: string) => new URL(`pictures/${name}`, import.meta.url)
const cosine = (a: number[], b: number[]): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0)

it('earns credits from Start on: reads a page, embeds sentences, multiplies, and every receipt can be verified', async () => {
  const { ask } = stage
  const { page, start, shows } = await openContribute(await stage.profile())
  await start(ada)
  await until('the tab can run both models', async () => {
    const { models = [] } = await ask.network()
    return models.length === 2 && models.every(({ ready }) => ready)
  })
  await shows('idle')

  const written = (await readFile(picture('page.txt'), 'utf8')).trim().split('\n')
  const read = await ask.read(new Uint8Array(await readFile(picture('page.jpg'))))
  expect(read.lines).toEqual(written)

  const [dawn, sunrise, rates] = await ask.embed([
    'The harbour was quiet at dawn.',
    'At sunrise nothing moved in the port.',
    'Interest rates rose by half a point.',
  ])
  expect(cosine(dawn!, dawn!)).toBeCloseTo(1, 5)
  expect(cosine(dawn!, sunrise!)).toBeGreaterThan(0.5)
  expect(cosine(dawn!, rates!)).toBeLessThan(0.3)

  const tasks = [shortMatmul(1), shortMatmul(2)]
  const job = await ask.done(await ask.submit(matmulBatch(tasks)))
  const products = await ask.products(job)
  expect(products.map((c, i) => isProduct(tasks[i]!, c))).toEqual([true, true])

  // Everything that was asked for was done by this tab: the ledger, the receipts and the page say the same.
  const account = await until('every credit is settled', async () => {
    const now = await ask.account(ada)
    return now.credits.pending === '0' && now.credits.settled !== '0' && now
  })
  const receipts = await ask.receipts(ada)
  const ids = receipts.map(({ id }) => id)
  expect(ids).toEqual(expect.arrayContaining([...read.receipts, ...job.receipts]))
  const earned = receipts.reduce((sum, { microCredits }) => sum + Number(microCredits), 0)
  expect(Number(account.credits.settled)).toBe(earned)
  expect(account.tasks).toEqual({ completed: receipts.length, rejected: 0 })
  expect((await ask.network()).totals).toMatchObject({
    tasks: receipts.length,
    microCredits: String(earned),
  })
  await until('the page shows the credits', async () => {
    const [pending, settled] = [
      await microCreditsShown(page, 'Pending'),
      await microCreditsShown(page, 'Settled'),
    ]
    return pending === 0 && settled === earned
  })

  // From the newest task to its receipt, and the proof is checked on the spot.
  await page
    .locator('.tasks li', { hasText: 'matmul-i8' })
    .first()
    .getByRole('link', { name: /Receipt/ })
    .click()
  await page.getByRole('button', { name: 'Verify in this browser' }).click()
  await page.getByText('Valid. This receipt stands in the signed log.').waitFor()
  const steps = page.locator('.steps li')
  expect(await steps.count()).toBeGreaterThanOrEqual(8)
  expect(await page.locator('.steps li[data-ok="false"]').count()).toBe(0)
  expect(await microCreditsShown(page, 'Settled')).toBe(earned)
  await page.getByText(`${receipts.length} shown of ${receipts.length} loaded`).waitFor()
})
