import { describe, expect, it } from 'vitest'
import type { Fault } from '../worker/link/linkApi.ts'
import { ada, ben, eve, openContribute } from './stage/contributor.ts'
import { isProduct, type MatmulTask } from './stage/matmul.ts'
import { matmulBatch } from './stage/requester.ts'
import { until } from './stage/until.ts'
import { useStage } from './stage/useStage.ts'

const stage = useStage({ models: ['all-minilm-l6-v2'] })

const payees: Record<string, string> = {
  zeros: '0x27b1fdb04752bbc536007a920d24acb045561c26',
  noise: '0x3599689e6292b81b2d85451025146515070129bb',
  'bit-flip': '0x42712d45473476b98452f434e72461577d686318',
  stale: eve,
}
const task = (seed: number): MatmulTask => ({ shape: { m: 64, k: 512, n: 64 }, seed })

describe('a tab that returns wrong numbers', () => {
  for (const [index, fault] of (['zeros', 'noise', 'bit-flip', 'stale'] satisfies Fault[]).entries()) {
    it(`(${fault}) is rejected, told why and earns nothing; the requester gets the right product from another tab`, async () => {
      const { ask } = stage
      const payee = payees[fault]!
      const liar = await openContribute(await stage.profile())
      await liar.start(payee)
      await until('the liar is there', async () => (await ask.network()).tabs.length === 1)
      // Only a tab that has a result can send it a second time.
      const honestly = fault === 'stale' ? 1 : 0
      if (fault === 'stale') await ask.done(await ask.submit(matmulBatch([task(40)])))
      await liar.fault(fault)
      const wrong = task(41 + index)
      const id = await ask.submit(matmulBatch([wrong]))
      await until('the result was rejected', async () => (await ask.account(payee)).tasks.rejected === 1)
      expect((await ask.job(id)).state).not.toBe('done')

      const honest = await openContribute(await stage.profile())
      await honest.start(ada)
      const job = await ask.done(id)
      const [c] = await ask.products(job)
      expect(isProduct(wrong, c!)).toBe(true)

      expect((await ask.receipts(ada)).map((receipt) => receipt.id)).toContain(job.receipts[0])
      const row = liar.page.locator('.tasks li[data-verdict="rejected"]')
      await row.filter({ hasText: 'Rejected: ' }).waitFor()
      const receipts = await ask.receipts(payee)
      expect(receipts[0]).toMatchObject({ verdict: 'rejected', microCredits: '0' })
      const { credits, tasks } = await ask.account(payee)
      expect(tasks).toEqual({ completed: honestly, rejected: 1 })
      const earned = receipts.slice(1).reduce((sum, { microCredits }) => sum + Number(microCredits), 0)
      expect(Number(credits.pending) + Number(credits.settled)).toBe(earned)
      expect(receipts.slice(1)).toHaveLength(honestly)
    })
  }

  it('(zeros) of a model is found by recomputation, and the requester gets the right embedding', async () => {
    const { ask } = stage
    const liar = await openContribute(await stage.profile())
    await liar.start(ben)
    const holders = (n: number) => async () => (await ask.network()).models?.[0]?.tabs === n
    await until('the liar holds the model', holders(1))
    await liar.fault('zeros')
    const honest = await openContribute(await stage.profile())
    await honest.start(ada)
    await until('both hold the model', holders(2))
    const texts = ['The harbour was quiet at dawn.', 'At sunrise nothing moved in the port.']
    // Both tabs are idle: until the liar is given a task, the other one may be.
    const cosine = await until('the liar was asked', async () => {
      const [a, b] = await ask.embed(texts)
      const { rejected } = (await ask.account(ben)).tasks
      const similar = a!.reduce((sum, value, i) => sum + value * b![i]!, 0)
      expect(similar).toBeGreaterThan(0.5)
      return rejected > 0 && similar
    })
    expect(cosine).toBeLessThan(1)
    const { credits } = await ask.account(ben)
    expect([credits.pending, credits.settled]).toEqual(['0', '0'])
  })
})
