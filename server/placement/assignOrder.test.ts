import { describe, expect, it } from 'vitest'
import type { ModelRegistry } from '../../models/modelRegistry.ts'
import type { ServedModel } from '../../protocol/manifest.ts'
import { FixtureCore } from '../fixtureCore.ts'
import { FakeTab, type FakeTabOptions } from './fakeTab.ts'
import { TabNews } from './tabNews.ts'

const BYTES = 100
const onnxModel = (id: string): ServedModel => {
  const shards = [{ sha256: id.repeat(64), bytes: BYTES }]
  const graph = { name: 'main', shards, inputs: [], outputs: [], tolerance: { rtol: 0, atol: 0 } }
  return {
    hash: id.repeat(64),
    manifest: { v: 1, id, kind: 'onnx', graphs: [graph], files: {}, licence: '', source: '' },
  }
}

/** Tabs that have room for one model each, and a relay that serves two. */
function world(served = [onnxModel('a'), onnxModel('b')]) {
  const fixture = new FixtureCore()
  const waiting: Record<string, number> = {}
  fixture.core.queue.lengthOf = (requirement) => waiting[requirement.at(-1)!] ?? 0
  const registry = { list: () => served, onChange: () => () => {} } as unknown as ModelRegistry
  const news = new TabNews(fixture.core, registry)
  const tab = (options: FakeTabOptions = {}): FakeTab => {
    const made = new FakeTab(fixture.core, { storageBytes: BYTES, ...options })
    news.greet(made.tab)
    return made
  }
  const asked = (of: FakeTab): string =>
    of
      .messagesOf('models')
      .at(-1)!
      .models.map(({ manifest }) => manifest.id)
      .join()
  /** The list is made anew while so much waits for each. */
  const again = (a: number, b: number) => {
    Object.assign(waiting, { a, b })
    news.modelsChanged()
  }
  const loads = (of: FakeTab) => {
    const { models } = of.messagesOf('models').at(-1)!
    of.say({ type: 'ready', models: models.map(({ hash }) => hash) })
  }
  return { tab, asked, again, loads }
}

describe('two models that have no room in one tab together', () => {
  it('[K5] do not take it from one another while work waits for the one that is there', () => {
    const { tab, asked, again, loads } = world()
    const only = tab()
    again(1, 0)
    loads(only)
    for (const [a, b] of [
      [5, 10],
      [1, 90],
      [7, 8],
    ] as const) {
      again(a, b)
      expect(asked(only)).toBe('a')
    }
    again(0, 1)
    expect(asked(only)).toBe('b')
  })

  it('do not take it from one another while the first is still loaded', () => {
    const { tab, asked, again } = world()
    const only = tab()
    again(2, 1)
    again(2, 3)
    again(2, 1)
    expect(asked(only)).toBe('a')
    again(3, 3)
    expect(only.messagesOf('models').map(({ models }) => models[0]!.manifest.id)).toEqual(Array(5).fill('a'))
  })

  it('share two tabs, whichever has more work', () => {
    const { tab, asked, again, loads } = world()
    const tabs = [tab(), tab()]
    again(10, 10)
    const first = tabs.map(asked)
    expect(first.toSorted()).toEqual(['a', 'b'])
    for (const each of tabs) loads(each)
    again(10, 1)
    again(1, 10)
    expect(tabs.map(asked)).toEqual(first)
  })

  it('get tabs by the work that waits for each holder', () => {
    const { tab, asked, again, loads } = world()
    const tabs = [tab(), tab(), tab(), tab()]
    again(4, 0)
    for (const each of tabs) loads(each)
    again(4, 4)
    expect(tabs.map(asked).toSorted()).toEqual(['a', 'a', 'b', 'b'])
  })
})
