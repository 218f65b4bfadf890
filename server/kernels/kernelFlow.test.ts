import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { OpentabError } from '../../protocol/errors.ts'
import { FixtureCore, type FixtureOptions } from '../fixtureCore.ts'
import { endJob } from '../jobs/endJob.ts'
import { CUSTOM_KERNEL_JOB } from '../jobs/jobKinds.ts'
import type { Job } from '../jobs/jobRecords.ts'
import { jobName } from '../jobs/jobRecords.ts'
import { viewJob } from '../jobs/jobView.ts'
import { restoreJobs } from '../jobs/restoreJobs.ts'
import { drainRelay } from '../ops/drain.ts'
import { ALICE, BOB, CAROL, type FakeTab, type FakeTabOptions } from '../placement/fakeTab.ts'
import { SqliteStore } from '../store/sqliteStore.ts'
import { doubled, doubling } from './fixtureKernel.ts'
import { parseCustomKernel } from './kernelBody.ts'
import { createKernelFlow } from './kernelFlow.ts'

function open({ store, clock }: Pick<FixtureOptions, 'store' | 'clock'> = {}): FixtureCore {
  const fixture: FixtureCore = new FixtureCore({
    ...(store && { store }),
    ...(clock && { clock }),
    kinds: [
      {
        name: CUSTOM_KERNEL_JOB,
        operationsOf: (spec) => (spec.kind === 'custom' ? (spec.operations ?? 0) : 0),
        flow: (body, context) =>
          createKernelFlow({
            core: () => fixture.core,
            readBlob: async () => new Uint8Array(0),
            storeBlob: async (_, sha256) => sha256,
          })(body as never, context),
      },
    ],
  })
  return fixture
}

const willing = (fixture: FixtureCore, address: string, options: FakeTabOptions = {}): FakeTab =>
  fixture.tab({ address, kernels: ['matmul-i8', 'custom'], ...options })

const submit = (fixture: FixtureCore, fields: object = {}): Promise<Job> =>
  fixture.submit(parseCustomKernel({ ...doubling, ...fields }), { kind: CUSTOM_KERNEL_JOB })

const resultOf = async (fixture: FixtureCore, job: Job) => {
  await fixture.settle()
  return viewJob(fixture.core, jobName(job), 'local', async (_, sha256) => sha256)
}

const fleet = { spread: { perClass: 1 } }

