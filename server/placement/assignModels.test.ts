import { describe, expect, it } from 'vitest'
import type { ModelRegistry } from '../../models/modelRegistry.ts'
import type { ServedModel } from '../../protocol/manifest.ts'
import { FixtureCore } from '../fixtureCore.ts'
import { fakeModel } from '../language/fakeLanguage.ts'
import { rescueLeases } from '../maintenance/leaseRescuer.ts'
import { assignModels, type ServedLanguageModel } from './assignModels.ts'
import { FakeTab, type FakeTabOptions } from './fakeTab.ts'
import { fillGaps } from './fillGaps.ts'
import { holdersInWords, languageHolders, modelHolders } from './languageHolders.ts'
import { measure } from './tab.ts'
import { TabNews } from './tabNews.ts'

/** Stages so large that the caches do not count. */
const STAGE_BYTES = 30_000_000
const roomFor = (stages: number): number => Math.ceil((stages * STAGE_BYTES) / 0.75) + 1

function world(served: ServedModel[] = [fakeModel({ stageBytes: STAGE_BYTES, contextTokens: 10 })]) {
  const fixture = new FixtureCore()
  const news = new TabNews(fixture.core, {
    list: () => served,
    onChange: () => () => {},
  } as unknown as ModelRegistry)
  const tab = (stages: number, options: FakeTabOptions = {}): FakeTab => {
    const made = new FakeTab(fixture.core, { memoryBytes: roomFor(stages), storageBytes: 1e12, ...options })
    news.greet(made.tab)
    fixture.flush()
    return made
  }
  /** The run of the last `models` message, as text. */
  const asked = (of: FakeTab): string => {
    const last = of.messagesOf('models').at(-1)!
    return (last.ranges ?? []).map(([, first, end]) => `${first}-${end}`).join()
  }
  const gone = async (of: FakeTab): Promise<void> => {
    of.say({ type: 'leaving' })
    of.cut()
    fixture.clock.advance(100)
    await fixture.settle()
  }
  return { fixture, news, tab, asked, gone, served }
}

