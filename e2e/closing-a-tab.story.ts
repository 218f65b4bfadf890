import { expect, it } from 'vitest'
import { ada, ben, openContribute } from './stage/contributor.ts'
import { isProduct, longMatmul } from './stage/matmul.ts'
import { matmulBatch } from './stage/requester.ts'
import { until } from './stage/until.ts'
import { useStage } from './stage/useStage.ts'

const stage = useStage()

for (const [how, seed] of [
  ['is closed', 11],
  ['crashes', 12],
] as const) {
  it(`a tab that ${how} in mid-task earns nothing; another one takes the task and the requester gets the right answer`, async () => {
    const { ask } = stage
    const before = { ada: await ask.account(ada), ben: await ask.account(ben) }
    const first = await openContribute(await stage.profile())
    await first.start(ada)
    await first.shows('idle')
    const task = longMatmul(seed)
    const id = await ask.submit(matmulBatch([task]))
    await first.shows('working')
    const second = await openContribute(await stage.profile())
    await second.start(ben)
    await until('the second tab is there', async () => (await ask.network()).tabs.length === 2)
    const held = (await ask.network()).tabs.find(({ state }) => state === 'working')
    expect(held?.address).toBe(ada)

    if (how === 'is closed') await first.page.close()
    else {
      const session = await first.page.context().newCDPSession(first.page)
      // The answer never comes: the page that would give it is gone.
      session.send('Page.crash').catch(() => {})
    }

    await until('the second tab works on it', async () => {
      const { tabs } = await ask.network()
      return tabs.length === 1 && tabs[0]!.address === ben && tabs[0]!.state === 'working'
    })
    const job = await ask.done(id)
    const [c] = await ask.products(job)
    expect(isProduct(task, c!)).toBe(true)
    expect(job.receipts).toHaveLength(1)
    expect((await ask.receipts(ben)).map((receipt) => receipt.id)).toContain(job.receipts[0])
    const after = { ada: await ask.account(ada), ben: await ask.account(ben) }
    expect(after.ada).toEqual(before.ada)
    expect(after.ben.tasks.completed).toBe(before.ben.tasks.completed + 1)
  })
}
