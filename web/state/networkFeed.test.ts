import { describe, expect, it } from 'vitest'
import type { NetworkDocument } from '../../protocol/network.ts'
import { createNetworkFeed, FIRST_EVENT_MS, POLL_MS } from './networkFeed.ts'

const network = (tasks: number): NetworkDocument => ({
  tabs: [],
  queue: { queued: 0, leased: 0 },
  totals: { tasks, microCredits: '0' },
})

/** A stream and a clock that move only when told. */
function stage() {
  const listeners = new Map<string, (event: { data?: unknown }) => void>()
  const stream = { readyState: 1, closed: false }
  let timer: { ms: number; run: () => void } | null = null
  let answers = 0
  let reachable = true
  const feed = createNetworkFeed({
    openStream: () => ({
      addEventListener: (type, listener) => listeners.set(type, listener),
      get readyState() {
        return stream.readyState
      },
      close: () => {
        stream.closed = true
      },
    }),
    ask: async () => {
      if (!reachable) throw new Error('no answer')
      answers++
      return network(1000 + answers)
    },
    after: (ms, run) => {
      const mine = { ms, run }
      timer = mine
      return () => {
        if (timer === mine) timer = null
      }
    },
  })
  return {
    feed,
    stream,
    event: (data: unknown) => listeners.get('network')?.({ data }),
    error: () => listeners.get('error')?.({}),
    timer: () => timer?.ms ?? null,
    tick: async () => {
      const due = timer
      timer = null
      due?.run()
      await Promise.resolve()
      await Promise.resolve()
      await Promise.resolve()
    },
    reach: (yes: boolean) => {
      reachable = yes
    },
    answers: () => answers,
  }
}

describe('the network feed', () => {
  it('shows what the stream says and asks for nothing', () => {
    const on = stage()
    expect(on.feed.source.value).toBe('waiting')
    on.event(JSON.stringify(network(7)))
    expect(on.feed.network.value?.totals.tasks).toBe(7)
    expect(on.feed.source.value).toBe('live')
    expect(on.timer()).toBeNull()
  })

  it('drops an event that makes no sense', () => {
    const on = stage()
    on.event('{"tabs": 3}')
    on.event('not JSON')
    on.event(undefined)
    expect(on.feed.network.value).toBeNull()
    expect(on.feed.source.value).toBe('waiting')
  })

  it('asks when the stream says nothing for a while, and every few seconds from then on', async () => {
    const on = stage()
    expect(on.timer()).toBe(FIRST_EVENT_MS)
    await on.tick()
    expect(on.feed.source.value).toBe('polling')
    expect(on.timer()).toBe(POLL_MS)
    await on.tick()
    expect(on.feed.network.value?.totals.tasks).toBe(1002)
  })

  it('asks at once when the browser gives the stream up', async () => {
    const on = stage()
    on.stream.readyState = 2
    on.error()
    await Promise.resolve()
    await Promise.resolve()
    expect(on.feed.source.value).toBe('polling')
  })

  it('says so while the relay does not answer, keeps the figures, and comes back', async () => {
    const on = stage()
    on.event(JSON.stringify(network(7)))
    on.stream.readyState = 0
    on.error()
    expect(on.feed.source.value).toBe('lost')
    on.reach(false)
    await on.tick()
    expect(on.feed.source.value).toBe('lost')
    expect(on.feed.network.value?.totals.tasks).toBe(7)
    on.event(JSON.stringify(network(8)))
    expect(on.feed.source.value).toBe('live')
    expect(on.timer()).toBeNull()
  })

  it('is silent once closed', async () => {
    const on = stage()
    on.feed.close()
    expect(on.stream.closed).toBe(true)
    on.event(JSON.stringify(network(7)))
    expect(on.feed.network.value).toBeNull()
    expect(on.timer()).toBeNull()
  })
})