describe('which stages a tab should hold', () => {
  it('[K9] none, where it gives no memory or not enough for one', () => {
    const { tab, asked } = world()
    const none = tab(0, { memoryBytes: 0 })
    expect(none.messagesOf('models')).toEqual([{ type: 'models', models: [] }])
    expect(asked(tab(0.9))).toBe('')
    expect(asked(tab(3, { storageBytes: 90 }))).toBe('')
  })

  it('[K9] none, where the keys and values of 2,048 tokens do not fit the last quarter', () => {
    const model = fakeModel({ stageBytes: 1, contextTokens: 10_000 })
    const { tab, asked } = world([model])
    // Two floats a token and layer: 2,048 tokens of one stage take 16 KiB.
    expect(asked(tab(0, { memoryBytes: 4 * 16_384 - 1 }))).toBe('')
    expect(asked(tab(0, { memoryBytes: 4 * 16_384 }))).toBe('0-0')
    expect(asked(tab(0, { memoryBytes: 4 * 3 * 16_384 }))).toBe('0-2')
  })

  it('[K9] the whole model where it fits', () => {
    const { tab, asked, served } = world()
    const whole = tab(3)
    expect(asked(whole)).toBe('0-2')
    expect(whole.messagesOf('models')[0]!.models).toEqual(served)
    expect(asked(tab(5))).toBe('0-2')
    // Somebody holds it whole: a part helps nobody.
    expect(asked(tab(2))).toBe('')
  })

  it('[K9] [P6] what nobody holds first, as tabs come', () => {
    const { tab, asked } = world([fakeModel({ stages: 5, stageBytes: STAGE_BYTES, contextTokens: 10 })])
    expect([2, 1, 2].map((stages) => asked(tab(stages)))).toEqual(['0-1', '2-2', '3-4'])
    // Then what the fewest hold.
    expect([4, 1].map((stages) => asked(tab(stages)))).toEqual(['0-3', '4-4'])
  })

  it('[P6] what the slowest hold before what the quick ones hold', () => {
    const { tab, asked } = world()
    const slow = [0, 1, 2].map(() => tab(1))
    for (const [i, speed] of [500, 100, 400].entries())
      measure(slow[i]!.tab, `pin:${slow[i]!.tab.id}`, speed, 1)
    expect(asked(tab(1))).toBe('1-1')
  })

  it('[K10] stays when other tabs come', () => {
    const { tab, asked, news } = world()
    const parts = [tab(1), tab(1), tab(1)]
    tab(2)
    tab(3)
    news.modelsChanged()
    expect(parts.map(asked)).toEqual(['0-0', '1-1', '2-2'])
  })

  it('[K10] is what it holds already, when it comes with it', () => {
    const { tab, asked, served } = world()
    const first = tab(1)
    expect(asked(tab(2, { ranges: [[served[0]!.hash, 0, 1]] }))).toBe('0-1')
    // What the first tab holds others hold now, and the last stage nobody.
    expect(asked(first)).toBe('2-2')
    // Unless it has no room for it any more.
    expect(asked(tab(1, { ranges: [[served[0]!.hash, 0, 1]] }))).toBe('0-0')
    expect(asked(tab(1, { ranges: [[served[0]!.hash, 7, 9]] }))).toBe('1-1')
  })

  it('[P6] a tab with room takes over when one has gone', async () => {
    const { tab, asked, gone } = world()
    const [first, second, roomy] = [tab(1), tab(1), tab(2)]
    expect([first, second, roomy].map(asked)).toEqual(['0-0', '1-1', '1-2'])
    await gone(first!)
    // It cannot: what it holds alone would be missing then.
    expect([second, roomy].map(asked)).toEqual(['0-0', '1-2'])
    await gone(second!)
    expect(asked(roomy!)).toBe('1-2')
  })

  it('[H7] [K10] stays with a tab that is cut off for a moment, though it loads still and holds no lease', async () => {
    const { fixture, news, tab, asked } = world()
    const [first, second, third] = [tab(1), tab(1), tab(1)]
    expect([first, second, third].map(asked)).toEqual(['0-0', '1-1', '2-2'])
    first!.cut()
    fixture.clock.advance(100)
    await fixture.settle()
    second!.cut()
    const back = tab(1, { resume: second!.tab.resume })
    expect(asked(back)).toBe('1-1')
    fixture.clock.advance(1_000)
    const late = tab(1, { resume: first!.tab.resume })
    expect(asked(late)).toBe('0-0')
    expect(late.resumed).toBe(true)
    news.modelsChanged()
    expect([late, back, third].map(asked)).toEqual(['0-0', '1-1', '2-2'])
  })

  it('[P6] also when a tab vanished, and when nobody holds the whole model any more', async () => {
    const { fixture, tab, asked } = world()
    const whole = tab(3)
    const small = tab(2)
    expect(asked(small)).toBe('')
    whole.cut()
    fixture.clock.advance(3_000)
    small.heartbeat()
    rescueLeases(fixture.core)
    fixture.clock.advance(100)
    await fixture.settle()
    expect(asked(small)).toBe('0-1')
  })

  it('gives the one with less to load what is missing', async () => {
    const { tab, asked, gone } = world([fakeModel({ stages: 4, stageBytes: STAGE_BYTES, contextTokens: 10 })])
    const tabs = [tab(2), tab(2), tab(2)]
    expect(tabs.map(asked)).toEqual(['0-1', '2-3', '0-1'])
    await gone(tabs[1]!)
    const moved = [tabs[0]!, tabs[2]!].filter((each) => asked(each) === '2-3')
    expect(moved).toHaveLength(1)
  })

  it('leaves room for the models that a tab holds beside it', async () => {
    const models = ['a', 'b'].map((id) => fakeModel({ id, stageBytes: STAGE_BYTES, contextTokens: 10 }))
    const { tab, asked, gone } = world(models)
    const both = tab(6)
    expect(asked(both)).toBe('0-2,0-2')
    const four = tab(4)
    expect(asked(four)).toBe('0-2')
    await gone(both)
    expect(asked(four).split(',').sort()).toEqual(['0-0', '0-2'])
  })

  it('names no stages of a model that is not served any more', () => {
    const { fixture, tab, asked, news, served } = world()
    const one = tab(3)
    served.length = 0
    news.modelsChanged()
    expect(asked(one)).toBe('')
    expect(assignModels(fixture.core, one.tab, []).models).toEqual([])
    expect(fillGaps(fixture.core, [])).toEqual(new Set())
  })

  it('comes to an end however many tabs there are', () => {
    const { fixture, tab, served } = world([
      fakeModel({ stages: 12, stageBytes: STAGE_BYTES, contextTokens: 10 }),
    ])
    for (let i = 0; i < 40; i++) tab(1 + (i % 5))
    for (const each of [...fixture.core.tabs.values()].slice(0, 30)) fixture.core.tabs.delete(each.id)
    fillGaps(fixture.core, served)
    expect(fillGaps(fixture.core, served)).toEqual(new Set())
    const held = new Set<number>()
    for (const { assigned } of fixture.core.tabs.values())
      for (const { first, last } of assigned.values())
        for (let stage = first; stage <= last; stage++) held.add(stage)
    expect(held.size).toBe(12)
  })
})

