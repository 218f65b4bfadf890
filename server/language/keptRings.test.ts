import { describe, expect, it } from 'vitest'
import { languageOperations } from '../../protocol/language.ts'
import { microCreditsOf } from '../../protocol/limits.ts'
import type { StageTask } from '../../protocol/task.ts'
import { endJob } from '../jobs/endJob.ts'
import { ALICE, BOB, CAROL } from '../placement/fakeTab.ts'
import type { LanguageTab } from '../placement/languageTab.ts'
import { fakeAnswer } from './fakeLanguage.ts'
import { AnswersFixture } from './fixtureAnswers.ts'
import { KEPT_MS } from './keptRings.ts'

const PROMPT = Array.from({ length: 150 }, (_, i) => (i * 7) % 1000)

/** A ring of three tabs that has made an answer, and how a follow-up begins. */
async function answered(options: ConstructorParameters<typeof AnswersFixture>[1] = {}) {
  const world = new AnswersFixture({}, options)
  const tabs = [0, 1, 2].map((stage) => world.tab([stage, stage], { address: [ALICE, BOB, CAROL][stage]! }))
  const job = await world.ask(world.request(6, PROMPT), { readAlong: false })
  await world.work()
  const [first] = world.answersOf(job)
  const followUp = [...PROMPT, ...first!.ids, 5, 6, 7]
  return { world, tabs, followUp }
}

/** Asks, and says where each tab's first step began. */
async function ask(
  world: AnswersFixture,
  prompt: readonly number[],
  { requester = 'local', before = () => undefined as 'done' | undefined } = {},
) {
  const request = world.request(4, prompt)
  const job = await world.ask(request, { requester, readAlong: false })
  const firsts = new Map<LanguageTab, number>()
  await world.work((tab) => {
    if (!firsts.has(tab)) firsts.set(tab, (tab.hand[0]!.spec as StageTask).position)
    return before()
  })
  expect(job).toMatchObject({ ended: 'done', error: null })
  const [answer] = world.answersOf(job)
  expect(answer).toMatchObject(fakeAnswer(world.model, prompt, request.options))
  world.fixture.audit()
  return { answer: answer!, positions: world.tabs.map((tab) => firsts.get(tab)) }
}

describe('a follow-up over a ring', () => {
  it('goes to the same tabs and runs only what is new', async () => {
    const { world, tabs, followUp } = await answered()
    const rowsBefore = tabs.map(({ runner }) => runner.rows)
    const { answer, positions } = await ask(world, followUp)
    // The answer's last token went through no stage before.
    const shared = PROMPT.length + 5
    expect([positions, answer.cachedTokens]).toEqual([[shared, shared, shared], shared])
    expect(tabs.map(({ runner }, i) => runner.rows - rowsBefore[i]!)).toEqual([7, 7, 7])
    // Every part was checked against all that went into it.
    expect(world.fixture.checker.checkedParts).toHaveLength(6)
  })

  it('and the one after it, too', async () => {
    const { world, followUp } = await answered()
    const { answer } = await ask(world, followUp)
    const next = [...followUp, ...answer.ids, 1, 2]
    const { positions } = await ask(world, next)
    expect(positions).toEqual(Array.from({ length: 3 }, () => followUp.length + 3))
  })

  it('costs what it adds', async () => {
    const { world, followUp } = await answered()
    const before = world.fixture.balance('local')
    await ask(world, followUp)
    const saved = before - world.fixture.balance('local')
    const plain = new AnswersFixture()
    for (const stage of [0, 1, 2]) plain.tab([stage, stage])
    await ask(plain, followUp)
    expect(saved).toBeLessThan(-plain.fixture.balance('local') * 0.1)
    expect(saved).toBeGreaterThan(0)
  })

  it('of a prompt that is asked again runs its last row', async () => {
    const { world } = await answered()
    const { answer, positions } = await ask(world, PROMPT)
    expect([positions, answer.cachedTokens]).toEqual([[149, 149, 149], 149])
  })

  it('begins anew for another requester, another beginning, and a short one', async () => {
    const { world, followUp } = await answered()
    const key = world.fixture.keys.create('a', null)
    await world.fixture.settle()
    for (const [prompt, requester] of [
      [followUp, `key:${(await key).id}`],
      [[1, ...followUp], 'local'],
      [PROMPT.slice(0, 30), 'local'],
    ] as const) {
      const { answer, positions } = await ask(world, prompt, { requester })
      expect([positions, answer.cachedTokens]).toEqual([[0, 0, 0], 0])
    }
  })

  it('begins anew where a tab has gone, or holds other stages', async () => {
    for (const happens of [
      (tab: LanguageTab) => {
        tab.say({ type: 'leaving' })
        tab.cut()
      },
      (tab: LanguageTab) => tab.say({ type: 'ready', models: [], ranges: [] }),
    ]) {
      const { world, tabs, followUp } = await answered()
      happens(tabs[1]!)
      world.tab([1, 1])
      const { answer, positions } = await ask(world, followUp)
      expect([positions, answer.cachedTokens]).toEqual([[0, undefined, 0, 0], 0])
    }
  })

  it('is made all the same where a tab has dropped its cache: that part is run again from what was kept', async () => {
    const { world, tabs, followUp } = await answered()
    tabs[1]!.runner.forget()
    const requester = world.fixture.balance('local')
    const { positions } = await ask(world, followUp)
    expect(positions).toEqual([155, 155, 155])
    // Its rows were paid before: the operator pays for them again.
    expect(world.fixture.balance('operator')).toBeLessThan(0)
    expect(requester - world.fixture.balance('local')).toBeLessThan(10_000)
  })

  it('[S5] costs the operator each row of a stage once, however often a tab gives them up and is its only place', async () => {
    const { world, tabs, followUp } = await answered()
    const before = world.fixture.balance('operator')
    let givenUp = 0
    const { answer } = await ask(world, followUp, {
      before() {
        const tab = tabs[1]!
        const step = tab.hand[0]?.spec as StageTask | undefined
        const isLast = step && step.position + step.inputs[0]!.shape[0]! >= followUp.length
        if (!isLast || givenUp === 20) return
        givenUp++
        tab.runner.forget()
        tab.work()
        return 'done'
      },
    })
    expect([givenUp, answer.ids.length]).toEqual([20, 4])
    const { language } = world.model.manifest
    const once = languageOperations(
      language,
      { first: 1, last: 1 },
      { from: 0, to: followUp.length, logitRows: 0 },
    )
    expect(before - world.fixture.balance('operator')).toBeGreaterThan(0)
    expect(before - world.fixture.balance('operator')).toBeLessThanOrEqual(microCreditsOf(once) + 4)
    // What nobody pays for has its verdict all the same.
    expect(tabs[1]!.verdicts.filter(({ microCredits }) => microCredits === '0').length).toBeGreaterThan(0)
  })

  it('is checked from its first row on: a wrong step is found', async () => {
    const { world, tabs, followUp } = await answered()
    world.tab([1, 1], { address: CAROL })
    const { positions } = await ask(world, followUp, {
      before() {
        const tab = tabs[1]!
        if (tab.hand.length === 0) return
        tab.work(tab.hand[0], (outputs) => {
          const bytes = outputs[0]!.bytes.slice()
          bytes[0]! ^= 1
          return [{ ...outputs[0]!, bytes }]
        })
        return 'done'
      },
    })
    expect(positions[0]).toBe(155)
    expect(tabs[1]!.verdicts.at(-1)).toMatchObject({ verdict: 'rejected' })
  })
})

