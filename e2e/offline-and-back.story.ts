import { expect, it } from 'vitest'
import { ada, openContribute } from './stage/contributor.ts'
import { isProduct, shortMatmul } from './stage/matmul.ts'
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