describe('who can run a language model now', () => {
  const model = fakeModel()
  const holders = (...runs: [number, number][]) => {
    const fixture = new FixtureCore()
    for (const run of runs) fixture.tab({ ranges: [[model.hash, ...run]] })
    return languageHolders(fixture.core, model as ServedLanguageModel)
  }

  it.each([
    [[], { tabs: 0, ready: false }, '0 tabs hold it'],
    [[[0, 2]], { tabs: 1, ready: true }, '1 tab holds it'],
    [[[0, 1]], { tabs: 0, ready: false }, '0 tabs hold it whole, and 1 tab holds 2 of its 3 stages'],
    [
      [
        [0, 0],
        [1, 2],
      ],
      { tabs: 2, ready: true },
      '0 tabs hold it whole, and 2 tabs hold 3 of its 3 stages',
    ],
    [
      [
        [0, 2],
        [1, 1],
      ],
      { tabs: 2, ready: true },
      '1 tab holds it whole, and 1 tab holds parts of it',
    ],
  ] as [[number, number][], object, string][])('with %j', (runs, counts, words) => {
    expect(holders(...runs)).toMatchObject(counts)
    expect(holdersInWords(holders(...runs))).toBe(words)
  })

  it.each([
    [
      'whole',
      [
        [0, 2],
        [1, 1],
      ],
      { mode: 'whole', tabs: 2, tabsWhole: 1, ready: true, stages: 3, stagesHeld: 3 },
    ],
    [
      'over shared stages',
      [
        [0, 0],
        [1, 2],
      ],
      { mode: 'shared', tabs: 2, tabsWhole: 0, ready: true, stages: 3, stagesHeld: 3 },
    ],
    [
      'not while a stage is missing',
      [
        [0, 0],
        [0, 1],
      ],
      { mode: 'none', tabs: 0, tabsWhole: 0, ready: false, stages: 3, stagesHeld: 2 },
    ],
    ['not without tabs', [], { mode: 'none', tabs: 0, tabsWhole: 0, ready: false, stages: 3, stagesHeld: 0 }],
  ] as [string, [number, number][], object][])('says that it is served %s', (_how, runs, expected) => {
    const fixture = new FixtureCore()
    for (const run of runs) fixture.tab({ ranges: [[model.hash, ...run]] })
    expect(modelHolders(fixture.core, model)).toEqual(expected)
  })

  it('not those that are cut off, or say so of another model', () => {
    const fixture = new FixtureCore()
    const tab = fixture.tab({ ranges: [[model.hash, 0, 2]] })
    fixture.tab({ ranges: [['ab'.repeat(32), 0, 2]], ready: [model.hash] })
    tab.tab.link = null
    expect(languageHolders(fixture.core, model)).toMatchObject({ tabs: 0, ready: false })
  })
})
