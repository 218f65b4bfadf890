import { describe, expect, it } from 'vitest'
import type { ModelRegistry } from '../../models/modelRegistry.ts'
import { type NetworkDocument, networkDocument } from '../../protocol/network.ts'
import { FixtureCore } from '../fixtureCore.ts'
import { openFleet, submitKernel, willing } from '../kernels/fixtureFleet.ts'
import { ALICE, BOB } from '../placement/fakeTab.ts'
import { NetworkFeed } from './networkFeed.ts'

const MODEL = 'cd'.repeat(32)
const registry = {
  list: () => [
    {
      hash: MODEL,
      manifest: { id: 'm', graphs: [{ shards: [{ sha256: 'a', bytes: 7 }] }] },
    },
  ],
} as unknown as ModelRegistry

const feedOf = (fixture: FixtureCore) => new NetworkFeed(fixture.core, registry, { name: 'r', version: '0' })

describe('the network', () => {
  it('shows tabs with their states and models, what waits, and the totals, over a restart', async () => {
    const fixture = new FixtureCore()
    const [working, , paused, leaving, gone] = [
      fixture.tab({ slots: 1, ready: [MODEL] }),
      fixture.tab({ address: BOB, kernels: [] }),
      fixture.tab({ kernels: [] }),
      fixture.tab({ kernels: [] }),
      fixture.tab({ kernels: [] }),
    ]
    paused.say({ type: 'state', state: 'paused' })
    leaving.say({ type: 'state', state: 'finishing' })
    gone.cut()
    await fixture.submit({ tasks: 4 })
    await fixture.submit({ tasks: 1, model: MODEL })
    working.answer()
    await fixture.settle()
    const document = feedOf(fixture).document()
    expect(networkDocument.parse(document)).toEqual(document)
    expect(document.tabs.map(({ address, state, models, tasks }) => [address, state, models, tasks])).toEqual(
      [
        [ALICE, 'working', ['m'], 1],
        [BOB, 'idle', [], 0],
        [ALICE, 'paused', [], 0],
        [ALICE, 'leaving', [], 0],
      ],
    )
    expect(document.queue.leased).toBe(1)
    expect(document.queue.queued).toBe(3)
    expect(document.models).toEqual([
      { id: 'm', bytes: 7, tabs: 1, tabsWhole: 1, ready: true, stages: 1, stagesHeld: 1, mode: 'whole' },
    ])
    expect(document.verdicts).toEqual({ freivalds: 1 })
    const after = feedOf(await fixture.restart()).document()
    expect(after.totals).toEqual({ tasks: 1, microCredits: '2' })
    expect(after.tabs).toEqual([])
  })

  it('tells what waits by its kind, also where it waits for one tab', async () => {
    const fixture = openFleet()
    willing(fixture, ALICE, { slots: 1 })
    await submitKernel(fixture)
    await submitKernel(fixture)
    expect(feedOf(fixture).document().queue.kinds).toEqual({ custom: 1 })
  })

  it('counts the tasks of today also where nobody read the document before they were done', async () => {
    const fixture = new FixtureCore()
    const feed = feedOf(fixture)
    const tab = fixture.tab({})
    await fixture.submit({ tasks: 1 })
    tab.answer()
    await fixture.settle()
    expect(feed.document().totals.tasksToday).toBe(1)
    fixture.clock.advance(86_400_000)
    await fixture.submit({ tasks: 1 })
    tab.answer()
    await fixture.settle()
    feed.touch()
    expect(feed.document().totals.tasksToday).toBe(1)
    fixture.clock.advance(86_400_000)
    expect(feed.document().totals.tasksToday).toBe(0)
  })

  it('does not say how many tasks there were today on the day of a restart, and does from the next on', async () => {
    const fixture = new FixtureCore()
    const tab = fixture.tab({})
    await fixture.submit({ tasks: 1 })
    tab.answer()
    await fixture.settle()
    const after = await fixture.restart()
    const feed = feedOf(after)
    expect(feed.document().totals.tasksToday).toBeUndefined()
    after.clock.advance(86_400_000)
    expect(feed.document().totals.tasksToday).toBe(0)
  })

  it('tells listeners of changes at most twice a second, and nobody when nobody listens', () => {
    const fixture = new FixtureCore()
    const feed = feedOf(fixture)
    const heard: NetworkDocument[] = []
    feed.touch()
    const stop = feed.subscribe((document) => heard.push(document))
    for (let i = 0; i < 20; i++) {
      feed.touch()
      fixture.clock.advance(100)
    }
    expect(heard).toHaveLength(4)
    stop()
    feed.touch()
    fixture.clock.advance(1_000)
    expect(heard).toHaveLength(4)
  })
})
