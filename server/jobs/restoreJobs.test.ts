import { describe, expect, it } from 'vitest'
import { FixtureCore } from '../fixtureCore.ts'
import { ALICE, BOB, resultOf } from '../placement/fakeTab.ts'
import { LateStore } from '../store/lateStore.ts'
import { runJob } from './runJob.ts'

describe('after a restart', () => {
  it('[L4] no result of an earlier start is accepted', async () => {
    const before = new FixtureCore()
    const tab = before.tab()
    const job = await before.submit()
    const [old] = tab.hand
    const after = await before.restart()
    expect(after.core.boot).toBe(before.core.boot + 1)
    const again = after.tab()
    expect(again.hand[0]).toMatchObject({ task: after.taskId(job) })
    again.results(resultOf(old!))
    await after.settle()
    expect(after.credit(ALICE)).toBe(0)
    expect(after.core.counters.resultsIgnored).toBe(1)
    again.answer()
    await after.settle()
    expect(after.credit(ALICE)).toBe(2)
    after.audit()
  })

  it('[H7] a token of an earlier start makes a new tab', async () => {
    const before = new FixtureCore()
    const tab = before.tab()
    const after = await before.restart()
    expect(after.tab({ resume: tab.tab.resume }).resumed).toBe(false)
  })

  it.each(['batch', 'flow'])('a %s job goes on without doing again what was verified', async (kind) => {
    const before = new FixtureCore()
    const tab = before.tab({ slots: 1 })
    const job = await before.submit({ tasks: 4, serial: true }, { kind })
    for (let i = 0; i < 2; i++) {
      tab.answer()
      await before.settle()
    }
    expect(before.credit(ALICE)).toBe(4)
    const after = await before.restart()
    const other = after.tab({ address: BOB, slots: 1 })
    const done: number[] = []
    while (other.hand.length > 0) {
      done.push(other.hand[0]!.task - after.taskId(job))
      other.answer()
      await after.settle()
    }
    expect(done).toEqual([2, 3])
    expect(after.store.job(job.seq)).toMatchObject({
      state: 'done',
      tasks: 4,
      answer: kind === 'flow' ? JSON.stringify({ sums: [1, 2, 3, 4] }) : null,
    })
    expect([after.credit(ALICE), after.credit(BOB), after.balance('local')]).toEqual([4, 4, -8])
    after.audit()
  })

  it('a job whose last task was verified but whose end was not written is done', async () => {
    const before = new FixtureCore()
    const tab = before.tab()
    const job = await before.submit({ tasks: 1 }, { kind: 'flow' })
    tab.answer()
    // One turn: the task is on disk, the flow has not heard of it.
    before.flush()
    expect(before.store.job(job.seq)?.state).toBe('open')
    const after = await before.restart()
    await after.settle()
    expect(after.store.job(job.seq)).toMatchObject({ state: 'done', answer: '{"sums":[1]}' })
    expect(after.credit(ALICE)).toBe(2)
    after.audit()
  })

  it('what was not committed never happened: the task is done again and credited once', async () => {
    const before = new FixtureCore()
    const tab = before.tab()
    const job = await before.submit()
    tab.answer()
    const after = await before.restart()
    expect(after.credit(ALICE)).toBe(0)
    after.tab({ address: BOB }).answer()
    await after.settle()
    expect(after.store.job(job.seq)?.state).toBe('done')
    expect([after.credit(ALICE), after.credit(BOB)]).toEqual([0, 2])
    after.audit()
  })

  it('[X2] a job whose requester was waiting on a connection is cancelled and refunded', async () => {
    const before = new FixtureCore()
    const tab = before.tab({ slots: 1 })
    const waiting = runJob(
      before.core,
      { kind: 'flow', body: { tasks: 2 }, requester: 'local' },
      new AbortController().signal,
    )
    waiting.catch(() => {})
    await before.settle()
    tab.answer()
    await before.settle()
    expect(before.balance('local')).toBe(-2)
    const after = await before.restart()
    expect(after.store.job(1)).toMatchObject({ state: 'cancelled' })
    expect([after.balance('local'), after.balance('operator'), after.credit(ALICE)]).toEqual([0, -2, 2])
    expect(after.core.jobs.size).toBe(0)
    after.audit()
  })

  it('an ended job is not taken up again, and its number not given again', async () => {
    const before = new FixtureCore()
    const tab = before.tab()
    const job = await before.submit()
    tab.answer()
    await before.settle()
    const after = await before.restart()
    expect(after.core.jobs.size).toBe(0)
    expect((await after.submit()).seq).toBeGreaterThan(job.seq)
  })

  it('[L8] a restart is not counted as an attempt', async () => {
    let fixture = new FixtureCore()
    const job = await fixture.submit()
    for (let i = 0; i < 10; i++) {
      fixture.tab()
      fixture = await fixture.restart()
    }
    expect(fixture.snapshotOfAttempts()).toEqual([])
    fixture.tab().answer()
    await fixture.settle()
    expect(fixture.store.job(job.seq)?.state).toBe('done')
  })

  it.each(['batch', 'flow'])('[L7] the counted attempts of a %s job’s tasks go on', async (kind) => {
    let fixture = new FixtureCore()
    const job = await fixture.submit({ tasks: 1 }, { kind })
    for (let i = 0; i < 3; i++) {
      fixture.tab().fail()
      await fixture.settle()
      if (i < 2) fixture = await fixture.restart()
    }
    expect(fixture.store.job(job.seq)).toMatchObject({ state: 'failed' })
    expect(fixture.store.job(job.seq)).toHaveProperty('error', expect.stringContaining('task_failed'))
  })

  it.each(['batch', 'flow'])(
    '[L7] a %s job whose task had just died fails without one more attempt',
    async (kind) => {
      const before = new FixtureCore({ store: new LateStore() })
      const tab = before.tab()
      const job = await before.submit({ tasks: 1 }, { kind })
      for (let i = 0; i < 2; i++) {
        tab.fail()
        await before.settle()
      }
      tab.fail()
      // The attempt is on disk; nobody has heard of it when the relay goes down.
      before.flush()
      expect(before.snapshotOfAttempts()).toMatchObject([{ failed: 3 }])
      expect(before.store.job(job.seq)?.state).toBe('open')
      const after = await before.restart()
      const other = after.tab({ address: BOB })
      await after.settle()
      expect(other.hand).toEqual([])
      expect(after.store.job(job.seq)).toMatchObject({ state: 'failed' })
      after.audit()
    },
  )

  it('balances, payees and keys are what they were', async () => {
    const before = new FixtureCore()
    const tab = before.tab()
    await before.submit({ tasks: 2 })
    tab.answerWrongly(tab.hand.slice(0, 1))
    tab.answer()
    const making = before.keys.create('mine', 100)
    await before.settle()
    const { key, id } = await making
    const after = await before.restart()
    expect(after.core.ledger.payee(ALICE)).toEqual(before.core.ledger.payee(ALICE))
    expect(after.core.ledger.payee(ALICE)).toMatchObject({ completed: 1, rejected: 1, receipts: 2 })
    expect(after.credit(ALICE)).toBe(2)
    expect(after.keys.find(key)).toMatchObject({ id, name: 'mine', limitMicroCredits: 100 })
    after.audit()
  })
})
