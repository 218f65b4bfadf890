import { expect, it } from 'vitest'
import { ada, openContribute } from './stage/contributor.ts'
import { isProduct, type MatmulTask } from './stage/matmul.ts'
import { matmulBatch } from './stage/requester.ts'
import { until } from './stage/until.ts'
import { useStage } from './stage/useStage.ts'

const stage = useStage()

for (const [how, sentence] of [
  ['is killed', /^Not connected: (the connection broke|trying again)/],
  ['is told to end', /^Not connected: (the relay is restarting|trying again)/],
] as const) {
  it(`a relay that ${how} in the middle of a job and starts again loses nothing and counts nothing twice; the tab comes back by itself`, async () => {
    const { ask, relay } = stage
    const before = await ask.account(ada)
    const person = await openContribute(await stage.profile())
    await person.start(ada)
    await person.shows('idle')
    const tasks = Array.from({ length: 6 }, (_, i): MatmulTask => {
      return { shape: { m: 512, k: 2048, n: 512 }, seed: 100 + i }
    })
    const id = await ask.submit(matmulBatch(tasks))
    const early = await until('the job is half done', async () => {
      const { receipts } = await ask.job(id)
      return receipts.length >= 2 && receipts
    })

    if (how === 'is killed') await relay.kill()
    else expect(await relay.terminate()).toBe(0)
    await person.says(sentence)
    await relay.restart()

    const job = await ask.done(id)
    expect(job.receipts).toEqual(expect.arrayContaining(early))
    const products = await ask.products(job)
    expect(products.map((c, i) => isProduct(tasks[i]!, c))).toEqual(tasks.map(() => true))
    expect(new Set(job.receipts).size).toBe(tasks.length)
    const receipts = await ask.receipts(ada)
    const ofThisJob = receipts.filter((receipt) => job.receipts.includes(receipt.id))
    expect(new Set(ofThisJob.map(({ task }) => task)).size).toBe(tasks.length)
    const after = await ask.account(ada)
    expect(after.tasks).toEqual({ completed: before.tasks.completed + tasks.length, rejected: 0 })
    expect(receipts).toHaveLength(after.tasks.completed)
    const earned = receipts.reduce((sum, { microCredits }) => sum + Number(microCredits), 0)
    expect(Number(after.credits.pending) + Number(after.credits.settled)).toBe(earned)
    await person.shows('idle')
  })
}