describe('what is kept for a follow-up', () => {
  it('is gone after ten minutes', async () => {
    const { world, followUp } = await answered()
    expect(world.core.answers.keptBytes).toBeGreaterThan(0)
    world.fixture.clock.advance(KEPT_MS)
    expect(world.core.answers.keptBytes).toBe(0)
    for (const tab of world.tabs) tab.heartbeat()
    const { positions } = await ask(world, followUp)
    expect(positions).toEqual([0, 0, 0])
  })

  it('is gone when its model is removed, and not when another one is', async () => {
    const { world } = await answered()
    world.core.answers.modelsChanged((hash) => hash === world.model.hash)
    expect(world.core.answers.keptBytes).toBeGreaterThan(0)
    world.core.answers.modelsChanged(() => false)
    expect(world.core.answers.keptBytes).toBe(0)
  })

  it('is nothing of a sequence that is too short to be worth it', async () => {
    const world = new AnswersFixture()
    for (const stage of [0, 1, 2]) world.tab([stage, stage])
    await ask(world, PROMPT.slice(0, 20))
    expect(world.core.answers.keptBytes).toBe(0)
  })

  it('is nothing of an answer that did not end well', async () => {
    const world = new AnswersFixture()
    for (const stage of [0, 1, 2]) world.tab([stage, stage])
    const job = await world.ask(world.request(50, PROMPT))
    let steps = 0
    await world.work(() => (++steps > 20 ? 'leave' : undefined))
    endJob(world.core, job, 'cancelled', {})
    await world.fixture.settle()
    expect(world.core.answers.keptBytes).toBe(0)
  })

  it('is used by one follow-up at a time', async () => {
    const { world, followUp } = await answered()
    const job = await world.ask([world.request(3, followUp), world.request(3, [...followUp, 9])], {
      readAlong: false,
    })
    await world.work()
    expect(job).toMatchObject({ ended: 'done', error: null })
    expect(
      world
        .answersOf(job)
        .map(({ cachedTokens }) => cachedTokens)
        .sort(),
    ).toEqual([0, 155])
  })

  it('is of the latest answers, as many as there is room for', async () => {
    const { world, followUp } = await answered()
    for (let n = 0; n < 64; n++) await ask(world, [900 + n, ...PROMPT.slice(0, 40)])
    const { positions } = await ask(world, followUp)
    expect(positions).toEqual([0, 0, 0])
  })
})
