import { describe, expect, it } from 'vitest'
import { ANSWER_CHECKS_HIGH_WATER } from '../../protocol/limits.ts'
import { AnswersFixture } from '../language/fixtureAnswers.ts'
import { endOverdueJobs } from '../maintenance/queueWait.ts'
import { ALICE, BOB } from '../placement/fakeTab.ts'
import { QueueFull } from '../verify/threadPool.ts'
import { backlogInWords } from './checkBacklog.ts'
import { endJob } from './endJob.ts'
import type { Job } from './jobRecords.ts'

/** A relay whose referee stands still, with one answer more than may wait for their checks. */
async function standstill() {
  const world = new AnswersFixture()
  let goOn = (): void => {}
  world.fixture.checker.wait = new Promise((resolve) => {
    goOn = resolve
  })
  const tab = world.tab()
  const jobs: Job[] = []
  for (let i = 0; i <= ANSWER_CHECKS_HIGH_WATER; i++) {
    jobs.push(await world.ask(world.request(2)))
    tab.work()
  }
  await world.fixture.settle()
  return { world, tab, jobs, goOn }
}

describe('checks of answers that wait', () => {
  it('[R8] hold back new answers until there are fewer, and lose none', async () => {
    const { world, tab, jobs, goOn } = await standstill()
    expect(world.core.checkingAnswers).toBe(ANSWER_CHECKS_HIGH_WATER + 1)
    const next = await world.ask(world.request(2))
    expect(tab.hand).toEqual([])
    goOn()
    await world.work()
    expect([...jobs, next].map(({ ended }) => ended)).toEqual(Array(jobs.length + 1).fill('done'))
    expect(world.core.checkingAnswers).toBe(0)
    world.fixture.audit()
  })

  it('[R8] hold back answers over shared stages, too', async () => {
    const { world, goOn } = await standstill()
    world.tabs[0]!.cut()
    const ring = [world.tab([0, 1], { address: BOB }), world.tab([2, 2], { address: BOB })]
    const next = await world.ask(world.request(2))
    expect(ring.flatMap(({ hand }) => hand)).toEqual([])
    goOn()
    await world.work()
    expect(next.ended).toBe('done')
  })

  it('[R8] do not hold back an answer that was begun in a tab that is lost', async () => {
    const { world, tab, jobs } = await standstill()
    endJob(world.core, jobs.pop()!, 'cancelled', {})
    world.core.checkingAnswers = ANSWER_CHECKS_HIGH_WATER
    await world.ask(world.request(3))
    expect(tab.hand).toHaveLength(1)
    tab.stream()
    world.core.checkingAnswers = ANSWER_CHECKS_HIGH_WATER + 1
    tab.handBack('stop')
    const other = world.tab(undefined, { address: BOB })
    await world.fixture.settle()
    expect([...tab.hand, ...other.hand]).toHaveLength(1)
  })

  it('[R7] are made when the queue has room again, also of what was streamed to a requester who left', async () => {
    const world = new AnswersFixture()
    const tab = world.tab()
    const job = await world.ask(world.request(5))
    tab.stream()
    world.fixture.checker.broken = new QueueFull(1024, 1024)
    endJob(world.core, job, 'cancelled', {})
    for (let again = 0; again < 30; again++) {
      await world.fixture.settle()
      world.fixture.clock.advance(1_000)
    }
    expect(world.fixture.credit(ALICE)).toBe(0)
    world.fixture.checker.broken = null
    world.fixture.clock.advance(1_000)
    await world.fixture.settle()
    expect(world.fixture.credit(ALICE)).toBeGreaterThan(0)
    expect(world.core.checkingAnswers).toBe(0)
  })

  it('hold back no other work', async () => {
    const { world } = await standstill()
    await world.fixture.submit()
    const worker = world.fixture.tab({ address: BOB })
    expect(worker.hand).toHaveLength(1)
  })

  it('are named to whom they keep waiting too long', async () => {
    const { world } = await standstill()
    const job = await world.ask(world.request(2))
    world.fixture.clock.advance(40_000)
    endOverdueJobs(world.core, {
      queueWaitMs: 30_000,
      holdersOf: () => ({ name: 'fake', holders: `1 tab holds it${backlogInWords(world.core)}` }),
    })
    expect(job.error?.message).toBe(
      'No tab came free for fake within 30000 ms; 1 tab holds it; 17 answers wait for their checks.',
    )
  })
})
