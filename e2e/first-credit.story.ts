import { expect, it } from 'vitest'
import { ada, openContribute } from './stage/contributor.ts'
import { until } from './stage/until.ts'
import { useStage } from './stage/useStage.ts'

const stage = useStage({ models: ['all-minilm-l6-v2'] })

/** From Start to the first verified credit, model stored, ms. */
const MAX_FIRST_CREDIT_MS = 15_000

it('a second visit fetches no model again, and its first credit is verified within 15 s of Start', async () => {
  const { ask } = stage
  const context = await stage.profile()
  const blobs: string[] = []
  context.on('request', (request) => {
    if (request.url().includes('/blobs/')) blobs.push(request.url())
  })
  const { page, start, button, shows } = await openContribute(context)
  await start(ada)
  await until('the model is there', async () => (await ask.network()).models?.[0]?.ready)
  expect(new Set(blobs).size).toBe(blobs.length)
  expect(blobs.length).toBeGreaterThan(0)
  await button('Stop').click()
  await shows('stopped')

  blobs.length = 0
  await page.reload()
  // The address was remembered; someone is waiting already.
  expect(await page.getByLabel('Wallet address').inputValue()).toBe(ada)
  const body = { model: 'all-minilm-l6-v2', input: ['The harbour was quiet at dawn.'] }
  const id = await ask.submit({ kind: 'embeddings', body })
  const startedAt = performance.now()
  await button('Start').click()
  await until('the first task is verified', async () => (await ask.account(ada)).tasks.completed === 1)
  expect(performance.now() - startedAt).toBeLessThan(MAX_FIRST_CREDIT_MS)
  expect((await ask.done(id)).receipts).toHaveLength(1)
  expect((await ask.receipts(ada))[0]?.verdict).toBe('recomputed')
  expect(blobs).toEqual([])
})
