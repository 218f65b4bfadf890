import { EventEmitter } from 'node:events'
import { describe, expect, it } from 'vitest'
import type { WebSocket } from 'ws'
import { closeCodes } from '../../protocol/closeCodes.ts'
import { encodeResults } from '../../protocol/frames.ts'
import {
  HELLO_MS,
  SOCKET_LIMIT_BYTES,
  TAB_NEWS_AT_ONCE,
  TAB_NEWS_PER_SECOND,
  TAB_SILENCE_MS,
} from '../../protocol/limits.ts'
import type { FromRelay } from '../../protocol/messages.ts'
import { FixtureCore } from '../fixtureCore.ts'
import { rescueLeases } from '../maintenance/leaseRescuer.ts'
import { ALICE, fakeDevice, resultOf } from '../placement/fakeTab.ts'
import type { Tab } from '../placement/tab.ts'
import { serveTab } from './tabSocket.ts'

/** The part of a WebSocket that the relay uses, moved by hand. */
class FakeSocket extends EventEmitter {
  readonly OPEN = 1
  readyState = 1
  bufferedAmount = 0
  readonly sent: (FromRelay | Uint8Array)[] = []
  closedWith: number | null = null
  terminated = false

  send(data: string | Uint8Array): void {
    this.sent.push(typeof data === 'string' ? (JSON.parse(data) as FromRelay) : data)
  }

  close(code: number): void {
    this.readyState = 2
    this.closedWith = code
  }

  terminate(): void {
    this.terminated = true
    this.end()
  }

  /** The other side has closed as well. */
  end(): void {
    this.readyState = 3
    this.emit('close')
  }

  hear(message: object | Uint8Array): void {
    if (message instanceof Uint8Array) this.emit('message', Buffer.from(message), true)
    else this.emit('message', Buffer.from(JSON.stringify(message)), false)
  }
}

const hello = {
  type: 'hello',
  version: 1,
  address: ALICE,
  device: fakeDevice,
  kernels: ['matmul-i8'],
  ready: [],
  slots: 64,
  storageBytes: 0,
}

function serve(fixture = new FixtureCore()) {
  const socket = new FakeSocket()
  const greeted: Tab[] = []
  serveTab(
    { core: fixture.core, relay: { name: 'r', version: '0' }, greeted: (tab) => greeted.push(tab) },
    socket as unknown as WebSocket,
  )
  return { fixture, socket, greeted }
}

