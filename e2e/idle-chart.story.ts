import { expect, it } from 'vitest'
import { ada, openContribute } from './stage/contributor.ts'
import { shortMatmul } from './stage/matmul.ts'
import { matmulBatch } from './stage/requester.ts'
import { useStage } from './stage/useStage.ts'

const stage = useStage()

it('the chart of an idle tab says that nothing has run yet, and has no axis of nothing; work draws it', async () => {
  const { page, start, shows } = await openContribute(await stage.profile())
  await start(ada)
  await shows('idle')
  // The first sample is in, and it is zero.
  await page.locator('.table-behind tbody tr').first().waitFor({ state: 'attached' })
  await page.locator('.chart-box', { hasText: 'Nothing has run yet.' }).waitFor()
  expect(await page.locator('.chart-box canvas').count()).toBe(0)
  await stage.ask.done(await stage.ask.submit(matmulBatch([shortMatmul(81)])))
  await page.locator('.chart-box canvas').waitFor()
})
