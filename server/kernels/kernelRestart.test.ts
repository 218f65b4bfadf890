import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { FixtureCore } from '../fixtureCore.ts'
import { restoreJobs } from '../jobs/restoreJobs.ts'
import { drainRelay } from '../ops/drain.ts'
import { ALICE, BOB, CAROL, type FakeTab } from '../placement/fakeTab.ts'
import { SqliteStore } from '../store/sqliteStore.ts'
import { fleet, openFleet, resultOf, submitKernel, willing } from './fixtureFleet.ts'
import { doubled } from './fixtureKernel.ts'

describe('a custom kernel and a restart of the relay', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'opentab-kernels-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))
  const openThere = (): FixtureCore => openFleet({ store: new SqliteStore(join(folder, 'relay.sqlite')) })

  /** The relay as after kill -9, over the same data folder. */
  async function reopen(before: FixtureCore): Promise<FixtureCore> {
    before.store.close()
    const next = openFleet({ store: new SqliteStore(join(folder, 'relay.sqlite')), clock: before.clock })
    const restored = restoreJobs(next.core, next.snapshot)
    await next.settle()
    await restored
    return next
  }
  const pass = async (fixture: FixtureCore, ms: number): Promise<void> => {
    for (let at = 0; at < ms; at += 1000) {
      fixture.clock.advance(1000)
      await fixture.settle()
    }
  }
  const classes = [
    { address: ALICE, features: ['f0'] },
    { address: BOB, features: ['f1'] },
    { address: CAROL, features: ['f2'] },
  ]
  const come = (fixture: FixtureCore, which: readonly number[]): FakeTab[] =>
    which.map((i) => willing(fixture, classes[i]!.address, classes[i]))

  it('goes on in the classes that were chosen, as their tabs come back, and in no other', async () => {
    let fixture = openThere()
    const [alice] = come(fixture, [0, 1])
    const job = await submitKernel(fixture, fleet)
    alice!.answer(alice!.hand, () => doubled())
    await fixture.settle()
    fixture = await reopen(fixture)
    const [bob, stranger] = come(fixture, [1, 2])
    await pass(fixture, 2000)
    const [again] = come(fixture, [0])
    await pass(fixture, 2000)
    expect(stranger!.hand).toEqual([])
    for (const tab of [bob!, again!]) {
      expect(tab.hand).toHaveLength(1)
      tab.answer(tab.hand, () => doubled())
    }
    const { state, result } = await resultOf(fixture, job)
    expect(state).toBe('done')
    expect(result?.matrix).toMatchObject([{ verdict: 'agrees' }, { verdict: 'agrees' }])
    expect([fixture.credit(ALICE), fixture.credit(BOB), fixture.balance('local')]).toEqual([1, 1, -2])
    fixture.audit()
    expect(fixture.store.meta(`job_notes:${job.seq}`)).toBeUndefined()
    fixture.store.close()
  })

  it('does nothing again that was verified before it', async () => {
    let fixture = openThere()
    const tabs = come(fixture, [0, 1])
    const job = await submitKernel(fixture, fleet)
    for (const tab of tabs) tab.answer(tab.hand, () => doubled())
    for (let turn = 0; fixture.credit(BOB) === 0 && turn < 50; turn++) {
      fixture.flush()
      await Promise.resolve()
    }
    expect([fixture.credit(ALICE), fixture.credit(BOB)]).toEqual([1, 1])
    fixture.flush()
    expect(fixture.store.job(job.seq)?.state).toBe('open')
    fixture = await reopen(fixture)
    const { state, result } = await resultOf(fixture, job)
    expect(state).toBe('done')
    expect(result).toMatchObject({ outputs: [{ data: [2, 4, 6, 8] }] })
    expect(result?.matrix).toMatchObject([
      { verdict: 'agrees', adapter: { features: ['f0'] }, medianMs: 2 },
      { verdict: 'agrees', adapter: { features: ['f1'] } },
    ])
    expect([fixture.credit(ALICE), fixture.credit(BOB), fixture.balance('local')]).toEqual([1, 1, -2])
    fixture.audit()
    fixture.store.close()
  })

  it('says of a class that does not come back that it did not', async () => {
    let fixture = openThere()
    come(fixture, [0, 1])
    const job = await submitKernel(fixture, fleet)
    fixture = await reopen(fixture)
    const [alice] = come(fixture, [0])
    await pass(fixture, 62_000)
    alice!.answer(alice!.hand, () => doubled())
    const { state, result } = await resultOf(fixture, job)
    expect(state).toBe('done')
    expect(result?.matrix).toMatchObject([
      { verdict: 'unverified' },
      { verdict: 'failed', message: 'No tab of the class came back after a restart of the relay.' },
    ])
    fixture.store.close()
  })

  it('in one tab waits for any, with one of a second account beside it where that comes back', async () => {
    let fixture = openThere()
    come(fixture, [0, 1])
    const job = await submitKernel(fixture)
    fixture = await reopen(fixture)
    await pass(fixture, 90_000)
    const [carol, alice] = come(fixture, [2, 0])
    await pass(fixture, 2000)
    for (const tab of [carol!, alice!]) tab.answer(tab.hand, () => doubled())
    expect((await resultOf(fixture, job)).state).toBe('done')
    expect([fixture.balance('local'), fixture.balance('operator')]).toEqual([-2, 0])
    expect([fixture.credit(ALICE), fixture.credit(CAROL)]).toEqual([1, 1])
    fixture.audit()
    fixture.store.close()
  })

  it('is not given up while the relay goes down', async () => {
    let fixture = openThere()
    const tabs = come(fixture, [0, 1])
    const job = await submitKernel(fixture, fleet)
    const drained = drainRelay(fixture.core)
    for (const tab of tabs) {
      tab.handBack('not-ready')
      tab.say({ type: 'leaving' })
      tab.cut()
    }
    await pass(fixture, 10_000)
    await drained
    expect(fixture.store.job(job.seq)?.state).toBe('open')
    fixture = await reopen(fixture)
    const back = come(fixture, [0, 1])
    await pass(fixture, 2000)
    for (const tab of back) tab.answer(tab.hand, () => doubled())
    expect((await resultOf(fixture, job)).result?.matrix).toMatchObject([
      { verdict: 'agrees' },
      { verdict: 'agrees' },
    ])
    fixture.store.close()
  })
})