describe('the relay’s side of a socket', () => {
  it('[H1] closes when no hello comes in time, and not when one came', () => {
    const { fixture, socket } = serve()
    fixture.clock.advance(HELLO_MS - 1)
    expect(socket.closedWith).toBe(null)
    fixture.clock.advance(1)
    expect(socket.closedWith).toBe(closeCodes.notGreeted.code)
    const second = serve(fixture)
    second.socket.hear(hello)
    fixture.clock.advance(HELLO_MS)
    expect(second.socket.closedWith).toBe(null)
  })

  it('[H5] sends nothing before the hello, then the welcome first', async () => {
    const { fixture, socket, greeted } = serve()
    await fixture.submit()
    expect(socket.sent).toEqual([])
    socket.hear(hello)
    fixture.flush()
    expect(greeted).toHaveLength(1)
    expect(socket.sent.map((data) => ('type' in data ? data.type : 'leases'))).toEqual(['welcome', 'leases'])
  })

  it('[C1] tells the error with its fix, closes with its code, and hears nothing more', async () => {
    const { fixture, socket } = serve()
    socket.hear(hello)
    await fixture.submit()
    socket.hear({ type: 'mine' })
    expect(socket.sent.at(-1)).toEqual({
      type: 'error',
      code: 'unknown_message',
      message: 'There is no message type "mine".',
      fix: 'Reload the tab.',
    })
    expect(socket.closedWith).toBe(closeCodes.unknownMessage.code)
    const [job] = fixture.core.jobs.values()
    const task = job!.tasks.get(0)!
    socket.hear(
      encodeResults([resultOf({ task: task.id, generation: task.generation, leaseMs: 0, spec: task.spec })]),
    )
    await fixture.settle()
    expect(fixture.credit(ALICE)).toBe(0)
  })

  it('[C4] cuts off a peer that does not answer the close', () => {
    const { fixture, socket } = serve()
    socket.hear({ type: 'leaving' })
    fixture.clock.advance(1_999)
    expect(socket.terminated).toBe(false)
    fixture.clock.advance(1)
    expect(socket.terminated).toBe(true)
    const polite = serve(fixture)
    polite.socket.hear({ type: 'leaving' })
    polite.socket.end()
    fixture.clock.advance(5_000)
    expect(polite.socket.terminated).toBe(false)
  })

  it('[M4] closes a tab that does not read as too slow', async () => {
    const { fixture, socket } = serve()
    socket.hear(hello)
    socket.bufferedAmount = SOCKET_LIMIT_BYTES + 1
    fixture.core.tabs.values().next().value!.link!.message({ type: 'drain', reconnectMs: 1 })
    expect(socket.closedWith).toBe(closeCodes.tooSlow.code)
  })

  it('[M6] closes a tab that floods it with news of itself, and no other', () => {
    const { fixture, socket } = serve()
    socket.hear(hello)
    const calm = serve(fixture)
    calm.socket.hear(hello)
    for (let i = 0; i < TAB_NEWS_AT_ONCE; i++) socket.hear({ type: 'ready', models: [], ranges: [] })
    expect(socket.closedWith).toBe(null)
    socket.hear({ type: 'state', state: 'ready' })
    expect(socket.closedWith).toBe(closeCodes.tooTalkative.code)
    expect(socket.sent.at(-1)).toMatchObject({ type: 'error', code: 'too_talkative' })
    for (let i = 0; i < 2 * TAB_NEWS_AT_ONCE; i++) {
      fixture.clock.advance(1_000 / TAB_NEWS_PER_SECOND)
      calm.socket.hear({ type: 'heartbeat', leases: [] })
    }
    expect(calm.socket.closedWith).toBe(null)
  })

  it('[M6] does nothing about news that it knows', async () => {
    const { fixture, socket } = serve()
    const range = ['ab'.repeat(32), 0, 2]
    socket.hear({ ...hello, ready: ['cd'.repeat(32)], ranges: [range], memoryBytes: 1 })
    await fixture.settle()
    let stirred = 0
    fixture.core.wake = () => stirred++
    socket.hear({ type: 'state', state: 'ready' })
    socket.hear({ type: 'ready', models: ['cd'.repeat(32)], ranges: [range] })
    socket.hear({ type: 'failed', task: 1, generation: 1, code: 'kernel_failed', message: 'No.' })
    socket.hear({ type: 'handback', leases: [[1, 1]], reason: 'stop' })
    expect([stirred, fixture.core.tabsStirred]).toEqual([0, false])
    for (const news of [
      { type: 'state', state: 'paused' },
      { type: 'ready', models: [], ranges: [range] },
      { type: 'ready', models: [], ranges: [range, ['ab'.repeat(32), 4, 5]] },
      { type: 'ready', models: [], ranges: [] },
    ]) {
      fixture.core.tabsStirred = false
      socket.hear(news)
      expect([news, fixture.core.tabsStirred]).toEqual([news, true])
    }
  })

  it('tells answers once a turn of all tabs that have news', async () => {
    const { fixture, socket } = serve()
    socket.hear(hello)
    await fixture.settle()
    let told = 0
    fixture.core.answers.tabsChanged = () => told++
    for (let i = 0; i < 5; i++) {
      socket.hear({ type: 'state', state: 'paused' })
      socket.hear({ type: 'state', state: 'ready' })
    }
    await fixture.settle()
    expect(told).toBe(1)
  })

  it('[B3] closes a tab that fell silent with the socket open', () => {
    const { fixture, socket } = serve()
    socket.hear(hello)
    fixture.clock.advance(TAB_SILENCE_MS)
    rescueLeases(fixture.core)
    expect(socket.closedWith).toBe(closeCodes.silent.code)
    expect(socket.sent.at(-1)).toMatchObject({ type: 'error', code: 'silent' })
    socket.end()
    expect(fixture.core.tabs.size).toBe(0)
  })

  it('[D2] refuses a hello while it drains', () => {
    const { fixture, socket } = serve()
    fixture.core.draining = true
    socket.hear(hello)
    expect(socket.closedWith).toBe(closeCodes.drain.code)
    expect(socket.sent).toMatchObject([{ type: 'error', code: 'draining' }])
  })

  it('goes on when a message makes it stumble: that tab alone is closed, the error reported', () => {
    const { fixture, socket } = serve()
    socket.hear(hello)
    fixture.core.wake = () => {
      throw new TypeError('a fault of the relay')
    }
    socket.hear({ type: 'state', state: 'paused' })
    expect(socket.closedWith).toBe(closeCodes.badFrame.code)
    expect(fixture.reports).toEqual(['a message of a tab: a fault of the relay'])
  })
})
