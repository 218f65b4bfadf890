import { describe, expect, it } from 'vitest'
import { MAX_FAILED_ATTEMPTS, MAX_VANISHED_ATTEMPTS } from '../../protocol/limits.ts'
import { FixtureCore } from '../fixtureCore.ts'
import { rescueLeases } from '../maintenance/leaseRescuer.ts'
import { endOverdueJobs } from '../maintenance/queueWait.ts'
import { ALICE, BOB } from '../placement/fakeTab.ts'
import { RESUME_GRACE_MS } from '../placement/tabRegistry.ts'

/** A tab takes what it gets and vanishes for good. */
function vanish(fixture: FixtureCore): void {
  const tab = fixture.tab()
  tab.cut()
  fixture.clock.advance(RESUME_GRACE_MS)
  rescueLeases(fixture.core)
  fixture.flush()
}

describe('attempts', () => {
  it('[L7] three failures make a task dead and its job failed, with the last reason', async () => {
    const fixture = new FixtureCore()
    const tab = fixture.tab()
    const job = await fixture.submit()
    for (let i = 1; i <= MAX_FAILED_ATTEMPTS; i++) {
      expect(job.ended).toBe(null)
      tab.fail()
      await fixture.settle()
    }
    expect(job.ended).toBe('failed')
    expect(job.error).toMatchObject({
      code: 'task_failed',
      message: 'The task failed 3 times. The last reason: kernel_failed: It does not compile here.',
    })
    expect(fixture.core.jobs.size).toBe(0)
    expect(fixture.store.job(job.seq)).toMatchObject({ state: 'failed' })
  })

  it('[L7] an error, a rejection and a lost device make three', async () => {
    const fixture = new FixtureCore()
    const job = await fixture.submit()
    const tabs = [fixture.tab(), fixture.tab({ address: BOB })]
    const holder = () => tabs.find(({ hand }) => hand.length > 0)!
    holder().fail()
    await fixture.settle()
    holder().handBack('device-lost')
    await fixture.settle()
    expect(job.tasks.get(0)).toMatchObject({ failed: 2 })
    holder().answerWrongly()
    await fixture.settle()
    expect(job.ended).toBe('failed')
    expect(job.error?.message).toContain('c[0,0] is wrong.')
  })

  it('[L7] eight vanished tabs make a task dead as tab_lost', async () => {
    const fixture = new FixtureCore()
    const job = await fixture.submit()
    for (let i = 1; i < MAX_VANISHED_ATTEMPTS; i++) vanish(fixture)
    await fixture.settle()
    expect(job.tasks.get(0)).toMatchObject({ state: 'queued', vanished: 7, failed: 0 })
    vanish(fixture)
    await fixture.settle()
    expect(job.error).toMatchObject({
      code: 'tab_lost',
      message: '8 tabs vanished while they worked on the task.',
    })
  })

  it('[L7] gives the requester back what the job had cost, and the operator bears it', async () => {
    const fixture = new FixtureCore()
    const tab = fixture.tab({ slots: 1 })
    const job = await fixture.submit({ tasks: 3 }, { requester: 'key:k1' })
    tab.answer()
    await fixture.settle()
    expect(fixture.balance('key:k1')).toBe(-2)
    for (let i = 0; i < MAX_FAILED_ATTEMPTS; i++) {
      tab.fail()
      await fixture.settle()
    }
    expect(job.ended).toBe('failed')
    expect(fixture.balance('key:k1')).toBe(0)
    expect(fixture.balance('operator')).toBe(-2)
    expect(fixture.credit(ALICE)).toBe(2)
    expect(tab.hand).toEqual([])
    expect(fixture.core.queue.length).toBe(0)
    fixture.audit()
  })

  it('[L7] a poison task ends its own job only', async () => {
    const fixture = new FixtureCore()
    const tab = fixture.tab({ slots: 1 })
    const poison = await fixture.submit({ tasks: 1 })
    const good = await fixture.submit({ tasks: 1 })
    for (let turn = 0; turn < 10 && tab.hand.length > 0; turn++) {
      if (tab.hand[0]!.task === fixture.taskId(poison)) tab.fail()
      else tab.answer()
      await fixture.settle()
    }
    expect(poison.ended).toBe('failed')
    expect(good.ended).toBe('done')
  })

  it('[L7] a task that died while others of its job were verified still fails the job', async () => {
    const fixture = new FixtureCore()
    const tab = fixture.tab()
    const job = await fixture.submit({ tasks: 2 })
    const poison = fixture.taskId(job, 0)
    for (let i = 1; i <= MAX_FAILED_ATTEMPTS; i++) {
      tab.fail(tab.hand.find(({ task }) => task === poison))
      if (i < MAX_FAILED_ATTEMPTS) await fixture.settle()
    }
    tab.answer()
    await fixture.settle()
    expect(job.ended).toBe('failed')
    expect(fixture.balance('local')).toBe(0)
    fixture.audit()
  })

  it('[L10] a tab that failed on a task gets it again only when no other can run it', async () => {
    const fixture = new FixtureCore()
    const failing = fixture.tab()
    const job = await fixture.submit()
    const busy = fixture.tab({ address: BOB, slots: 1 })
    busy.say({ type: 'state', state: 'paused' })
    failing.fail()
    fixture.flush()
    expect(failing.hand).toHaveLength(1)
    busy.say({ type: 'state', state: 'ready' })
    failing.fail()
    fixture.flush()
    expect(failing.hand).toHaveLength(0)
    expect(busy.hand.map(({ task }) => task)).toEqual([fixture.taskId(job)])
  })

  it('[L10] it waits for the other while that one is busy', async () => {
    const fixture = new FixtureCore()
    const failing = fixture.tab({ slots: 1 })
    const other = fixture.tab({ address: BOB, slots: 1 })
    const job = await fixture.submit({ tasks: 2 })
    const lost = failing.hand[0]!.task
    failing.fail()
    fixture.flush()
    expect(failing.hand).toEqual([])
    other.answer()
    await fixture.settle()
    expect(other.hand.map(({ task }) => task)).toEqual([lost])
    other.answer()
    await fixture.settle()
    expect(job.ended).toBe('done')
  })

  it('keeps counted attempts on disk until the task is verified', async () => {
    const fixture = new FixtureCore()
    const tab = fixture.tab()
    const job = await fixture.submit()
    tab.fail()
    await fixture.settle()
    expect(fixture.snapshotOfAttempts()).toEqual([{ task: fixture.taskId(job), failed: 1, vanished: 0 }])
    tab.answer()
    await fixture.settle()
    expect(fixture.snapshotOfAttempts()).toEqual([])
  })
})

describe('a task that comes back', () => {
  it('[L10] goes to another tab than the one that was not ready for it', async () => {
    const fixture = new FixtureCore()
    const unready = fixture.tab()
    await fixture.submit()
    const able = fixture.tab({ address: BOB })
    unready.handBack('not-ready')
    await fixture.settle()
    expect([unready.hand.length, able.hand.length]).toEqual([0, 1])
  })

  it('[P4] has not waited while a tab had it', async () => {
    const fixture = new FixtureCore()
    const waits = { queueWaitMs: 30_000, holdersOf: () => ({ name: 'it', holders: 'no tab holds it' }) }
    const tab = fixture.tab()
    const job = await fixture.submit({ tasks: 1 }, { mode: 'sync' })
    for (let beat = 0; beat < 4; beat++) {
      fixture.clock.advance(10_000)
      tab.heartbeat()
    }
    tab.say({ type: 'leaving' })
    await fixture.settle()
    endOverdueJobs(fixture.core, waits)
    expect(job.ended).toBeNull()
    fixture.clock.advance(30_000)
    endOverdueJobs(fixture.core, waits)
    expect(job.error?.code).toBe('no_tab_available')
  })
})
