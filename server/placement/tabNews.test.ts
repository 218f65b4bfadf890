import { describe, expect, it } from 'vitest'
import type { ModelRegistry } from '../../models/modelRegistry.ts'
import { FixtureCore } from '../fixtureCore.ts'
import { MemoryStore } from '../store/memoryStore.ts'
import type { Batch } from '../store/store.ts'
import { ALICE } from './fakeTab.ts'
import { TabNews } from './tabNews.ts'

/** A store whose commits are on disk when it is told so. */
class SlowStore extends MemoryStore {
  slow = false
  #waiting: (() => void)[] = []

  override commit(batch: Batch): void | Promise<void> {
    super.commit(batch)
    return this.slow ? new Promise((resolve) => this.#waiting.push(resolve)) : undefined
  }

  written(): void {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }
}

const noModels = { list: () => [] } as unknown as ModelRegistry

function newsy() {
  const store = new SlowStore()
  const fixture = new FixtureCore({ store })
  return { store, fixture, news: new TabNews(fixture.core, noModels) }
}

describe('news for tabs', () => {
  it('[R4] [R6] brings verdicts and credits when they are on disk and not before', async () => {
    const { store, fixture } = newsy()
    const tab = fixture.tab()
    await fixture.submit()
    store.slow = true
    tab.answer()
    await fixture.settle()
    fixture.clock.advance(1_000)
    await fixture.settle()
    expect(tab.messagesOf('verdicts')).toEqual([])
    expect(tab.messagesOf('credits')).toEqual([])
    store.slow = false
    store.written()
    await fixture.settle()
    fixture.clock.advance(1_000)
    await fixture.settle()
    expect(tab.messagesOf('verdicts').flatMap(({ items }) => items)).toMatchObject([
      { verdict: 'freivalds', microCredits: '2' },
    ])
    expect(tab.messagesOf('credits')).toEqual([{ type: 'credits', pending: '2', escrow: '0', settled: '0' }])
  })

  it('[R6] comes within a second, gathered, at most 256 verdicts in a message', async () => {
    const { fixture } = newsy()
    const tab = fixture.tab()
    const job = await fixture.submit({ tasks: 600 })
    for (let answered = 0; answered < 600; ) {
      answered += tab.hand.length
      tab.answer()
      await fixture.settle()
    }
    expect(job.ended).toBe('done')
    fixture.clock.advance(1_000)
    await fixture.settle()
    expect(tab.messagesOf('verdicts').map(({ items }) => items.length)).toEqual([256, 256, 88])
  })

  it('[H5] greets with the models and the credits', async () => {
    const { fixture, news } = newsy()
    const tab = fixture.tab()
    news.greet(tab.tab)
    await fixture.settle()
    expect(tab.messages.map(({ type }) => type)).toEqual(['models', 'credits'])
  })

  it('tells every tab of an address when its credits settle, and no other', async () => {
    const { fixture, news } = newsy()
    const tabs = [
      fixture.tab(),
      fixture.tab(),
      fixture.tab({ address: '0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359' }),
    ]
    news.credits([ALICE])
    await fixture.settle()
    expect(tabs.map((tab) => tab.messagesOf('credits').length)).toEqual([1, 1, 0])
  })

  it('keeps verdicts for a tab that is cut off until it resumes', async () => {
    const { fixture } = newsy()
    const tab = fixture.tab({ slots: 2 })
    await fixture.submit({ tasks: 2 })
    tab.answer(tab.hand.slice(0, 1))
    tab.cut()
    await fixture.settle()
    fixture.clock.advance(200)
    await fixture.settle()
    const back = fixture.tab({ resume: tab.tab.resume })
    fixture.clock.advance(200)
    await fixture.settle()
    expect(back.messagesOf('verdicts').flatMap(({ items }) => items)).toHaveLength(1)
  })

  it('keeps verdicts of a tab that is cut off while they are written', async () => {
    const { store, fixture } = newsy()
    const tab = fixture.tab()
    await fixture.submit({ tasks: 2 })
    store.slow = true
    tab.answer(tab.hand.slice(0, 1))
    fixture.clock.advance(200)
    tab.cut()
    store.slow = false
    store.written()
    await fixture.settle()
    expect(tab.messagesOf('verdicts')).toEqual([])
    const back = fixture.tab({ resume: tab.tab.resume })
    fixture.clock.advance(200)
    await fixture.settle()
    expect(back.messagesOf('verdicts').flatMap(({ items }) => items)).toHaveLength(1)
  })
})
