import { expect, it } from 'vitest'
import { ada, openContribute } from './stage/contributor.ts'
import { isProduct, type MatmulTask } from './stage/matmul.ts'
import { matmulBatch } from './stage/requester.ts'
import { until } from './stage/until.ts'
import { useStage } from './stage/useStage.ts'

const stage = useStage({ models: ['all-minilm-l6-v2'] })

it('two tabs of one address in one browser are two tabs: both hold the model, both work, the account is one', async () => {
  const { ask } = stage
  const context = await stage.profile()
  const tabs = [await openContribute(context), await openContribute(context)]
  await Promise.all(tabs.map((tab) => tab.start(ada)))
  const network = await until('both are there with the model', async () => {
    const now = await ask.network()
    return now.models?.[0]?.tabs === 2 && now
  })
  expect(network.tabs.map(({ address }) => address)).toEqual([ada, ada])
  expect(new Set(network.tabs.map(({ id }) => id)).size).toBe(2)

  const tasks = Array.from({ length: 12 }, (_, i): MatmulTask => {
    return { shape: { m: 256, k: 1024, n: 256 }, seed: 200 + i }
  })
  const job = await ask.done(await ask.submit(matmulBatch(tasks)))
  const products = await ask.products(job)
  expect(products.every((c, i) => isProduct(tasks[i]!, c))).toBe(true)
  const counts = (await ask.network()).tabs.map((tab) => tab.tasks)
  expect(Math.min(...counts)).toBeGreaterThan(0)
  expect(counts.reduce((sum, count) => sum + count)).toBe(tasks.length)
  expect((await ask.account(ada)).tasks.completed).toBe(tasks.length)

  // One of them leaves: the other one is not the same and stays.
  await tabs[0]!.button('Stop').click()
  await until('one is left', async () => (await ask.network()).tabs.length === 1)
  expect(await ask.embed(['The harbour was quiet at dawn.'])).toHaveLength(1)
  await tabs[1]!.shows('idle')
})
