import { describe, expect, it } from 'vitest'
import { LEASE_MS, TAB_SILENCE_MS, TASK_TIME_LIMIT_MS } from '../../protocol/limits.ts'
import { FixtureCore } from '../fixtureCore.ts'
import { rescueLeases } from '../maintenance/leaseRescuer.ts'
import { ALICE, BOB, resultOf } from '../placement/fakeTab.ts'
import { RESUME_GRACE_MS } from '../placement/tabRegistry.ts'
import { wrongOutputs } from '../verify/stubChecker.ts'

/** A core with one job of one task that is leased to the tab. */
async function leased() {
  const fixture = new FixtureCore()
  const tab = fixture.tab()
  const job = await fixture.submit()
  return { fixture, tab, job, lease: tab.hand[0]! }
}

describe('leases', () => {
  it('[L1] goes to one tab only, however many are idle', async () => {
    const fixture = new FixtureCore()
    const tabs = [fixture.tab(), fixture.tab({ address: BOB }), fixture.tab()]
    await fixture.submit()
    expect(tabs.reduce((sum, tab) => sum + tab.hand.length, 0)).toBe(1)
  })

  it('[L1] gets a higher generation at every grant, the start number above the count', async () => {
    const { fixture, tab, lease } = await leased()
    expect(lease.generation >>> 20).toBe(fixture.core.boot)
    tab.handBack('not-ready')
    fixture.flush()
    expect(tab.hand[0]).toMatchObject({ task: lease.task, generation: lease.generation + 1 })
  })

  it('[L2] is taken back at its deadline, and counts as vanished', async () => {
    const { fixture, tab, job, lease } = await leased()
    expect(lease.leaseMs).toBe(LEASE_MS)
    fixture.clock.advance(LEASE_MS - 1)
    tab.heartbeat([])
    rescueLeases(fixture.core)
    expect(job.tasks.get(0)).toMatchObject({ state: 'leased', vanished: 0 })
    fixture.clock.advance(1)
    rescueLeases(fixture.core)
    expect(job.tasks.get(0)).toMatchObject({ state: 'queued', vanished: 1, failed: 0 })
  })

  it('[X3] is cancelled to a tab that stands when it has run out', async () => {
    const { fixture, tab, lease } = await leased()
    fixture.clock.advance(LEASE_MS - 1)
    tab.heartbeat([])
    fixture.clock.advance(1)
    rescueLeases(fixture.core)
    expect(tab.messagesOf('cancel').map(({ leases }) => leases)).toEqual([[[lease.task, lease.generation]]])
  })

  it('[L3] a late result never credits', async () => {
    const { fixture, tab, lease } = await leased()
    tab.handBack('not-ready')
    fixture.flush()
    tab.results(resultOf(lease))
    await fixture.settle()
    expect(fixture.credit(ALICE)).toBe(0)
    expect(fixture.core.counters).toMatchObject({ resultsIgnored: 1, tasksVerified: 0 })
    tab.answer()
    await fixture.settle()
    expect(fixture.credit(ALICE)).toBe(2)
    fixture.audit()
  })

  it('[L3] a duplicate result credits once, in the same frame, the next, and after the job', async () => {
    const { fixture, tab, lease } = await leased()
    tab.results(resultOf(lease), resultOf(lease))
    tab.results(resultOf(lease))
    await fixture.settle()
    tab.results(resultOf(lease))
    await fixture.settle()
    expect(fixture.credit(ALICE)).toBe(2)
    expect(fixture.core.counters).toMatchObject({ resultsIgnored: 3, tasksVerified: 1 })
    fixture.audit()
  })

  it('[L3] a forged result changes nothing: another tab’s lease, another generation, another task', async () => {
    const { fixture, tab, job, lease } = await leased()
    const thief = fixture.tab({ address: BOB })
    thief.results(resultOf(lease))
    for (const forged of [
      { ...lease, generation: lease.generation + 1 },
      { ...lease, generation: 0 },
      { ...lease, task: lease.task + 1 },
      { ...lease, task: 0 },
      { ...lease, task: Number.MAX_SAFE_INTEGER },
    ])
      tab.results(resultOf(forged), resultOf(forged, wrongOutputs()))
    await fixture.settle()
    expect(fixture.credit(ALICE) + fixture.credit(BOB)).toBe(0)
    expect(fixture.core.counters.resultsIgnored).toBe(11)
    expect(job.tasks.get(0)).toMatchObject({ state: 'leased', failed: 0, vanished: 0 })
  })

  it('[L3] a forged failure or handback changes nothing', async () => {
    const { fixture, tab, job, lease } = await leased()
    const thief = fixture.tab({ address: BOB })
    thief.fail(lease)
    thief.handBack('device-lost', [lease])
    tab.fail({ ...lease, generation: lease.generation - 1 })
    tab.handBack('device-lost', [{ ...lease, generation: lease.generation + 1 }])
    tab.handBack('stop', [{ ...lease, task: lease.task + 1 }])
    expect(job.tasks.get(0)).toMatchObject({ state: 'leased', failed: 0, vanished: 0 })
  })

  it('[L5] [H7] holds over a short cut when the tab resumes', async () => {
    const { fixture, tab, job, lease } = await leased()
    tab.cut()
    fixture.clock.advance(RESUME_GRACE_MS - 1)
    rescueLeases(fixture.core)
    const back = fixture.tab({ resume: tab.tab.resume })
    expect(back.resumed).toBe(true)
    expect(back.tab.id).toBe(tab.tab.id)
    fixture.clock.advance(RESUME_GRACE_MS)
    rescueLeases(fixture.core)
    back.answer([lease])
    await fixture.settle()
    expect(job.ended).toBe('done')
    expect(fixture.credit(ALICE)).toBe(2)
  })

  it('[L5] is lost as vanished when the tab does not come back in time', async () => {
    const { fixture, tab, job } = await leased()
    tab.cut()
    fixture.clock.advance(RESUME_GRACE_MS)
    rescueLeases(fixture.core)
    expect(job.tasks.get(0)).toMatchObject({ state: 'queued', vanished: 1 })
    expect(fixture.core.tabs.size).toBe(0)
    const late = fixture.tab({ resume: tab.tab.resume })
    expect(late.resumed).toBe(false)
    expect(late.tab.id).not.toBe(tab.tab.id)
  })

  it('[H7] a tab that resumes late cannot hand in what it held before', async () => {
    const { fixture, tab, lease } = await leased()
    tab.cut()
    fixture.clock.advance(RESUME_GRACE_MS)
    rescueLeases(fixture.core)
    const late = fixture.tab({ resume: tab.tab.resume })
    late.results(resultOf(lease))
    await fixture.settle()
    expect(fixture.credit(ALICE)).toBe(0)
    expect(fixture.core.counters.resultsIgnored).toBe(1)
  })

  it('[H7] a token does not work for another address', async () => {
    const { fixture, tab, lease } = await leased()
    tab.cut()
    const other = fixture.tab({ resume: tab.tab.resume, address: BOB })
    expect(other.resumed).toBe(false)
    other.results(resultOf(lease))
    await fixture.settle()
    expect(fixture.credit(BOB)).toBe(0)
  })

  it('[H10] two tabs of one address are two tabs', () => {
    const fixture = new FixtureCore()
    expect(fixture.tab().tab.id).not.toBe(fixture.tab().tab.id)
    expect(fixture.core.tabs.size).toBe(2)
  })

  it.each(['stop', 'pause'] as const)('[L6] [L8] a handback for %s is free', async (reason) => {
    const { fixture, tab, job } = await leased()
    for (let i = 0; i < 20; i++) {
      tab.handBack(reason)
      fixture.flush()
    }
    expect(job.tasks.get(0)).toMatchObject({ state: 'leased', failed: 0, vanished: 0 })
    expect(fixture.snapshotOfAttempts()).toEqual([])
  })

  it('[L6] a handback of a tab that is not ready is free once, and does not go on for ever', async () => {
    const { fixture, tab, job } = await leased()
    tab.handBack('not-ready')
    fixture.flush()
    expect(job.tasks.get(0)).toMatchObject({ state: 'leased', failed: 0, vanished: 0 })
    for (let i = 0; i < 3; i++) {
      tab.handBack('not-ready')
      fixture.flush()
    }
    await fixture.settle()
    expect(tab.hand).toEqual([])
    expect(job.error).toMatchObject({ code: 'task_failed', message: expect.stringContaining('not-ready') })
  })

  it('[L6] a handback for a lost device is a failed attempt', async () => {
    const { fixture, tab, job } = await leased()
    tab.handBack('device-lost')
    fixture.flush()
    expect(job.tasks.get(0)).toMatchObject({ failed: 1, vanished: 0 })
    expect(fixture.snapshotOfAttempts()).toEqual([{ task: fixture.taskId(job), failed: 1, vanished: 0 }])
  })

  it('[L8] [L11] leaving frees everything at once and is not counted', async () => {
    const fixture = new FixtureCore()
    const tab = fixture.tab()
    const job = await fixture.submit({ tasks: 2 })
    const other = fixture.tab({ address: BOB })
    expect(other.hand).toEqual([])
    tab.say({ type: 'leaving' })
    fixture.flush()
    expect(other.hand.map(({ task }) => task)).toEqual([fixture.taskId(job, 0), fixture.taskId(job, 1)])
    expect([...job.tasks.values()].map(({ failed, vanished }) => failed + vanished)).toEqual([0, 0])
    tab.cut()
    expect(fixture.core.tabs.has(tab.tab.id)).toBe(false)
  })

  it('[L12] a lost task is first in its queue again', async () => {
    const fixture = new FixtureCore()
    const tab = fixture.tab({ slots: 1 })
    const job = await fixture.submit({ tasks: 5 })
    expect(tab.hand.map(({ task }) => task)).toEqual([fixture.taskId(job, 0)])
    tab.cut()
    fixture.clock.advance(RESUME_GRACE_MS)
    rescueLeases(fixture.core)
    const other = fixture.tab({ address: BOB, slots: 1 })
    expect(other.hand.map(({ task }) => task)).toEqual([fixture.taskId(job, 0)])
  })

  it('[B1] a heartbeat extends the leases that it names', async () => {
    const { fixture, tab, job, lease } = await leased()
    for (let i = 0; i < 5; i++) {
      fixture.clock.advance(LEASE_MS - 1)
      tab.heartbeat([lease])
      rescueLeases(fixture.core)
    }
    expect(job.tasks.get(0)?.state).toBe('leased')
    tab.answer()
    await fixture.settle()
    expect(fixture.credit(ALICE)).toBe(2)
  })

  it('[B1] not beyond ten minutes after the grant', async () => {
    const { fixture, tab, job, lease } = await leased()
    for (let ms = 0; ms < TASK_TIME_LIMIT_MS - 10_000; ms += 10_000) {
      fixture.clock.advance(10_000)
      tab.heartbeat([lease])
    }
    rescueLeases(fixture.core)
    expect(job.tasks.get(0)?.state).toBe('leased')
    fixture.clock.advance(10_000)
    tab.heartbeat([lease])
    rescueLeases(fixture.core)
    expect(job.tasks.get(0)).toMatchObject({ state: 'queued', vanished: 1 })
  })

  it('[B2] a heartbeat extends no lease of another generation, another tab, or that it leaves out', async () => {
    const { fixture, tab, job, lease } = await leased()
    const thief = fixture.tab({ address: BOB })
    fixture.clock.advance(LEASE_MS - 1)
    thief.heartbeat([lease])
    tab.heartbeat([
      { ...lease, generation: lease.generation + 1 },
      { ...lease, task: lease.task + 1 },
    ])
    fixture.clock.advance(1)
    rescueLeases(fixture.core)
    expect(job.tasks.get(0)?.vanished).toBe(1)
  })

  it('[B3] a tab that says nothing is closed as silent, and what it held is lost', async () => {
    const { fixture, tab, job } = await leased()
    fixture.clock.advance(TAB_SILENCE_MS - 1)
    rescueLeases(fixture.core)
    expect(tab.closes).toEqual([])
    fixture.clock.advance(1)
    rescueLeases(fixture.core)
    expect(tab.closes).toEqual(['silent'])
    expect(fixture.core.tabs.size).toBe(0)
    expect(job.tasks.get(0)).toMatchObject({ state: 'queued', vanished: 1 })
  })
})
