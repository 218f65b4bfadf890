import { describe, expect, it } from 'vitest'
import { microCreditsOf } from '../../protocol/limits.ts'
import type { Tensor } from '../../protocol/tensor.ts'
import { ALICE, BOB, CAROL } from '../placement/fakeTab.ts'
import type { LanguageTab } from '../placement/languageTab.ts'
import { answerOperations } from './answerCost.ts'
import { fakeAnswer } from './fakeLanguage.ts'
import { AnswersFixture } from './fixtureAnswers.ts'

const PROMPT = Array.from({ length: 100 }, (_, i) => (i * 7) % 1000)

const wrongRows = ([hidden, ...others]: Tensor[]): Tensor[] => {
  const bytes = new Uint8Array(hidden!.bytes)
  bytes[0]! ^= 1
  return [{ ...hidden!, bytes }, ...others]
}

function leave(world: AnswersFixture, tab: LanguageTab): void {
  tab.say({ type: 'leaving' })
  tab.cut()
  world.tabs.splice(world.tabs.indexOf(tab), 1)
}

describe('an answer that goes on whole where a tab of its ring was wrong', () => {
  it('[S7] does not go to that address', async () => {
    const world = new AnswersFixture()
    const [, wrong] = [0, 1, 2].map((stage) =>
      world.tab([stage, stage], { address: stage === 1 ? BOB : ALICE }),
    )
    const request = world.request(4, PROMPT)
    const job = await world.ask(request, { readAlong: false })
    world.tabs[0]!.work()
    await world.fixture.settle()
    wrong!.work(wrong!.hand[0], wrongRows)
    await world.fixture.settle()
    const refused = world.tab(undefined, { address: BOB })
    world.tab(undefined, { address: CAROL })
    leave(world, wrong!)
    await world.fixture.settle()
    expect(world.core.ledger.payee(BOB).rejected).toBe(1)
    await world.work()
    expect(world.answersOf(job)[0]).toMatchObject(fakeAnswer(world.model, PROMPT, request.options))
    expect([refused.verdicts, world.fixture.credit(BOB)]).toEqual([[], 0])
    world.fixture.audit()
  })

  it('needs money for one answer only', async () => {
    const world = new AnswersFixture()
    const price = microCreditsOf(answerOperations(world.model.manifest.language, PROMPT.length, 4))
    const made = world.fixture.keys.create('a', price)
    await world.fixture.settle()
    const requester = `key:${(await made).id}`
    const wrong = world.tab([0, 1], { address: BOB })
    world.tab([2, 2], { address: ALICE })
    const job = await world.ask(world.request(4, PROMPT), { readAlong: false, requester })
    wrong.work(wrong.hand[0], wrongRows)
    world.tab(undefined, { address: CAROL })
    leave(world, wrong)
    await world.work()
    expect([job.ended, job.error]).toEqual(['done', null])
    expect([world.fixture.balance(requester), world.core.reserved.size]).toEqual([-price, 0])
    world.fixture.audit()
  })
})

describe('an answer that goes on whole in a tab of an address that ran parts of its ring', () => {
  /** The middle part is found wrong at its first step; then a tab with the whole model is there. */
  async function takenOver(whole: string) {
    const world = new AnswersFixture()
    const [, wrong] = [0, 1, 2].map((stage) =>
      world.tab([stage, stage], { address: stage === 1 ? BOB : ALICE }),
    )
    const request = world.request(8, PROMPT)
    const job = await world.ask(request, { readAlong: false })
    await world.work((tab) => {
      if (tab !== wrong) return undefined
      tab.work(tab.hand[0], wrongRows)
      world.tab(undefined, { address: whole })
      leave(world, tab)
      return 'done'
    })
    expect(world.answersOf(job)[0]).toMatchObject(fakeAnswer(world.model, PROMPT, request.options))
    expect(world.tabs.at(-1)!.verdicts).toHaveLength(1)
    world.fixture.audit()
    const { language } = world.model.manifest
    return { world, price: microCreditsOf(answerOperations(language, PROMPT.length, 8)) }
  }

  it('pays it no row of a stage twice', async () => {
    const { world, price } = await takenOver(ALICE)
    // Each verdict is rounded up by itself.
    expect(world.fixture.credit(ALICE) - price).toBeLessThanOrEqual(3)
    expect(world.fixture.credit(ALICE)).toBeGreaterThan(0.9 * price)
  })

  it('pays another address all that it made', async () => {
    const { world, price } = await takenOver(CAROL)
    expect(world.fixture.credit(CAROL)).toBe(price)
  })
})
