import { describe, expect, it } from 'vitest'
import { microCreditsOf } from '../../protocol/limits.ts'
import { endJob } from '../jobs/endJob.ts'
import { ALICE } from '../placement/fakeTab.ts'
import { answerOperations } from './answerCost.ts'
import { AnswersFixture } from './fixtureAnswers.ts'

const PROMPT = Array.from({ length: 100 }, (_, i) => (i * 7) % 1000)

describe('[X2] a requester who leaves an answer in one tab', () => {
  /** An answer of which tokens were streamed before its requester left. */
  const leave = async (streamed: number, { readAlong = true, wrong = false } = {}) => {
    const world = new AnswersFixture()
    const tab = world.tab()
    const job = await world.ask(world.request(50, PROMPT), { readAlong })
    const [lease] = tab.hand
    if (wrong) world.sayTokens({ from: 0, ids: [999] })
    else if (streamed > 0) tab.stream(lease, 0, streamed)
    endJob(world.core, job, 'cancelled', {})
    expect(tab.messagesOf('cancel')).toEqual([{ type: 'cancel', leases: [[lease!.task, lease!.generation]] }])
    expect(tab.tab.answering).toBe(0)
    // What still comes has no effect.
    tab.stream(lease, streamed)
    tab.work(lease)
    await world.fixture.settle()
    const { language } = world.model.manifest
    const cost = microCreditsOf(answerOperations(language, PROMPT.length, streamed))
    world.fixture.audit()
    expect(world.core.reserved.size).toBe(0)
    return { world, tab, lease: lease!, cost }
  }

  it('cancels the lease at once, and pays the tab for what was streamed, when that was checked', async () => {
    const { world, tab, lease, cost } = await leave(3)
    expect(world.heardIds()).toHaveLength(3)
    expect([world.fixture.credit(ALICE), world.fixture.balance('local')]).toEqual([cost, -cost])
    expect(world.fixture.checker.checkedParts).toHaveLength(1)
    expect(tab.verdicts).toMatchObject([
      {
        task: lease.task,
        generation: lease.generation,
        verdict: 'text-scored',
        microCredits: String(cost),
      },
    ])
  })

  it('pays nothing where nothing was streamed, and nothing where nobody read along: then the operator does', async () => {
    const before = await leave(0)
    expect([before.world.fixture.credit(ALICE), before.world.fixture.balance('local')]).toEqual([0, 0])
    const unheard = await leave(3, { readAlong: false })
    expect([unheard.world.fixture.credit(ALICE), unheard.world.fixture.balance('local')]).toEqual([
      unheard.cost,
      0,
    ])
  })

  it('does not pay for a wrong token, whose tab is rejected', async () => {
    const { world, tab } = await leave(1, { wrong: true })
    expect([world.fixture.credit(ALICE), world.fixture.balance('local')]).toEqual([0, 0])
    expect(tab.verdicts).toMatchObject([{ verdict: 'rejected', microCredits: '0' }])
  })

  it('pays the whole answer when its result is here and its verdict due', async () => {
    const world = new AnswersFixture()
    const tab = world.tab()
    let checked = (): void => {}
    world.fixture.checker.wait = new Promise((resolve) => {
      checked = resolve
    })
    const job = await world.ask(world.request(5, PROMPT))
    tab.work()
    await world.fixture.settle()
    endJob(world.core, job, 'cancelled', {})
    expect(world.core.reserved.get('local')).toBeGreaterThan(0)
    checked()
    await world.fixture.settle()
    const cost = microCreditsOf(answerOperations(world.model.manifest.language, PROMPT.length, 5))
    expect([world.fixture.credit(ALICE), world.fixture.balance('local')]).toEqual([cost, -cost])
    expect([world.core.reserved.size, world.core.openInputBytes]).toEqual([0, 0])
    world.fixture.audit()
  })

  it('is not charged when the check cannot be made', async () => {
    const world = new AnswersFixture()
    const tab = world.tab()
    world.fixture.checker.broken = new Error('the checker is gone')
    const job = await world.ask(world.request(5))
    tab.stream()
    endJob(world.core, job, 'cancelled', {})
    for (let tries = 0; tries < 12; tries++) {
      await world.fixture.settle()
      world.fixture.clock.advance(1_000)
    }
    await world.fixture.settle()
    expect([world.fixture.credit(ALICE), world.fixture.balance('local')]).toEqual([0, 0])
    expect(world.core.reserved.size).toBe(0)
  })
})