describe('a custom kernel', () => {
  it('[K11] is leased only to tabs whose contributor lets such run, and waits for one', async () => {
    const fixture = open()
    const unwilling = fixture.tab({ address: ALICE })
    const job = await submit(fixture)
    expect(unwilling.hand).toEqual([])
    const tab = willing(fixture, BOB)
    fixture.clock.advance(1000)
    await fixture.settle()
    expect(unwilling.hand).toEqual([])
    expect(tab.hand).toHaveLength(1)
    tab.answer(tab.hand, () => doubled())
    expect(await resultOf(fixture, job)).toMatchObject({
      state: 'done',
      kind: 'kernel',
      result: {
        outputs: [{ name: 'y', data: [2, 4, 6, 8] }],
        matrix: [{ verdict: 'unverified', medianMs: 2, madMs: 1, timedRuns: 3, timing: 'timestamps' }],
      },
    })
  })

  it('[R9] of one account earns nothing and costs nothing; found by two it pays both', async () => {
    const fixture = open()
    const alone = willing(fixture, ALICE)
    const first = await submit(fixture)
    alone.answer(alone.hand, () => doubled())
    expect((await resultOf(fixture, first)).state).toBe('done')
    expect([fixture.credit(ALICE), fixture.balance('local')]).toEqual([0, 0])
    expect(alone.verdicts).toMatchObject([{ verdict: 'unverified', microCredits: '0' }])

    const other = willing(fixture, BOB)
    const second = await submit(fixture)
    alone.answer(alone.hand, () => doubled())
    await fixture.settle()
    expect(fixture.credit(ALICE)).toBe(0)
    other.answer(other.hand, () => doubled())
    expect((await resultOf(fixture, second)).state).toBe('done')
    expect([fixture.credit(ALICE), fixture.credit(BOB)]).toEqual([1, 1])
    expect([fixture.balance('local'), fixture.balance('operator')]).toEqual([-2, 0])
    fixture.audit()
  })

  it('two tabs of one account are not two accounts', async () => {
    const fixture = open()
    const tabs = [willing(fixture, ALICE), willing(fixture, ALICE, { features: ['subgroups'] })]
    const job = await submit(fixture, fleet)
    for (const tab of tabs) tab.answer(tab.hand, () => doubled())
    expect((await resultOf(fixture, job)).result?.matrix).toMatchObject([
      { verdict: 'unverified' },
      { verdict: 'unverified' },
    ])
    expect(fixture.credit(ALICE)).toBe(0)
  })

  it('over three device classes names the one that differs, with the first wrong element', async () => {
    const fixture = open()
    const tabs = [ALICE, BOB, CAROL].map((address, i) => willing(fixture, address, { features: [`f${i}`] }))
    const job = await submit(fixture, fleet)
    for (const [i, tab] of tabs.entries())
      tab.answer(tab.hand, () => doubled(i === 1 ? [2, 4, 7, 8] : undefined))
    const { result } = await resultOf(fixture, job)
    expect(result?.matrix?.map(({ verdict }) => verdict)).toEqual(['agrees', 'differs', 'agrees'])
    expect(result?.matrix?.[1]?.mismatch).toEqual({ output: 'y', index: 2, value: 7, reference: 6 })
    expect([ALICE, BOB, CAROL].map((address) => fixture.credit(address))).toEqual([1, 0, 1])
  })

  it('is timed by what the tabs of a class say: timestamps before wall times, and no time that can be none', async () => {
    const fixture = open()
    const tabs = [ALICE, BOB, CAROL].map((address) => willing(fixture, address))
    const times = [
      [Number.NaN, 5, Number.POSITIVE_INFINITY],
      [-1, 0, 7],
      [400, 500, 600],
    ]
    const timingOf = async (byTimestamps: boolean) => {
      const job = await submit(fixture, { spread: { perClass: 3 } })
      for (const [i, tab] of tabs.entries()) {
        tab.answer(tab.hand, () => doubled(undefined, times[i], byTimestamps && i < 2))
        await fixture.settle()
      }
      return (await resultOf(fixture, job)).result?.matrix
    }
    expect(await timingOf(true)).toMatchObject([
      { medianMs: 5, madMs: 2, timedRuns: 3, timing: 'timestamps' },
    ])
    expect(await timingOf(false)).toMatchObject([{ medianMs: 203.5, timedRuns: 6, timing: 'wall' }])
    const untimed = await submit(fixture, { repeat: 0 })
    for (const tab of tabs) tab.answer(tab.hand, () => doubled(undefined, []))
    expect((await resultOf(fixture, untimed)).result?.matrix).toMatchObject([
      { medianMs: null, madMs: null, timedRuns: 0, timing: null },
    ])
  })

  it('is held against a reference where there is one, in one tab alone', async () => {
    const fixture = open()
    const tab = willing(fixture, ALICE)
    const other = willing(fixture, BOB)
    const reference = [{ name: 'y', datatype: 'FP32', shape: [4], data: [2, 4, 6, 8.000001] }]
    const strict = await submit(fixture, { reference })
    tab.answer(tab.hand, () => doubled())
    expect((await resultOf(fixture, strict)).result).toMatchObject({
      outputs: null,
      matrix: [{ verdict: 'differs', maxUlp: 1 }],
    })
    expect(fixture.credit(ALICE)).toBe(0)
    const near = await submit(fixture, { reference, tolerance: { ulp: 1 } })
    tab.answer(tab.hand, () => doubled())
    const { result } = await resultOf(fixture, near)
    expect(result).toMatchObject({ outputs: [{ name: 'y' }], matrix: [{ verdict: 'agrees', maxUlp: 1 }] })
    expect([other.hand.length, fixture.credit(ALICE), fixture.balance('local')]).toEqual([0, 1, -1])
  })

  it('is no more than unverified where the reference leaves an output out, and says which', async () => {
    const fixture = open()
    const tab = willing(fixture, ALICE)
    const second = { ...doubling.bindings[1], name: 'z', binding: 2 }
    const program = doubling.program
      .replace('@compute', '@group(0) @binding(2) var<storage, read_write> z: array<f32>;\n@compute')
      .replace('y[id.x] =', 'z[id.x] = 1f; y[id.x] =')
    const job = await submit(fixture, {
      program,
      bindings: [...doubling.bindings, second],
      outputs: ['y', 'z'],
      reference: [{ name: 'y', datatype: 'FP32', shape: [4], data: [2, 4, 6, 8] }],
    })
    tab.answer(tab.hand, () => {
      const [y, ...last] = doubled()
      return [y!, { ...y!, name: 'z' }, ...last]
    })
    const { result } = await resultOf(fixture, job)
    expect(result).toMatchObject({
      notCompared: ['z'],
      matrix: [{ verdict: 'unverified', maxUlp: 0, message: 'The reference does not name z: not compared.' }],
    })
  })

  it('goes to another tab of the class where one leaves, and tells what a tab could not run', async () => {
    const fixture = open()
    const leaver = willing(fixture, ALICE)
    const job = await submit(fixture, fleet)
    expect(leaver.hand).toHaveLength(1)
    const stayer = willing(fixture, BOB)
    leaver.say({ type: 'leaving' })
    await fixture.settle()
    expect(stayer.hand).toHaveLength(1)
    stayer.fail()
    const { result, state } = await resultOf(fixture, job)
    expect(state).toBe('done')
    expect(result?.matrix).toMatchObject([
      { verdict: 'failed', maxUlp: null, message: 'kernel_failed: It does not compile here.' },
    ])
  })

  it('over a swarm of made-up device classes runs in 32 of them, those of several accounts before the others', async () => {
    const fixture = open()
    const swarm = Array.from({ length: 40 }, (_, i) => willing(fixture, CAROL, { features: [`c${i}`] }))
    const many = Array.from({ length: 4 }, () => [ALICE, BOB].map((address) => willing(fixture, address)))
    await submit(fixture, { spread: { perClass: 8 } })
    const holding = (tabs: readonly FakeTab[]): number => tabs.filter(({ hand }) => hand.length > 0).length
    expect([holding(swarm), holding(many.flat())]).toEqual([31, 1])
    for (const tab of [...swarm, ...many.flat()]) tab.answer(tab.hand, () => doubled())
    await fixture.settle()
    // 64 runs in 32 classes: two of each.
    expect([holding(swarm), holding(many.flat())]).toEqual([0, 1])
  })

  it('counts what its tabs will send as held until it ends, and holds up no other work while it waits', async () => {
    const fixture = open()
    const tabs = [ALICE, BOB].map((address, i) => willing(fixture, address, { features: [`f${i}`] }))
    const job = await submit(fixture, fleet)
    const held = fixture.core.openInputBytes
    expect(held).toBeGreaterThan(2 * 16)
    tabs[0]!.answer(tabs[0]!.hand, () => doubled())
    await fixture.settle()
    expect(fixture.core.checkingBytes).toBe(0)
    tabs[1]!.answer(tabs[1]!.hand, () => doubled())
    expect((await resultOf(fixture, job)).state).toBe('done')
    expect(fixture.core.openInputBytes).toBe(0)
  })

  it('that would get more from all of its tabs than the relay takes is refused before any of them is asked', async () => {
    const fixture = open()
    const tabs = Array.from({ length: 5 }, (_, i) => willing(fixture, i === 0 ? ALICE : BOB))
    const large = [doubling.bindings[0], { ...doubling.bindings[1], shape: [16 * 2 ** 20] }]
    const job = await submit(fixture, { bindings: large, spread: { perClass: 5 } })
    expect(tabs.flatMap(({ hand }) => hand)).toEqual([])
    expect(await resultOf(fixture, job)).toMatchObject({
      state: 'failed',
      error: { code: 'invalid_value', message: expect.stringMatching(/^5 tabs would send 3355\d+ bytes/) },
    })
  })

  it('does not wait for ever for a tab that holds it and says that it works', async () => {
    const fixture = open()
    const tabs = [ALICE, BOB].map((address, i) => willing(fixture, address, { features: [`f${i}`] }))
    const job = await submit(fixture, fleet)
    tabs[0]!.answer(tabs[0]!.hand, () => doubled())
    for (let seconds = 0; seconds < 302; seconds++) {
      tabs[1]!.heartbeat()
      fixture.clock.advance(1000)
      await fixture.settle()
    }
    expect(tabs[1]!.hand).toEqual([])
    const { state, result } = await resultOf(fixture, job)
    expect(state).toBe('done')
    expect(result?.matrix).toMatchObject([
      { verdict: 'unverified' },
      { verdict: 'failed', message: 'The tab had no result after 300 s.' },
    ])
  })
})

