import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { ada, type Contributor, openContribute } from './stage/contributor.ts'
import { isProduct, longMatmul, shortMatmul } from './stage/matmul.ts'
import { matmulBatch } from './stage/requester.ts'
import { countSubmits } from './stage/submitCounter.ts'
import { until } from './stage/until.ts'
import { useStage } from './stage/useStage.ts'

const stage = useStage()

/** A tab that waits for work and counts its GPU submits. */
async function ready(): Promise<Contributor> {
  const context = await stage.profile()
  await countSubmits(context)
  const person = await openContribute(context)
  await person.start(ada)
  await person.shows('idle')
  return person
}

/** Gives the only tab several long tasks, each its own job, and waits until it is in the middle of the first one. */
async function inTheMiddle(person: Contributor, seeds: readonly number[]): Promise<string[]> {
  const ids: string[] = []
  for (const seed of seeds) ids.push(await stage.ask.submit(matmulBatch([longMatmul(seed)])))
  await person.shows('working')
  await until('the GPU works on it', () => lastSubmit(person.page))
  return ids
}

const remove = (id: string) => fetch(`${stage.relay.url}/v1/jobs/${id}`, { method: 'DELETE' })

/** Epoch ms of the newest GPU submit; null before the first. */
const lastSubmit = (page: Page) => page.evaluate(() => Reflect.get(globalThis, 'submits').at(-1) ?? null)

describe('a contributor', () => {
  it('pauses: nothing is taken until Resume is pressed', async () => {
    const { ask } = stage
    const { button, shows, says } = await ready()
    await button('Pause').click()
    await says('Paused by you. Press Resume to go on.')
    await until('the relay knows', async () => (await ask.network()).tabs[0]?.state === 'paused')
    const task = shortMatmul(3)
    const id = await ask.submit(matmulBatch([task]))
    await until('the job waits', async () => (await ask.network()).queue.queued === 1)
    expect((await ask.job(id)).state).toBe('queued')
    await button('Resume').click()
    const [c] = await ask.products(await ask.done(id))
    expect(isProduct(task, c!)).toBe(true)
    await shows('idle')
  })

  it('finishes: what is in hand is done and paid, the rest is left to others', async () => {
    const { ask } = stage
    const before = (await ask.receipts(ada)).length
    const person = await ready()
    const [first, behind, last] = await inTheMiddle(person, [4, 5, 6])
    await person.button('Finish').click()
    await person.says('Finishing: the task in hand ends')
    const [c] = await ask.products(await ask.done(first!))
    expect(isProduct(longMatmul(4), c!)).toBe(true)
    await person.says('Stopped. Nothing runs any more.')
    await until('the tab has left', async () => (await ask.network()).tabs.length === 0)
    // One task may have been prepared behind the one that ran; no more than that.
    const states = [(await ask.job(behind!)).state, (await ask.job(last!)).state]
    expect(['done', 'queued']).toContain(states[0])
    expect(states[1]).toBe('queued')
    expect((await ask.receipts(ada)).length - before).toBe(states[0] === 'done' ? 2 : 1)
    for (const id of [behind!, last!]) await remove(id)
  })

  for (const how of ['the button', 'Escape'] as const) {
    it(`stops by ${how}: no GPU submit after 250 ms, every lease handed back within 1 s`, async () => {
      const { ask } = stage
      const person = await ready()
      const { page } = person
      await page.evaluate(() => {
        const press = ({ timeStamp }: Event) => {
          Reflect.set(globalThis, 'pressedAt', performance.timeOrigin + timeStamp)
        }
        addEventListener('pointerdown', press, true)
        addEventListener('keydown', press, true)
      })
      const ids = await inTheMiddle(person, [6, 7, 8])
      expect((await ask.network()).queue.leased).toBeGreaterThan(0)
      const returned = until('the leases are back', async () => {
        const { queue } = await ask.network()
        return queue.leased === 0 && queue.queued === ids.length && Date.now()
      })
      await (how === 'Escape' ? page.keyboard.press('Escape') : person.button('Stop').click())
      await person.says('Stopped. Nothing runs any more.')
      const returnedAt = await returned
      await until(
        'the compute worker is gone',
        () => !page.workers().some((worker) => worker.url().includes('/compute/')),
      )
      const pressedAt: number = await page.evaluate(() => Reflect.get(globalThis, 'pressedAt'))
      expect((await lastSubmit(page)) - pressedAt).toBeLessThan(250)
      expect(returnedAt - pressedAt).toBeLessThan(1000)
      for (const id of ids) {
        expect((await ask.job(id)).state).toBe('queued')
        await remove(id)
      }
    })
  }
})
