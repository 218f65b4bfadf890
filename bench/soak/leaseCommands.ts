import fc from 'fast-check'
import { LEASE_MS, MAX_TASKS_PER_JOB } from '../../protocol/limits.ts'
import type { Lease } from '../../protocol/task.ts'
import { FixtureCore } from '../../server/fixtureCore.ts'
import { endJob } from '../../server/jobs/endJob.ts'
import { CheckpointPublisher } from '../../server/maintenance/checkpointPublisher.ts'
import { rescueLeases } from '../../server/maintenance/leaseRescuer.ts'
import { ALICE, BOB, CAROL, FakeTab, resultOf } from '../../server/placement/fakeTab.ts'
import { RESUME_GRACE_MS } from '../../server/placement/tabRegistry.ts'
import { LateStore } from '../../server/store/lateStore.ts'
import { wrongOutputs } from '../../server/verify/stubChecker.ts'
import { LeaseModel } from './leaseModel.ts'

/** A lease as a tab got it, kept for ever: anything may be sent again later. */
interface Given {
  lease: Lease
  tab: FakeTab
}

/** The real relay's core with its tabs, beside the model. */
export class LeaseWorld {
  fixture = new FixtureCore({ store: new LateStore() })
  tabs: FakeTab[] = []
  /** Every lease that was ever given. */
  given: Given[] = []
  publisher = this.#publish()
  readonly model = new LeaseModel()

  #publish(): CheckpointPublisher {
    return new CheckpointPublisher(this.fixture.core, () => {})
  }

  /** Ends the turn, takes note of new leases, and holds the core against the model. */
  async check(): Promise<void> {
    await this.fixture.settle()
    this.model.endTurn()
    const fresh = this.tabs.flatMap((tab) => tab.hand.splice(0).map((lease) => ({ lease, tab })))
    fresh.sort((a, b) => a.lease.generation - b.lease.generation)
    for (const { lease, tab } of fresh) {
      this.model.leased(
        ...placeOf(lease.task),
        lease.generation,
        tab.tab.id,
        tab.tab.address,
        this.fixture.clock.now(),
      )
      this.given.push({ lease, tab })
    }
    const { fixture, model } = this
    if (fixture.commitFailures.length > 0) throw fixture.commitFailures[0]
    fixture.audit()
    for (const requester of ['local', 'key:a', 'operator'])
      equal(requester, fixture.balance(requester), model.balances.get(requester) ?? 0)
    for (const requester of ['local', 'key:a'])
      equal(`held of ${requester}`, fixture.core.reserved.get(requester) ?? 0, model.reservedOf(requester))
    for (const address of [ALICE, BOB, CAROL])
      equal(address, fixture.credit(address), model.balances.get(address) ?? 0)
    equal('entries of the log', fixture.store.logSize(), model.entries)
    for (const [seq, job] of model.jobs) {
      equal(`job ${seq}`, fixture.store.job(seq)?.state ?? 'none', job.state)
      const live = fixture.core.jobs.get(seq)
      for (const [index, task] of job.tasks.entries()) {
        if (job.state !== 'open' || task.state !== 'open') continue
        const real = live?.tasks.get(index)
        equal(
          `attempts of ${seq}/${index}`,
          `${real?.failed}/${real?.vanished}`,
          `${task.failed}/${task.vanished}`,
        )
        equal(`lease of ${seq}/${index}`, real?.lease?.tabId ?? null, task.lease?.tab ?? null)
      }
    }
  }

  /** Time passes; every tab says that it is there, so that only leases run out. */
  pass(ms: number): void {
    for (let left = ms; left > 0; left -= STEP_MS) {
      this.fixture.clock.advance(Math.min(left, STEP_MS))
      for (const tab of this.tabs) tab.heartbeat([])
    }
    rescueLeases(this.fixture.core)
    this.model.expire(this.fixture.clock.now())
  }

  async restart(): Promise<void> {
    // Nothing is committed any more: what the turn held is lost, as with kill -9.
    this.publisher.stop()
    this.fixture = await this.fixture.restart()
    this.tabs = []
    this.publisher = this.#publish()
    this.model.restart()
  }
}

const placeOf = (task: number): [number, number] => [
  Math.floor(task / MAX_TASKS_PER_JOB),
  task % MAX_TASKS_PER_JOB,
]

function equal(what: string, real: unknown, expected: unknown): void {
  if (real !== expected)
    throw new Error(`${what}: the relay has ${String(real)}, the model ${String(expected)}`)
}

/** One step: what happens to the relay, and the same to the model. */
export type Step = { name: string; run: (world: LeaseWorld) => Promise<void> | void }