describe('a custom kernel whose job ends while one of its tabs has returned', () => {
  /** How often the fixture's clock was asked for a call from now on. */
  function timersOf({ clock }: FixtureCore): () => number {
    let timers = 0
    const after = clock.after.bind(clock)
    clock.after = (ms, call) => {
      timers++
      return after(ms, call)
    }
    return () => timers
  }

  it('holds no check and looks after no tab any more when it was cancelled', async () => {
    const fixture = open()
    const [returned, late] = [ALICE, BOB].map((address, i) =>
      willing(fixture, address, { features: [`f${i}`] }),
    )
    const job = await submit(fixture, fleet)
    returned!.answer(returned!.hand, () => doubled())
    await fixture.settle()
    expect(fixture.core.openInputBytes).toBeGreaterThan(0)
    endJob(fixture.core, job, 'cancelled', { error: new OpentabError('cancelled') })
    await fixture.settle()
    fixture.clock.advance(250)
    const timers = timersOf(fixture)
    for (let at = 0; at < 5000; at += 250) {
      fixture.clock.advance(250)
      await fixture.settle()
    }
    expect([fixture.core.openInputBytes, timers(), late!.hand.length, fixture.core.reserved.size]).toEqual([
      0, 0, 0, 0,
    ])
    expect(fixture.reports).toEqual([])
    fixture.audit()
  })

  it('judges what was returned where another attempt breaks the job off', async () => {
    const fixture = open()
    const [returned, broken] = [ALICE, BOB].map((address, i) =>
      willing(fixture, address, { features: [`f${i}`] }),
    )
    const job = await submit(fixture, fleet)
    returned!.answer(returned!.hand, () => doubled())
    await fixture.settle()
    const [task] = [...job.tasks.values()].filter(({ state }) => state === 'leased')
    expect(task?.lease?.tabId).toBe(broken!.tab.id)
    task!.reject(new OpentabError('internal'))
    await fixture.settle()
    expect(fixture.store.job(job.seq)?.state).toBe('failed')
    expect(returned!.verdicts).toMatchObject([{ verdict: 'unverified' }])
    expect(fixture.core.openInputBytes).toBe(0)
    fixture.audit()
  })
})

describe('a custom kernel and a restart of the relay', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'opentab-kernels-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))
  const openThere = (): FixtureCore => open({ store: new SqliteStore(join(folder, 'relay.sqlite')) })

  /** The relay as after kill -9, over the same data folder. */
  async function reopen(before: FixtureCore): Promise<FixtureCore> {
    before.store.close()
    const next = open({ store: new SqliteStore(join(folder, 'relay.sqlite')), clock: before.clock })
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
    const job = await submit(fixture, fleet)
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
    const job = await submit(fixture, fleet)
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
    const job = await submit(fixture, fleet)
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
    const job = await submit(fixture)
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
    const job = await submit(fixture, fleet)
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
