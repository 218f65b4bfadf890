import { beforeAll, describe, expect, it } from 'vitest'
import type { Fault } from '../worker/link/linkApi.ts'
import { ada, ben, type Contributor, eve, openContribute } from './stage/contributor.ts'
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

let honest: Contributor

beforeAll(async () => {
  honest = await openContribute(await stage.profile())
  await honest.start(ada)
  await honest.shows('idle')
})

/** A tab of `payee` that is the only one to be given work. */
async function openLiar(payee: string): Promise<Contributor> {
  await honest.button('Pause').click()
  const liar = await openContribute(await stage.profile())
  await liar.start(payee)
  await until('the liar is there and the other one pauses', async () => {
    const { tabs } = await stage.ask.network()
    return tabs.length === 2 && tabs.some(({ state }) => state === 'paused')
  })
  return liar
}

describe('a tab that returns wrong numbers', () => {
  for (const [index, fault] of (['zeros', 'noise', 'bit-flip', 'stale'] satisfies Fault[]).entries()) {
    it(`(${fault}) is rejected, told why and earns nothing; the requester gets the right product from another tab`, async () => {
      const { ask } = stage
      const payee = payees[fault]!
      const liar = await openLiar(payee)
      // Only a tab that has a result can send it a second time.
      const honestly = fault === 'stale' ? 1 : 0
      if (fault === 'stale') await ask.done(await ask.submit(matmulBatch([task(40)])))
      await liar.fault(fault)
      const wrong = task(41 + index)
      const id = await ask.submit(matmulBatch([wrong]))
      await until('the result was rejected', async () => (await ask.account(payee)).tasks.rejected === 1)
      expect((await ask.job(id)).state).toBe('queued')

      await honest.button('Resume').click()
      const job = await ask.done(id)
      const [c] = await ask.products(job)
      expect(isProduct(wrong, c!)).toBe(true)
      expect((await ask.receipts(ada)).map((receipt) => receipt.id)).toContain(job.receipts[0])

      await liar.page.locator('.tasks li[data-verdict="rejected"]', { hasText: 'Rejected: ' }).waitFor()
      const [newest, ...others] = await ask.receipts(payee)
      expect(newest).toMatchObject({ verdict: 'rejected', microCredits: '0' })
      expect(others).toHaveLength(honestly)
      const { credits, tasks } = await ask.account(payee)
      expect(tasks).toEqual({ completed: honestly, rejected: 1 })
      const earned = others.reduce((sum, { microCredits }) => sum + Number(microCredits), 0)
      expect(Number(credits.pending) + Number(credits.settled)).toBe(earned)
    })
  }

  it('(zeros) of a model is found by recomputation, and the requester gets the right embedding', async () => {
    const { ask } = stage
    const liar = await openLiar(ben)
    await until('both hold the model', async () => (await ask.network()).models?.[0]?.tabs === 2)
    await liar.fault('zeros')
    const texts = ['The harbour was quiet at dawn.', 'At sunrise nothing moved in the port.']
    const asked = ask.embed(texts)
    await until('the result was rejected', async () => (await ask.account(ben)).tasks.rejected === 1)
    await honest.button('Resume').click()
    const [dawn, sunrise] = await asked
    const cosine = dawn!.reduce((sum, value, i) => sum + value * sunrise![i]!, 0)
    expect(cosine).toBeGreaterThan(0.5)
    expect(cosine).toBeLessThan(1)
    const { credits } = await ask.account(ben)
    expect([credits.pending, credits.settled]).toEqual(['0', '0'])
  })
})
