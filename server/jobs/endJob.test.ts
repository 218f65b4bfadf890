import { describe, expect, it } from 'vitest'
import { FixtureCore } from '../fixtureCore.ts'
import { ALICE, resultOf } from '../placement/fakeTab.ts'
import { endJob } from './endJob.ts'
import { runJob } from './runJob.ts'
import { submitJob } from './submitJob.ts'

describe('the end of a job', () => {
  it('[X1] cancels its leased tasks to their tabs; a result that still comes has no effect', async () => {
    const fixture = new FixtureCore()
    const tab = fixture.tab({ slots: 2 })
    const job = await fixture.submit({ tasks: 5 })
    const held = [...tab.hand]
    expect(held).toHaveLength(2)
    endJob(fixture.core, job, 'cancelled', {})
    expect(tab.messagesOf('cancel').flatMap(({ leases }) => leases)).toEqual(
      held.map(({ task, generation }) => [task, generation]),
    )
    tab.results(...held.map((lease) => resultOf(lease)))
    await fixture.settle()
    expect(fixture.credit(ALICE)).toBe(0)
    expect(fixture.core.counters.resultsIgnored).toBe(2)
    expect(fixture.core.queue.length).toBe(0)
    expect(tab.tab.leased.size).toBe(0)
    expect(fixture.core.jobs.size).toBe(0)
    expect(fixture.store.job(job.seq)).toMatchObject({ state: 'cancelled', tasks: 0 })
  })

  it('[X2] a requester who leaves cancels the job and gets back what it cost', async () => {
    const fixture = new FixtureCore()
    const tab = fixture.tab({ slots: 1 })
    const leave = new AbortController()
    const running = runJob(
      fixture.core,
      { kind: 'flow', body: { tasks: 3 }, requester: 'local' },
      leave.signal,
    )
    running.catch(() => {})
    await fixture.settle()
    tab.answer()
    await fixture.settle()
    expect(fixture.balance('local')).toBe(-2)
    leave.abort()
    await fixture.settle()
    await expect(running).rejects.toMatchObject({ code: 'cancelled' })
    expect(fixture.balance('local')).toBe(0)
    expect(fixture.balance('operator')).toBe(-2)
    expect(fixture.credit(ALICE)).toBe(2)
    expect(tab.messagesOf('cancel')).toHaveLength(1)
    fixture.audit()
  })

  it('[X2] one who left before the job began cancels it as well', async () => {
    const fixture = new FixtureCore()
    const running = runJob(
      fixture.core,
      { kind: 'batch', body: { tasks: 1 }, requester: 'local' },
      AbortSignal.abort(),
    )
    running.catch(() => {})
    await fixture.settle()
    await expect(running).rejects.toMatchObject({ code: 'cancelled' })
    expect(fixture.core.jobs.size).toBe(0)
    expect(fixture.core.queue.length).toBe(0)
  })

  it('happens once: a second end changes nothing', async () => {
    const fixture = new FixtureCore()
    const tab = fixture.tab()
    const job = await fixture.submit()
    tab.answer()
    endJob(fixture.core, job, 'cancelled', {})
    endJob(fixture.core, job, 'failed', {})
    await fixture.settle()
    expect(fixture.store.job(job.seq)?.state).toBe('done')
    expect(fixture.balance('local')).toBe(-2)
    fixture.audit()
  })

  it('is not shown before it is on disk', async () => {
    const fixture = new FixtureCore()
    const job = await fixture.submit()
    let heard = false
    job.listeners.add(() => {
      heard = true
    })
    endJob(fixture.core, job, 'cancelled', {})
    expect(heard).toBe(false)
    expect(fixture.core.jobs.has(job.seq)).toBe(true)
    fixture.flush()
    expect(heard).toBe(true)
    expect(fixture.core.jobs.has(job.seq)).toBe(false)
  })

  it('a flow whose answer fails ends as failed, refunded, its error reported', async () => {
    const fixture = new FixtureCore()
    const tab = fixture.tab()
    const job = await fixture.submit({ tasks: 1 }, { kind: 'flow' })
    // Outputs too short for the flow to read, which the checks let pass.
    fixture.checker.always = false
    fixture.core.drawCheck = () => false
    tab.answer(tab.hand, () => [{ name: 'c', datatype: 'INT32', shape: [0], bytes: new Uint8Array(0) }])
    await fixture.settle()
    expect(job.ended).toBe('failed')
    expect(job.error?.code).toBe('internal')
    expect(fixture.reports[0]).toContain('of kind flow')
    expect(fixture.balance('local')).toBe(0)
    fixture.audit()
  })
})

describe('a job', () => {
  it('is on disk when it is acknowledged', async () => {
    const fixture = new FixtureCore()
    let acknowledged = false
    const submitted = submitJob(fixture.core, {
      kind: 'batch',
      body: { tasks: 1 },
      requester: 'local',
      mode: 'background',
    })
    void submitted.then(() => {
      acknowledged = true
    })
    await new Promise((resolve) => setImmediate(resolve))
    expect(acknowledged).toBe(false)
    await fixture.settle()
    expect(acknowledged).toBe(true)
    expect(fixture.store.job((await submitted).seq)).toMatchObject({ state: 'open', kind: 'batch' })
  })

  it('of an unknown kind, without tasks, or with more than 8192 is refused by name', async () => {
    const fixture = new FixtureCore()
    const submit = (kind: string, tasks: number) =>
      submitJob(fixture.core, { kind, body: { tasks }, requester: 'local', mode: 'background' })
    await expect(submit('dance', 1)).rejects.toMatchObject({ code: 'invalid_value', param: 'kind' })
    await expect(submit('batch', 0)).rejects.toThrow('1 to 8192 tasks; this one has 0')
    await expect(submit('batch', 8193)).rejects.toThrow('this one has 8193')
    expect(fixture.core.jobs.size).toBe(0)
  })
})
