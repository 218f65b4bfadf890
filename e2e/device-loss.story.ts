import { expect, it } from 'vitest'
import { ada, ben, openContribute } from './stage/contributor.ts'
import { isProduct, shortMatmul } from './stage/matmul.ts'
import { matmulBatch } from './stage/requester.ts'
import { until } from './stage/until.ts'
import { useStage } from './stage/useStage.ts'
import { beforeWorker } from './stage/workerScripts.ts'

const stage = useStage()

it('a lost device hands the task back and says so; the worker is rebuilt after a pause, and a second loss ends the session', async () => {
  const { ask } = stage
  const context = await stage.profile()
  // The pause of 40 s passes in one.
  await beforeWorker(context, 'link', () => {
    const { setTimeout } = globalThis
    const faster = (run: () => void, ms?: number) => setTimeout(run, ms === 40_000 ? 1_000 : ms)
    Object.assign(globalThis, { setTimeout: faster })
  })
  const unlucky = await openContribute(context)
  await unlucky.start(ada)
  await unlucky.shows('idle')
  await unlucky.fault('lose-device')
  const first = await ask.submit(matmulBatch([shortMatmul(21)]))
  await unlucky.says(/the graphics driver was lost once/)
  expect((await ask.network()).tabs).toMatchObject([{ address: ada, state: 'paused' }])
  expect(await unlucky.page.locator('.tasks li').first().textContent()).toContain('handed back')

  // Rebuilt, and it works again.
  const [c] = await ask.products(await ask.done(first))
  expect(isProduct(shortMatmul(21), c!)).toBe(true)
  await unlucky.shows('idle')

  await unlucky.fault('lose-device')
  const second = await ask.submit(matmulBatch([shortMatmul(22)]))
  await unlucky.says('Stopped. The graphics driver was lost again.')
  await until('the tab has left', async () => (await ask.network()).tabs.length === 0)
  expect((await ask.job(second)).state).toBe('queued')

  const other = await openContribute(await stage.profile())
  await other.start(ben)
  const [d] = await ask.products(await ask.done(second))
  expect(isProduct(shortMatmul(22), d!)).toBe(true)
  expect((await ask.account(ada)).tasks).toEqual({ completed: 1, rejected: 0 })
  expect((await ask.account(ben)).tasks).toEqual({ completed: 1, rejected: 0 })
})