/** Shorter than the silence after which a tab is given up, ms. */
const STEP_MS = 7_000

const pick = <T>(list: readonly T[], n: number): T | undefined => list[n % Math.max(1, list.length)]
const number = fc.nat(1000)

/** What may happen, as steps that shrink. */
export const anySteps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.tuple(fc.constantFrom(ALICE, BOB, CAROL), fc.integer({ min: 1, max: 4 })).map(connect),
    },
    {
      weight: 4,
      arbitrary: fc
        .tuple(fc.integer({ min: 1, max: 4 }), fc.constantFrom('local', 'key:a'), fc.boolean(), fc.boolean())
        .map(submit),
    },
    { weight: 8, arbitrary: fc.tuple(number, fc.boolean(), fc.boolean()).map(answer) },
    { weight: 2, arbitrary: fc.array(fc.tuple(number, fc.boolean()), { maxLength: 6 }).map(frame) },
    { weight: 2, arbitrary: fc.tuple(number, number).map(forge) },
    { weight: 2, arbitrary: number.map(fail) },
    {
      weight: 2,
      arbitrary: fc
        .tuple(number, fc.constantFrom('stop' as const, 'pause' as const, 'device-lost' as const))
        .map(handBack),
    },
    { weight: 2, arbitrary: fc.tuple(number, fc.boolean()).map(cut) },
    { weight: 1, arbitrary: number.map(leave) },
    { weight: 2, arbitrary: fc.constantFrom(300, RESUME_GRACE_MS, LEASE_MS).map(pass) },
    { weight: 2, arbitrary: number.map(heartbeat) },
    { weight: 1, arbitrary: number.map(cancel) },
    {
      weight: 1,
      arbitrary: fc.array(fc.tuple(number, fc.boolean()), { minLength: 1, maxLength: 4 }).map(killInMidTurn),
    },
    {
      weight: 1,
      arbitrary: fc
        .array(fc.tuple(number, fc.boolean()), { minLength: 1, maxLength: 4 })
        .map(killAfterCommit),
    },
    {
      weight: 1,
      arbitrary: fc.constant({ name: 'kill -9 and restart', run: (world: LeaseWorld) => world.restart() }),
    },
  ),
  { minLength: 5, maxLength: 40 },
)

function connect([address, slots]: [string, number]): Step {
  return {
    name: `connect ${address.slice(0, 6)} with ${slots} slots`,
    run: ({ fixture, tabs }) => void tabs.push(new FakeTab(fixture.core, { address, slots })),
  }
}

function submit([tasks, requester, flow, sync]: [number, string, boolean, boolean]): Step {
  return {
    name: `${requester} submits ${tasks} tasks (${flow ? 'flow' : 'batch'}${sync ? ', waiting' : ''})`,
    run: async ({ fixture, model }) => {
      const job = await fixture.submit(
        { tasks },
        { requester, kind: flow ? 'flow' : 'batch', mode: sync ? 'sync' : 'background' },
      )
      model.submit(job.seq, requester, tasks, { sync, flow })
    },
  }
}

const send = ({ fixture, model }: LeaseWorld, { lease, tab }: Given, right: boolean): void => {
  if (!fixture.core.tabs.has(tab.tab.id) || tab.tab.link === null) return
  tab.results(right ? resultOf(lease) : resultOf(lease, wrongOutputs()))
  model.result(...placeOf(lease.task), lease.generation, tab.tab.id, tab.tab.address, right)
}

function answer([n, right, twice]: [number, boolean, boolean]): Step {
  return {
    name: `lease ${n} is answered ${right ? 'rightly' : 'wrongly'}${twice ? ' twice' : ''}`,
    run: (world) => {
      const given = pick(world.given, n)
      if (!given) return
      send(world, given, right)
      if (twice) send(world, given, right)
    },
  }
}

function frame(answers: [number, boolean][]): Step {
  return {
    name: `answers ${JSON.stringify(answers)} in one turn`,
    run: (world) => {
      for (const [n, right] of answers) {
        const given = pick(world.given, n)
        if (given) send(world, given, right)
      }
    },
  }
}

function forge([n, m]: [number, number]): Step {
  return {
    name: `tab ${m} hands in lease ${n} with a generation near it`,
    run: (world) => {
      const [given, tab] = [pick(world.given, n), pick(world.tabs, m)]
      if (!given || !tab) return
      for (const change of [0, 1, -1]) {
        const generation = (given.lease.generation + change) >>> 0
        send(world, { tab, lease: { ...given.lease, generation } }, true)
      }
    },
  }
}

