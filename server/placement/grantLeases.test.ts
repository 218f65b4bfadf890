import { describe, expect, it } from 'vitest'
import { MAX_FRAME_BYTES, SOCKET_HIGH_WATER_BYTES } from '../../protocol/limits.ts'
import { FixtureCore } from '../fixtureCore.ts'
import type { Task } from '../jobs/jobRecords.ts'
import { runJob } from '../jobs/runJob.ts'
import { endOverdueJobs, tabsHold } from '../maintenance/queueWait.ts'
import { assignModels } from './assignModels.ts'
import { ALICE, BOB, CAROL, type FakeTab } from './fakeTab.ts'
import { measure } from './tab.ts'

const MODEL = 'cd'.repeat(32)
const OTHER = 'ef'.repeat(32)

/** Answers until nothing is in hand, each tab taking as long as `msOf` says for a task; gives how many each did. */
async function workOff(
  fixture: FixtureCore,
  tabs: FakeTab[],
  msOf: (tab: FakeTab) => number,
): Promise<number[]> {
  const freeAt = tabs.map(() => fixture.clock.now())
  while (tabs.some(({ hand }) => hand.length > 0)) {
    const busy = tabs.map((tab, i) => ({ tab, i })).filter(({ tab }) => tab.hand.length > 0)
    const ends = ({ tab, i }: { tab: FakeTab; i: number }) => Math.max(freeAt[i]!, 0) + msOf(tab)
    const next = busy.reduce((best, other) => (ends(other) < ends(best) ? other : best))
    const at = Math.max(ends(next), fixture.clock.now())
    fixture.clock.advance(at - fixture.clock.now())
    freeAt[next.i] = at
    next.tab.answer(next.tab.hand.slice(0, 1))
    await fixture.settle()
  }
  return tabs.map(({ tab }) => tab.completed)
}

