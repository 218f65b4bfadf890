import { expect, it } from 'vitest'
import { ada, openContribute } from './stage/contributor.ts'
import { isProduct, longMatmul, shortMatmul } from './stage/matmul.ts'
import { matmulBatch } from './stage/requester.ts'
import { until } from './stage/until.ts'
import { useStage } from './stage/useStage.ts'

const stage = useStage()

it('a tab without a network says so, comes back by itself, and does what was asked meanwhile', async () => {
  const { ask } = stage
  const context = await stage.profile()
  const { start, shows, says } = await openContribute(context)
  await start(ada)
  await shows('idle')

  await context.setOffline(true)
  await says('Not connected: this device is offline. The tab comes back by itself when the network does.')
  await until('the relay misses it', async () => (await ask.network()).tabs.length === 0)
  const task = shortMatmul(31)
  const id = await ask.submit(matmulBatch([task]))
  expect((await ask.job(id)).state).toBe('queued')

  await context.setOffline(false)
  const [c] = await ask.products(await ask.done(id))
  expect(isProduct(task, c!)).toBe(true)
  await shows('idle')
  expect((await ask.network()).tabs).toMatchObject([{ address: ada }])
})

it('a blip of the network in mid-task costs nothing: the answer comes and is counted once', async () => {
  const { ask } = stage
  const before = await ask.account(ada)
  const context = await stage.profile()
  const { start, shows, says } = await openContribute(context)
  await start(ada)
  await shows('idle')
  const task = longMatmul(32)
  const id = await ask.submit(matmulBatch([task]))
  await shows('working')
  await context.setOffline(true)
  await says('Not connected: this device is offline.')
  await context.setOffline(false)
  const job = await ask.done(id)
  const [c] = await ask.products(job)
  expect(isProduct(task, c!)).toBe(true)
  expect(job.receipts).toHaveLength(1)
  const after = await ask.account(ada)
  expect(after.tasks).toEqual({ completed: before.tasks.completed + 1, rejected: 0 })
})
