import { describe, expect, it } from 'vitest'
import { ANSWERS_JOB_SPAN, microCreditsOf } from '../../protocol/limits.ts'
import { endJob } from '../jobs/endJob.ts'
import { ALICE, BOB, CAROL } from '../placement/fakeTab.ts'
import { LanguageTab } from '../placement/languageTab.ts'
import { answerOperations } from './answerCost.ts'
import { fakeAnswer } from './fakeLanguage.ts'
import { AnswersFixture } from './fixtureAnswers.ts'

const PROMPT = Array.from({ length: 70 }, (_, i) => i)

/** The world after the relay was killed and started again; its tabs have to come anew. */
async function restarted(world: AnswersFixture): Promise<AnswersFixture> {
  const next = new AnswersFixture()
  const fixture = await world.fixture.restart()
  fixture.checker.language = next.model
  Object.assign(next, { fixture })
  return next
}

function leave(world: AnswersFixture, tab: LanguageTab): void {
  tab.hand = []
  tab.say({ type: 'leaving' })
  tab.cut()
  world.tabs.splice(world.tabs.indexOf(tab), 1)
}

describe('a restart in the middle of an answer', () => {
  it.each([
    ['in one tab', [[0, 2]]],
    [
      'over a ring',
      [
        [0, 0],
        [1, 1],
        [2, 2],
      ],
    ],
  ] as [string, [number, number][]][])(
    '%s ends it for a requester who waits, and costs nothing',
    async (_, runs) => {
      const before = new AnswersFixture()
      for (const run of runs) before.tab(run)
      const job = await before.ask(before.request(9, PROMPT))
      let steps = 0
      await before.work((tab) => {
        if (tab.hand[0]!.spec.kind === 'generate') tab.stream()
        return tab.hand[0]!.spec.kind === 'generate' || ++steps > 20 ? 'leave' : undefined
      })
      expect(before.heardIds().length).toBeGreaterThan(0)
      const after = await restarted(before)
      expect(after.fixture.store.job(job.seq)).toMatchObject({ state: 'cancelled' })
      expect([after.fixture.balance('local'), after.core.jobs.size]).toEqual([0, 0])
      after.fixture.audit()
    },
  )

  it('a background job’s answer in one tab is made again', async () => {
    const before = new AnswersFixture()
    const tab = before.tab()
    const request = before.request(6, PROMPT)
    const job = await before.ask(request, { mode: 'background', readAlong: false })
    tab.stream()
    const after = await restarted(before)
    after.tab()
    await after.work()
    const stored = after.fixture.store.job(job.seq)!
    expect(stored.state).toBe('done')
    expect(JSON.parse((stored as { answer: string }).answer).answers).toMatchObject([
      fakeAnswer(after.model, PROMPT, request.options),
    ])
    after.fixture.audit()
  })

  it('what was verified is not made again', async () => {
    const before = new AnswersFixture()
    const tab = before.tab()
    const requests = [before.request(6, PROMPT, { topLogprobs: 1 }), before.request(6)]
    const job = await before.ask(requests, { mode: 'background', readAlong: false })
    tab.work(tab.hand[0])
    await before.fixture.settle()
    const spent = before.fixture.balance('local')
    expect(spent).toBeLessThan(0)
    const after = await restarted(before)
    const again = after.tab()
    await after.fixture.settle()
    expect(again.hand).toHaveLength(1)
    await after.work()
    expect(JSON.parse((after.fixture.store.job(job.seq) as { answer: string }).answer).answers).toMatchObject(
      requests.map(({ prompt, options }) => fakeAnswer(after.model, prompt, options)),
    )
    after.fixture.audit()
  })

  it('[S5] a background job’s answer over a ring is made again, and paid by the requester once', async () => {
    const before = new AnswersFixture()
    for (const [stage, address] of [ALICE, BOB, CAROL].entries()) before.tab([stage, stage], { address })
    const request = before.request(400, PROMPT)
    const job = await before.ask(request, { mode: 'background', readAlong: false })
    // What is in hand of a part is paid after every 256 steps of it.
    let steps = 0
    await before.work(() => (++steps > 3 * 260 ? 'leave' : undefined))
    const spent = -before.fixture.balance('local')
    const earned = [ALICE, BOB, CAROL].map((address) => before.fixture.credit(address))
    expect(spent).toBeGreaterThan(0)
    const after = await restarted(before)
    for (const [stage, address] of [ALICE, BOB, CAROL].entries()) after.tab([stage, stage], { address })
    await after.work()
    expect(after.fixture.store.job(job.seq)).toMatchObject({ state: 'done' })
    const undisturbed = new AnswersFixture()
    for (const stage of [0, 1, 2]) undisturbed.tab([stage, stage])
    await undisturbed.ask(request)
    await undisturbed.work()
    // A step may be dearer than what is left of what was spent before.
    expect(-after.fixture.balance('local')).toBeLessThan(-undisturbed.fixture.balance('local') * 1.01)
    expect(after.fixture.balance('operator')).toBeLessThan(0)
    for (const [i, address] of [ALICE, BOB, CAROL].entries())
      expect(after.fixture.credit(address)).toBeGreaterThan(earned[i]!)
    expect(after.fixture.commitFailures).toEqual([])
    after.fixture.audit()
  })

  it.each([
    [
      'a ring',
      [
        [0, 0],
        [1, 1],
        [2, 2],
      ],
    ],
    ['one tab', [[0, 2]]],
  ] as [string, [number, number][]][])(
    '[S5] beside an answer that is done the rows of a ring are paid by the requester once, also when %s makes them again',
    async (_, runs) => {
      const before = new AnswersFixture()
      const whole = before.tab()
      const requests = [before.request(2, PROMPT), before.request(8, PROMPT)]
      const job = await before.ask(requests, { mode: 'background', readAlong: false })
      whole.work()
      await before.fixture.settle()
      expect(job.verified).toHaveLength(1)
      whole.hand = []
      whole.say({ type: 'leaving' })
      whole.cut()
      before.tabs.length = 0
      const done = -before.fixture.balance('local')
      for (const stage of [0, 1, 2]) before.tab([stage, stage])
      let steps = 0
      await before.work(() => (++steps > 15 ? 'leave' : undefined))
      // What it returned is paid when its part is over.
      before.tabs[0]!.say({ type: 'leaving' })
      before.tabs[0]!.cut()
      await before.fixture.settle()
      expect(-before.fixture.balance('local')).toBeGreaterThan(done)
      const after = await restarted(before)
      for (const run of runs) after.tab(run)
      await after.work()
      expect(after.fixture.store.job(job.seq)).toMatchObject({ state: 'done' })
      const once = requests.map(({ prompt, options }) =>
        microCreditsOf(answerOperations(after.model.manifest.language, prompt.length, options.maxTokens)),
      )
      expect(-after.fixture.balance('local')).toBeLessThan((once[0]! + once[1]!) * 1.1)
      after.fixture.audit()
    },
  )

  it('[S5] costs the requester nothing more where tabs are lost after it, with a step of a ring in hand', async () => {
    const costs: number[] = []
    for (const lost of [0, 1, 2]) {
      const before = new AnswersFixture()
      const ring = [0, 1, 2].map((stage) => before.tab([stage, stage]))
      await before.ask(before.request(6, PROMPT), { mode: 'background', readAlong: false })
      for (const tab of ring) {
        if (tab.hand.length > 0) tab.work()
        await before.fixture.settle()
      }
      // What a part returned is paid when it is over.
      for (const tab of ring) leave(before, tab)
      await before.fixture.settle()
      expect(before.fixture.balance('local')).toBeLessThan(0)
      const after = await restarted(before)
      for (const stage of [0, 1, 2]) after.tab([stage, stage])
      for (let n = 0; n < lost; n++) {
        await after.fixture.settle()
        leave(after, after.tabs.find(({ hand }) => hand.length > 0)!)
        await after.fixture.settle()
        after.tab([0, 0])
      }
      await after.work()
      expect(after.core.jobs.size).toBe(0)
      costs.push(-after.fixture.balance('local'))
      after.fixture.audit()
    }
    // Each price is rounded down.
    expect(Math.max(...costs) - Math.min(...costs)).toBeLessThan(20)
  })

  it('gives no number again that a task of the last job may have', async () => {
    const before = new AnswersFixture()
    for (const stage of [0, 1, 2]) before.tab([stage, stage])
    const job = await before.ask(before.request(3), { mode: 'background' })
    await before.work((tab) => (tab.runner.rows > 3 ? 'leave' : undefined))
    const next = await before.fixture.submit()
    expect(next.seq).toBe(job.seq + ANSWERS_JOB_SPAN)
    endJob(before.core, next, 'cancelled', {})
    const after = await restarted(before)
    for (const stage of [0, 1, 2]) after.tab([stage, stage])
    const later = await after.fixture.submit()
    expect(later.seq).toBeGreaterThanOrEqual(next.seq + 1)
    await after.work()
    expect(after.fixture.store.job(job.seq)).toMatchObject({ state: 'done' })
    expect(after.fixture.store.verifiedOf(job.seq)).toHaveLength(3)
    expect(after.fixture.commitFailures).toEqual([])
  })
})

it('also when it was the last one', async () => {
  const before = new AnswersFixture()
  const job = await before.ask(before.request(3), { mode: 'background' })
  const after = await restarted(before)
  expect((await after.fixture.submit()).seq).toBeGreaterThanOrEqual(job.seq + ANSWERS_JOB_SPAN)
})

describe('attempts', () => {
  it('[L7] that were used up before a restart end the answer after it', async () => {
    const before = new AnswersFixture()
    const job = await before.ask(before.request(3), { mode: 'background', readAlong: false })
    for (let i = 0; i < 2; i++) {
      const tab = new LanguageTab(before.core, before.model)
      await before.fixture.settle()
      tab.fail()
      tab.say({ type: 'leaving' })
      tab.cut()
      await before.fixture.settle()
    }
    const after = await restarted(before)
    const tab = after.tab()
    await after.fixture.settle()
    tab.fail()
    await after.fixture.settle()
    expect(after.fixture.store.job(job.seq)).toMatchObject({ state: 'failed' })
  })
})
