import { describe, expect, it } from 'vitest'
import { OpentabError } from '../../protocol/errors.ts'
import type { FixtureCore } from '../fixtureCore.ts'
import { endJob } from '../jobs/endJob.ts'
import { restoreJobs } from '../jobs/restoreJobs.ts'
import { ALICE, BOB, CAROL, type FakeTab } from '../placement/fakeTab.ts'
import { fleet, openFleet, resultOf, submitKernel, willing } from './fixtureFleet.ts'
import { doubled, doubling } from './fixtureKernel.ts'

describe('a custom kernel', () => {
  it('[K11] is leased only to tabs whose contributor lets such run, and waits for one', async () => {
    const fixture = openFleet()
    const unwilling = fixture.tab({ address: ALICE })
    const job = await submitKernel(fixture)
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
    const fixture = openFleet()
    const alone = willing(fixture, ALICE)
    const first = await submitKernel(fixture)
    alone.answer(alone.hand, () => doubled())
    expect((await resultOf(fixture, first)).state).toBe('done')
    expect([fixture.credit(ALICE), fixture.balance('local')]).toEqual([0, 0])
    expect(alone.verdicts).toMatchObject([{ verdict: 'unverified', microCredits: '0' }])

    const other = willing(fixture, BOB)
    const second = await submitKernel(fixture)
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
    const fixture = openFleet()
    const tabs = [willing(fixture, ALICE), willing(fixture, ALICE, { features: ['subgroups'] })]
    const job = await submitKernel(fixture, fleet)
    for (const tab of tabs) tab.answer(tab.hand, () => doubled())
    expect((await resultOf(fixture, job)).result?.matrix).toMatchObject([
      { verdict: 'unverified' },
      { verdict: 'unverified' },
    ])
    expect(fixture.credit(ALICE)).toBe(0)
  })

  it('over three device classes names the one that differs, with the first wrong element', async () => {
    const fixture = openFleet()
    const tabs = [ALICE, BOB, CAROL].map((address, i) => willing(fixture, address, { features: [`f${i}`] }))
    fixture.core.ledger.payee(CAROL).verifiedSinceReset = 10
    const job = await submitKernel(fixture, fleet)
    for (const [i, tab] of tabs.entries())
      tab.answer(tab.hand, () => doubled(i === 1 ? [2, 4, 7, 8] : undefined))
    const { result } = await resultOf(fixture, job)
    expect(result?.matrix?.map(({ verdict }) => verdict)).toEqual(['agrees', 'differs', 'agrees'])
    expect(result?.matrix?.[1]?.mismatch).toEqual({ output: 'y', index: 2, value: 7, reference: 6 })
    expect([ALICE, BOB, CAROL].map((address) => fixture.credit(address))).toEqual([1, 0, 1])
  })

  it('is timed by what the tabs of a class say: timestamps before wall times, and no time that can be none', async () => {
    const fixture = openFleet()
    const tabs = [ALICE, BOB, CAROL].map((address) => willing(fixture, address))
    const times = [
      [Number.NaN, 5, Number.POSITIVE_INFINITY],
      [-1, 0, 7],
      [400, 500, 600],
    ]
    const timingOf = async (byTimestamps: boolean) => {
      const job = await submitKernel(fixture, { spread: { perClass: 3 } })
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
    const untimed = await submitKernel(fixture, { repeat: 0 })
    for (const tab of tabs) tab.answer(tab.hand, () => doubled(undefined, []))
    expect((await resultOf(fixture, untimed)).result?.matrix).toMatchObject([
      { medianMs: null, madMs: null, timedRuns: 0, timing: null },
    ])
  })

  it('is held against a reference where there is one, in one tab alone', async () => {
    const fixture = openFleet()
    const tab = willing(fixture, ALICE)
    const other = willing(fixture, BOB)
    const reference = [{ name: 'y', datatype: 'FP32', shape: [4], data: [2, 4, 6, 8.000001] }]
    const strict = await submitKernel(fixture, { reference })
    tab.answer(tab.hand, () => doubled())
    expect((await resultOf(fixture, strict)).result).toMatchObject({
      outputs: null,
      matrix: [{ verdict: 'differs', maxUlp: 1 }],
    })
    expect(fixture.credit(ALICE)).toBe(0)
    const near = await submitKernel(fixture, { reference, tolerance: { ulp: 1 } })
    tab.answer(tab.hand, () => doubled())
    const { result } = await resultOf(fixture, near)
    expect(result).toMatchObject({ outputs: [{ name: 'y' }], matrix: [{ verdict: 'agrees', maxUlp: 1 }] })
    expect([other.hand.length, fixture.credit(ALICE), fixture.balance('local')]).toEqual([0, 1, -1])
    expect(tab.verdicts.at(-1)).toMatchObject({ verdict: 'reference', microCredits: '1' })
    expect(fixture.core.ledger.payee(ALICE)).toMatchObject({ completed: 2, verifiedSinceReset: 0 })
  })

  it('[R9] that agrees with a reference says in its receipt that another account found the same, where one did', async () => {
    const fixture = openFleet()
    const tabs = [ALICE, BOB].map((address, i) => willing(fixture, address, { features: [`f${i}`] }))
    const reference = [{ name: 'y', datatype: 'FP32', shape: [4], data: [2, 4, 6, 8] }]
    const job = await submitKernel(fixture, { ...fleet, reference })
    for (const tab of tabs) tab.answer(tab.hand, () => doubled())
    expect((await resultOf(fixture, job)).state).toBe('done')
    expect(tabs.flatMap(({ verdicts }) => verdicts)).toMatchObject([
      { verdict: 'replica' },
      { verdict: 'replica' },
    ])
  })

  it('is no more than unverified where the reference leaves an output out, and says which', async () => {
    const fixture = openFleet()
    const tab = willing(fixture, ALICE)
    const second = { ...doubling.bindings[1], name: 'z', binding: 2 }
    const program = doubling.program
      .replace('@compute', '@group(0) @binding(2) var<storage, read_write> z: array<f32>;\n@compute')
      .replace('y[id.x] =', 'z[id.x] = 1f; y[id.x] =')
    const job = await submitKernel(fixture, {
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
    const fixture = openFleet()
    const leaver = willing(fixture, ALICE)
    const job = await submitKernel(fixture, fleet)
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
    const fixture = openFleet()
    const swarm = Array.from({ length: 40 }, (_, i) => willing(fixture, CAROL, { features: [`c${i}`] }))
    const many = Array.from({ length: 4 }, () => [ALICE, BOB].map((address) => willing(fixture, address)))
    await submitKernel(fixture, { spread: { perClass: 8 } })
    const holding = (tabs: readonly FakeTab[]): number => tabs.filter(({ hand }) => hand.length > 0).length
    expect([holding(swarm), holding(many.flat())]).toEqual([31, 1])
    for (const tab of [...swarm, ...many.flat()]) tab.answer(tab.hand, () => doubled())
    await fixture.settle()
    // 64 runs in 32 classes: two of each.
    expect([holding(swarm), holding(many.flat())]).toEqual([0, 1])
  })

  it('counts what its tabs will send as held until it ends, and holds up no other work while it waits', async () => {
    const fixture = openFleet()
    const tabs = [ALICE, BOB].map((address, i) => willing(fixture, address, { features: [`f${i}`] }))
    const job = await submitKernel(fixture, fleet)
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
    const fixture = openFleet()
    const tabs = Array.from({ length: 5 }, (_, i) => willing(fixture, i === 0 ? ALICE : BOB))
    const large = [doubling.bindings[0], { ...doubling.bindings[1], shape: [16 * 2 ** 20] }]
    const job = await submitKernel(fixture, { bindings: large, spread: { perClass: 5 } })
    expect(tabs.flatMap(({ hand }) => hand)).toEqual([])
    expect(await resultOf(fixture, job)).toMatchObject({
      state: 'failed',
      error: { code: 'invalid_value', message: expect.stringMatching(/^5 tabs would send 3355\d+ bytes/) },
    })
  })

  /** Time passes, and these tabs say that they work. */
  async function passIn(fixture: FixtureCore, silent: readonly FakeTab[], seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      for (const tab of silent) tab.heartbeat()
      fixture.clock.advance(1000)
      await fixture.settle()
    }
  }

  it('does not wait for a tab that holds it and says that it works, longer than the run can take', async () => {
    const fixture = openFleet()
    const tabs = [ALICE, BOB].map((address, i) => willing(fixture, address, { features: [`f${i}`] }))
    const job = await submitKernel(fixture, fleet)
    tabs[0]!.answer(tabs[0]!.hand, () => doubled())
    await passIn(fixture, [tabs[1]!], 47)
    expect(tabs[1]!.hand).toHaveLength(1)
    await passIn(fixture, [tabs[1]!], 2)
    expect(tabs[1]!.hand).toEqual([])
    const { state, result } = await resultOf(fixture, job)
    expect(state).toBe('done')
    expect(result?.matrix).toMatchObject([
      { verdict: 'unverified' },
      { verdict: 'failed', message: 'No tab of the class stayed: the tab had no result after 48 s' },
    ])
  })

  it('goes from a silent tab to another one of the class, and there first the next time', async () => {
    const fixture = openFleet()
    const [silent, other] = [ALICE, BOB].map((address) => willing(fixture, address))
    const reference = [{ name: 'y', datatype: 'FP32', shape: [4], data: [2, 4, 6, 8] }]
    const first = await submitKernel(fixture, { ...fleet, reference })
    expect([silent!.hand.length, other!.hand.length]).toEqual([1, 0])
    await passIn(fixture, [silent!], 50)
    expect([silent!.hand.length, other!.hand.length]).toEqual([0, 1])
    other!.answer(other!.hand, () => doubled())
    expect((await resultOf(fixture, first)).result?.matrix).toMatchObject([{ verdict: 'agrees', tabs: 1 }])
    await submitKernel(fixture, { ...fleet, reference })
    expect([silent!.hand.length, other!.hand.length]).toEqual([0, 1])
  })

  it('over the fleet that found no tab waits until all had time to come back; in one tab it takes the first', async () => {
    const fixture = openFleet()
    await submitKernel(fixture, fleet)
    const one = await submitKernel(fixture)
    const tabs = [willing(fixture, ALICE, { features: ['f1'] })]
    await passIn(fixture, [], 1)
    expect(tabs[0]!.hand.map(({ task }) => task)).toEqual([fixture.taskId(one)])
    await passIn(fixture, [], 29)
    tabs.push(willing(fixture, BOB, { features: ['f2'] }))
    await passIn(fixture, [], 7)
    expect(tabs.map(({ hand }) => hand.length)).toEqual([2, 1])
  })

  it('is not left to a tab that only gets on with others that it was asked for later', async () => {
    const fixture = openFleet()
    const tab = willing(fixture, ALICE)
    const first = await submitKernel(fixture, fleet)
    for (let later = 0; later < 2; later++) {
      await passIn(fixture, [tab], 24)
      await submitKernel(fixture, fleet)
      tab.answer(tab.hand.slice(1), () => doubled())
    }
    await passIn(fixture, [tab], 2)
    expect(tab.hand.map(({ task }) => task)).not.toContain(fixture.taskId(first))
    expect((await resultOf(fixture, first)).result?.matrix).toMatchObject([{ verdict: 'failed' }])
  })

  it('is left to a tab that has others in hand before it, while that one gets on', async () => {
    const fixture = openFleet()
    const tab = willing(fixture, ALICE)
    for (let job = 0; job < 2; job++) await submitKernel(fixture, fleet)
    for (let left = 2; left > 0; left--) {
      await passIn(fixture, [tab], 40)
      expect(tab.hand).toHaveLength(left)
      tab.answer(tab.hand.slice(0, 1), () => doubled())
    }
  })
})

describe('the open custom kernels of a requester', () => {
  it('are so many at most, also after a restart; those of others are not counted, nor those that ended', async () => {
    const before = openFleet({ mostOpen: 2 })
    const jobs = [await submitKernel(before), await submitKernel(before)]
    const refused = {
      code: 'rate_limited',
      retryAfterSeconds: 10,
      message: expect.stringContaining('2 open jobs'),
    }
    await expect(submitKernel(before)).rejects.toMatchObject(refused)
    await submitKernel(before, {}, 'key:other')
    const fixture = openFleet({ mostOpen: 2, store: before.store, clock: before.clock })
    await Promise.all([restoreJobs(fixture.core, fixture.snapshot), fixture.settle()])
    await expect(submitKernel(fixture)).rejects.toMatchObject(refused)
    endJob(fixture.core, fixture.core.jobs.get(jobs[0]!.seq)!, 'cancelled', {
      error: new OpentabError('cancelled'),
    })
    await expect(submitKernel(fixture)).resolves.toBeDefined()
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
    const fixture = openFleet()
    const [returned, late] = [ALICE, BOB].map((address, i) =>
      willing(fixture, address, { features: [`f${i}`] }),
    )
    const job = await submitKernel(fixture, fleet)
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
    const fixture = openFleet()
    const [returned, broken] = [ALICE, BOB].map((address, i) =>
      willing(fixture, address, { features: [`f${i}`] }),
    )
    const job = await submitKernel(fixture, fleet)
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
