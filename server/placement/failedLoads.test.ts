import { describe, expect, it } from 'vitest'
import type { ModelRegistry } from '../../models/modelRegistry.ts'
import type { FailedLoad } from '../../protocol/messages.ts'
import { FixtureCore } from '../fixtureCore.ts'
import { fakeModel } from '../language/fakeLanguage.ts'
import { tabsHold } from '../maintenance/queueWait.ts'
import { FakeTab, type FakeTabOptions } from './fakeTab.ts'
import { languageHolders, modelHolders } from './languageHolders.ts'
import { TabNews } from './tabNews.ts'

const STAGE_BYTES = 30_000_000
const model = fakeModel({ stageBytes: STAGE_BYTES, contextTokens: 10 })
const why: FailedLoad = [model.hash, 'out_of_memory', 'Loading stage 0 of fake-chat failed: no memory.']

function world() {
  const fixture = new FixtureCore()
  const registry = { list: () => [model], onChange: () => () => {} } as unknown as ModelRegistry
  const news = new TabNews(fixture.core, registry)
  /** A tab that has memory for so many stages. */
  const tab = (stages: number, options: FakeTabOptions = {}): FakeTab => {
    const memoryBytes = Math.ceil((stages * STAGE_BYTES) / 0.75) + 1
    const made = new FakeTab(fixture.core, { memoryBytes, storageBytes: 1e12, ...options })
    news.greet(made.tab)
    fixture.flush()
    return made
  }
  const asked = (of: FakeTab): string =>
    (of.messagesOf('models').at(-1)!.ranges ?? []).map(([, first, last]) => `${first}-${last}`).join()
  const fails = async (of: FakeTab, failed = [why]): Promise<void> => {
    of.say({ type: 'ready', models: [], failed })
    fixture.clock.advance(100)
    await fixture.settle()
  }
  return { fixture, news, tab, asked, fails }
}

describe('[K13] a tab that cannot load a model', () => {
  it('is no holder of it: its stages are asked of another tab', async () => {
    const { tab, asked, fails } = world()
    const [whole, small] = [tab(3), tab(2)]
    expect([whole, small].map(asked)).toEqual(['0-2', ''])
    await fails(whole)
    expect(asked(small)).toBe('0-1')
  })

  it('is asked for the same stages as before, however often it fails', async () => {
    const { tab, asked, fails, news } = world()
    const whole = tab(3)
    tab(2)
    await fails(whole)
    news.modelsChanged()
    await fails(whole, [])
    await fails(whole)
    expect(asked(whole)).toBe('0-2')
    // Its first list and the one of the change: a failure brings no list, which would have it try again.
    expect(whole.messagesOf('models')).toHaveLength(2)
  })

  it('holds it from then on when it has loaded it all the same', async () => {
    const { fixture, tab, asked } = world()
    const whole = tab(3, { failed: [why] })
    whole.say({ type: 'ready', models: [], ranges: [[model.hash, 0, 2]] })
    expect(asked(tab(2))).toBe('')
    expect(languageHolders(fixture.core, model)).toMatchObject({ whole: 1, ready: true })
  })

  it('stands in the log once, by the name of the model', async () => {
    const { fixture, tab, fails } = world()
    const whole = tab(3)
    for (let times = 0; times < 5; times++) {
      await fails(whole)
      await fails(whole, [])
    }
    const { id, deviceClass } = whole.tab
    expect(fixture.reports).toEqual([
      `a model that a tab cannot load: ${id} (${deviceClass}) cannot load fake-chat: ${why[2]}`,
    ])
  })

  it('says so in its greeting as well', async () => {
    const { fixture, tab } = world()
    tab(3, { failed: [why] })
    fixture.clock.advance(100)
    await fixture.settle()
    expect(fixture.reports).toHaveLength(1)
  })

  it('is counted in the lists of models, and its reason ends the sentence on who holds it', async () => {
    const { fixture, tab } = world()
    const other = fakeModel({ id: 'other' })
    const failed = tab(3, { failed: [why] })
    expect(modelHolders(fixture.core, model)).toMatchObject({ tabs: 0, tabsFailed: 1 })
    expect(modelHolders(fixture.core, other)).not.toHaveProperty('tabsFailed')
    expect(tabsHold(fixture.core, `model:${model.hash}`)).toBe(
      '0 tabs hold it; 1 tab could not load it: Loading stage 0 of fake-chat failed: no memory',
    )
    failed.cut()
    expect(tabsHold(fixture.core, `model:${model.hash}`)).toBe('0 tabs hold it')
  })
})