describe('placement', () => {
  it('[K1] leases a kernel only to a tab that named it', async () => {
    const fixture = new FixtureCore()
    const without = fixture.tab({ kernels: ['matmul-f32'] })
    await fixture.submit()
    expect(without.hand).toEqual([])
    expect(fixture.tab({ kernels: ['matmul-i8'] }).hand).toHaveLength(1)
  })

  it('[K1] leases a model’s task only to a tab that holds the model', async () => {
    const fixture = new FixtureCore()
    const without = fixture.tab({ ready: [OTHER] })
    await fixture.submit({ tasks: 1, model: MODEL })
    expect(without.hand).toEqual([])
    expect(fixture.tab({ ready: [OTHER, MODEL] }).hand).toHaveLength(1)
  })

  it('[K2] goes by the newest whole list of ready models', async () => {
    const fixture = new FixtureCore()
    const tab = fixture.tab({ ready: [OTHER] })
    await fixture.submit({ tasks: 1, model: MODEL })
    await fixture.submit({ tasks: 1, model: OTHER })
    tab.answer()
    tab.say({ type: 'ready', models: [MODEL] })
    await fixture.submit({ tasks: 1, model: OTHER })
    expect(tab.hand.map(({ spec }) => spec)).toMatchObject([{ model: MODEL }])
  })

  it('[K3] never gives a tab more leases than its slots', async () => {
    const fixture = new FixtureCore()
    const tab = fixture.tab({ slots: 3 })
    measure(tab.tab, 'kernel:matmul-i8', 2000, 0.01)
    await fixture.submit({ tasks: 10 })
    expect(tab.hand).toHaveLength(3)
    tab.answer(tab.hand.slice(0, 2))
    await fixture.settle()
    expect(tab.hand).toHaveLength(3)
  })

  it.each(['paused', 'finishing'] as const)(
    '[K4] gives a %s tab nothing new; what it holds goes on',
    async (state) => {
      const fixture = new FixtureCore()
      const tab = fixture.tab({ slots: 1 })
      await fixture.submit({ tasks: 3 })
      tab.say({ type: 'state', state })
      tab.answer()
      await fixture.settle()
      expect(tab.hand).toEqual([])
      expect(fixture.credit(ALICE)).toBe(2)
      tab.say({ type: 'state', state: 'ready' })
      fixture.flush()
      expect(tab.hand).toHaveLength(1)
    },
  )

  it('[K5] wants models where the queue is, then what is held, then what few hold, as many as have room', async () => {
    const fixture = new FixtureCore()
    const served = [MODEL, OTHER, '12'.repeat(32)].map((hash, i) => ({
      hash,
      manifest: {
        v: 1 as const,
        id: `m${i}`,
        kind: 'onnx' as const,
        graphs: [
          {
            name: 'main',
            shards: [{ sha256: hash, bytes: 100 }],
            inputs: [],
            outputs: [],
            tolerance: { rtol: 0, atol: 0 },
          },
        ],
        files: {},
        licence: 'MIT',
        source: '',
      },
    }))
    const names = (tab: FakeTab) =>
      assignModels(fixture.core, tab.tab, served).models.map(({ manifest }) => manifest.id)
    const holder = fixture.tab({ ready: [MODEL], storageBytes: 100 })
    const empty = fixture.tab({ storageBytes: 250 })
    expect(names(holder)).toEqual(['m0'])
    expect(names(empty)).toEqual(['m1', 'm2'])
    expect(names(fixture.tab({ ready: [OTHER], storageBytes: 300 }))).toEqual(['m1', 'm0', 'm2'])
    expect(names(fixture.tab({ storageBytes: 99 }))).toEqual([])
    holder.say({ type: 'state', state: 'paused' })
    await fixture.submit({ tasks: 1, model: MODEL })
    expect(names(empty)).toEqual(['m0', 'm1'])
  })

  it('[K6] goes by the measured speed and not by what a tab says of itself', async () => {
    const fixture = new FixtureCore()
    const boaster = fixture.tab({ features: ['shader-f16', 'subgroups'] })
    const modest = fixture.tab({ address: BOB })
    await fixture.submit({ tasks: 60 })
    const [slow, fast] = await workOff(fixture, [boaster, modest], (tab) => (tab === boaster ? 90 : 10))
    expect(slow! + fast!).toBe(60)
    expect(fast! / slow!).toBeGreaterThan(4)
  })

  it('[P1] serves two requesters in turn, however much one of them asks for', async () => {
    const fixture = new FixtureCore()
    const greedy = await fixture.submit({ tasks: 100 }, { requester: 'key:greedy' })
    const small = await fixture.submit({ tasks: 5 }, { requester: 'key:small' })
    const tab = fixture.tab({ slots: 1 })
    for (let i = 0; i < 10; i++) {
      tab.answer()
      await fixture.settle()
    }
    expect(small.ended).toBe('done')
    expect(greedy.verified).toHaveLength(5)
  })

  it('[P1] counts operations, not tasks', async () => {
    const fixture = new FixtureCore()
    const large = await fixture.submit({ tasks: 50, operations: 8000 }, { requester: 'key:large' })
    const small = await fixture.submit({ tasks: 50, operations: 2000 }, { requester: 'key:small' })
    const tab = fixture.tab({ slots: 1 })
    for (let i = 0; i < 25; i++) {
      tab.answer()
      await fixture.settle()
    }
    expect(small.verified.length / large.verified.length).toBeCloseTo(4, 0)
  })

  it('[P1] gives nobody turns for the time he stayed away', async () => {
    const fixture = new FixtureCore()
    const early = await fixture.submit({ tasks: 100 }, { requester: 'key:early' })
    const tab = fixture.tab({ slots: 1 })
    const step = async (): Promise<void> => {
      tab.answer()
      await fixture.settle()
    }
    for (let i = 0; i < 40; i++) await step()
    const late = await fixture.submit({ tasks: 100 }, { requester: 'key:late' })
    const before = early.verified.length
    for (let i = 0; i < 20; i++) await step()
    expect(early.verified.length - before).toBeGreaterThanOrEqual(9)
    expect(late.verified.length).toBeGreaterThanOrEqual(9)
  })

  it('[P2] shares a burst between idle tabs instead of giving it all to the first', async () => {
    const fixture = new FixtureCore()
    const tabs = [ALICE, BOB, CAROL].map((address) => fixture.tab({ address }))
    for (const { tab } of tabs) measure(tab, 'kernel:matmul-i8', 2000, 10)
    await fixture.submit({ tasks: 30 })
    expect(tabs.map(({ hand }) => hand.length)).toEqual([10, 10, 10])
  })

  it('[P2] leases about a quarter of a second of work ahead, at least two tasks', async () => {
    const fixture = new FixtureCore()
    const [quick, slow] = [fixture.tab(), fixture.tab({ address: BOB })]
    measure(quick.tab, 'kernel:matmul-i8', 2000, 10)
    measure(slow.tab, 'kernel:matmul-i8', 2000, 5000)
    await fixture.submit({ tasks: 100 })
    expect(quick.hand).toHaveLength(25)
    expect(slow.hand).toHaveLength(2)
  })

  it('[P2] sends the leases of one turn in one frame', async () => {
    const fixture = new FixtureCore()
    const tab = fixture.tab()
    measure(tab.tab, 'kernel:matmul-i8', 2000, 0.001)
    await fixture.submit({ tasks: 100 })
    expect(tab.frames).toEqual([64])
  })

  it('[P3] gives nothing to a tab that does not read', async () => {
    const fixture = new FixtureCore()
    const tab = fixture.tab({ slots: 1 })
    await fixture.submit({ tasks: 2 })
    tab.waitingBytes = SOCKET_HIGH_WATER_BYTES + 1
    tab.answer()
    await fixture.settle()
    expect(tab.hand).toEqual([])
    tab.waitingBytes = 0
    tab.heartbeat()
    fixture.flush()
    expect(tab.hand).toHaveLength(1)
  })

  it('gives nothing to a tab that was cut off', async () => {
    const fixture = new FixtureCore()
    const tab = fixture.tab({ slots: 2 })
    await fixture.submit({ tasks: 1 })
    tab.cut()
    await fixture.submit({ tasks: 1 })
    expect(tab.hand).toHaveLength(1)
    expect(fixture.core.queue.length).toBe(1)
  })

  it('[M5] refuses a task whose inputs fit no frame, and goes on', async () => {
    const fixture = new FixtureCore()
    const bytes = new Uint8Array(MAX_FRAME_BYTES)
    const inputs = [{ name: 'a', datatype: 'UINT8' as const, shape: [bytes.length], bytes }]
    const huge = { kind: 'infer' as const, model: MODEL, graph: 0, inputs }
    const kinds = new Map(fixture.core.kinds)
    kinds.set('huge', { name: 'huge', plan: () => [huge], operationsOf: () => 1 })
    kinds.set('hugeFlow', {
      name: 'hugeFlow',
      flow: (_, context) => context.task(0, huge),
      operationsOf: () => 1,
    })
    fixture.core.kinds = kinds
    const tab = fixture.tab({ ready: [MODEL] })
    await expect(fixture.submit(undefined, { kind: 'huge' })).rejects.toMatchObject({
      code: 'invalid_value',
      param: 'inputs',
    })
    const flow = await fixture.submit(undefined, { kind: 'hugeFlow' })
    expect(flow.error).toMatchObject({ code: 'invalid_value', param: 'inputs' })
    await fixture.submit()
    expect(tab.hand).toHaveLength(1)
  })
})

