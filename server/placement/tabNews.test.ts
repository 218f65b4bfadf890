import { describe, expect, it } from 'vitest'
import type { ModelRegistry } from '../../models/modelRegistry.ts'
import { FixtureCore } from '../fixtureCore.ts'
import { MemoryStore } from '../store/memoryStore.ts'
import type { Batch } from '../store/store.ts'
import { ALICE } from './fakeTab.ts'
import { TabNews } from './tabNews.ts'

/** A store whose commits end when the disk is let go, as those of the commit thread do. */
class SlowStore extends MemoryStore {
  #held: Promise<void> | null = null
  letGo: () => void = () => {}

  hold(): void {
    this.#held = new Promise((resolve) => {
      this.letGo = resolve
    })
  }

  override commit(batch: Batch): Promise<void> | undefined {
    if (!this.#held) {
      super.commit(batch)
      return undefined
    }
    return this.#held.then(() => super.commit(batch))
  }
}

const noModels = { list: () => [] } as unknown as ModelRegistry

describe('what tabs are told', () => {
  it('[R4] no verdict and no credit is sent before it is on disk', async () => {
    const store = new SlowStore()
    const fixture = new FixtureCore({ store })
    const news = new TabNews(fixture.core, noModels)
    const tab = fixture.tab({ address: ALICE })
    await fixture.submit({ tasks: 2 })
    store.hold()
    tab.answer()
    await fixture.settle()
    fixture.clock.advance(1000)
    await fixture.settle()
    expect([tab.messagesOf('verdicts'), tab.messagesOf('credits')]).toEqual([[], []])
    store.letGo()
    await fixture.settle()
    expect(tab.messagesOf('verdicts').map(({ items }) => items.length)).toEqual([2])
    expect(tab.messagesOf('credits')).toMatchObject([{ pending: '4' }])
    expect(tab.verdicts).toEqual([])
    news.stop()
  })

  it('[R6] verdicts of a tab that is cut off while they are written come when it resumes', async () => {
    const store = new SlowStore()
    const fixture = new FixtureCore({ store })
    const news = new TabNews(fixture.core, noModels)
    const tab = fixture.tab({ address: ALICE })
    await fixture.submit({ tasks: 2 })
    store.hold()
    tab.answer(tab.hand.slice(0, 1))
    fixture.clock.advance(200)
    tab.cut()
    store.letGo()
    await fixture.settle()
    expect(tab.messagesOf('verdicts')).toEqual([])
    const back = fixture.tab({ address: ALICE, resume: tab.tab.resume })
    fixture.clock.advance(200)
    await fixture.settle()
    expect(back.messagesOf('verdicts').map(({ items }) => items.length)).toEqual([1])
    news.stop()
  })
})