function fail(n: number): Step {
  return {
    name: `lease ${n} fails`,
    run: ({ given, fixture, model }) => {
      const found = pick(given, n)
      if (!found || !fixture.core.tabs.has(found.tab.tab.id)) return
      found.tab.fail(found.lease)
      model.lost(...placeOf(found.lease.task), found.lease.generation, found.tab.tab.id, 'failed')
    },
  }
}

function handBack([n, reason]: [number, 'stop' | 'pause' | 'device-lost']): Step {
  return {
    name: `lease ${n} is handed back: ${reason}`,
    run: ({ given, fixture, model }) => {
      const found = pick(given, n)
      if (!found || !fixture.core.tabs.has(found.tab.tab.id)) return
      found.tab.handBack(reason, [found.lease])
      const loss = reason === 'device-lost' ? 'failed' : 'free'
      model.lost(...placeOf(found.lease.task), found.lease.generation, found.tab.tab.id, loss)
    },
  }
}

/** What the tab holds, in the model's eyes, is lost. */
function loseAll({ given, model }: LeaseWorld, tab: FakeTab, loss: 'vanished' | 'free'): void {
  for (const { lease, tab: holder } of given)
    if (holder.tab.id === tab.tab.id) model.lost(...placeOf(lease.task), lease.generation, tab.tab.id, loss)
}

function cut([n, comesBack]: [number, boolean]): Step {
  return {
    name: `tab ${n} is cut off${comesBack ? ' and resumes' : ' for good'}`,
    run: (world) => {
      const { fixture, tabs } = world
      const tab = pick(tabs, n)
      if (!tab) return
      tab.cut()
      tabs.splice(tabs.indexOf(tab), 1)
      if (!comesBack) loseAll(world, tab, 'vanished')
      world.pass(comesBack ? RESUME_GRACE_MS - 1 : RESUME_GRACE_MS)
      if (comesBack && fixture.core.tabs.has(tab.tab.id)) {
        const back = new FakeTab(fixture.core, {
          address: tab.tab.address,
          slots: tab.tab.slots,
          resume: tab.tab.resume,
        })
        tabs.push(back)
        for (const given of world.given) if (given.tab === tab) given.tab = back
      }
    },
  }
}

function heartbeat(n: number): Step {
  return {
    name: `a heartbeat names lease ${n}`,
    run: ({ given, fixture, model }) => {
      const found = pick(given, n)
      if (!found || !fixture.core.tabs.has(found.tab.tab.id)) return
      found.tab.heartbeat([found.lease])
      model.extended(
        ...placeOf(found.lease.task),
        found.lease.generation,
        found.tab.tab.id,
        fixture.clock.now(),
      )
    },
  }
}

/** What came in the turn that never was committed has not happened. */
function killInMidTurn(answers: [number, boolean][]): Step {
  return {
    name: `answers ${JSON.stringify(answers)}, then kill -9 before the commit`,
    run: async (world) => {
      for (const [n, right] of answers) {
        const given = pick(world.given, n)
        if (!given || !world.fixture.core.tabs.has(given.tab.tab.id)) continue
        given.tab.results(right ? resultOf(given.lease) : resultOf(given.lease, wrongOutputs()))
      }
      await world.restart()
    },
  }
}

/** What was committed has happened, though the relay was killed before anybody heard of it. */
function killAfterCommit(answers: [number, boolean][]): Step {
  return {
    name: `answers ${JSON.stringify(answers)}, then kill -9 right after the commit`,
    run: async (world) => {
      for (const [n, right] of answers) {
        const given = pick(world.given, n)
        if (given) send(world, given, right)
      }
      world.fixture.flush()
      await world.restart()
    },
  }
}

function leave(n: number): Step {
  return {
    name: `tab ${n} leaves`,
    run: (world) => {
      const tab = pick(world.tabs, n)
      if (!tab) return
      tab.say({ type: 'leaving' })
      tab.cut()
      loseAll(world, tab, 'free')
      world.tabs.splice(world.tabs.indexOf(tab), 1)
    },
  }
}

function pass(ms: number): Step {
  return {
    name: `${ms} ms pass`,
    run: (world) => world.pass(ms),
  }
}

function cancel(n: number): Step {
  return {
    name: `job ${n} is cancelled`,
    run: ({ fixture, model }) => {
      const seq = pick([...fixture.core.jobs.keys()], n)
      if (seq === undefined) return
      endJob(fixture.core, fixture.core.jobs.get(seq)!, 'cancelled', {})
      model.cancel(seq)
    },
  }
}