describe('waiting for a tab', () => {
  const optionsOf = ({ core }: FixtureCore) => ({
    queueWaitMs: 30_000,
    holdersOf: ({ requirement }: Task) => ({
      name: requirement.replace(/^\w+:/, ''),
      holders: tabsHold(core, requirement),
    }),
  })
  const sync = (fixture: FixtureCore, body = { tasks: 1 }) => {
    const running = runJob(
      fixture.core,
      { kind: 'batch', body, requester: 'local' },
      new AbortController().signal,
    )
    running.catch(() => {})
    return running
  }

  it('[P4] ends after QUEUE_WAIT_MS with the kernel’s name and how many tabs hold it', async () => {
    const fixture = new FixtureCore()
    const running = sync(fixture)
    await fixture.settle()
    fixture.clock.advance(29_999)
    endOverdueJobs(fixture.core, optionsOf(fixture))
    expect(fixture.core.jobs.size).toBe(1)
    fixture.clock.advance(1)
    endOverdueJobs(fixture.core, optionsOf(fixture))
    await fixture.settle()
    await expect(running).rejects.toMatchObject({
      code: 'no_tab_available',
      message: 'No tab came free for matmul-i8 within 30000 ms; 0 tabs hold it.',
      retryAfterSeconds: 5,
    })
  })

  it('[P4] counts the tabs that hold it and are busy', async () => {
    const fixture = new FixtureCore()
    const tab = fixture.tab({ slots: 1 })
    await fixture.submit()
    expect(tab.hand).toHaveLength(1)
    const running = sync(fixture)
    await fixture.settle()
    fixture.clock.advance(30_000)
    endOverdueJobs(fixture.core, optionsOf(fixture))
    await fixture.settle()
    await expect(running).rejects.toThrow('1 tab holds it')
  })

  it('does not end a job that a tab works on, nor one that waits in the background', async () => {
    const fixture = new FixtureCore()
    const tab = fixture.tab({ slots: 1 })
    void sync(fixture, { tasks: 2 })
    await fixture.settle()
    const background = await fixture.submit()
    fixture.clock.advance(60_000)
    tab.tab.lastSeenAt = fixture.clock.now()
    endOverdueJobs(fixture.core, optionsOf(fixture))
    expect(fixture.core.jobs.size).toBe(2)
    fixture.clock.advance(24 * 3_600_000)
    endOverdueJobs(fixture.core, optionsOf(fixture))
    await fixture.settle()
    expect(background.error?.code).toBe('no_tab_available')
  })

  it('ends a synchronous job after ten minutes, whatever it does', async () => {
    const fixture = new FixtureCore()
    fixture.tab()
    const running = sync(fixture)
    await fixture.settle()
    fixture.clock.advance(10 * 60_000)
    endOverdueJobs(fixture.core, optionsOf(fixture))
    await fixture.settle()
    await expect(running).rejects.toMatchObject({ code: 'time_limit' })
  })
})
