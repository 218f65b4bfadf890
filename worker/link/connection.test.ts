import { describe, expect, it } from 'vitest'
import { closeCodes } from '../../protocol/closeCodes.ts'
import type { OpentabError } from '../../protocol/errors.ts'
import { TAB_SILENCE_MS } from '../../protocol/limits.ts'
import { Connection, LONGEST_BACKOFF_MS, WELCOME_MS } from './connection.ts'
import { FakeClock } from './fakeClock.ts'
import { fakeDevice } from './fakeCompute.ts'
import { FakeRelay, kernelLease } from './fakeRelay.ts'
import type { SocketListener } from './tabEnvironment.ts'

function connect(random = () => 0.5) {
  const clock = new FakeClock()
  const relay = new FakeRelay()
  const downs: { reason: string; waitMs: number }[] = []
  const errors: OpentabError[] = []
  const received: string[] = []
  const leased: number[] = []
  const welcomes: boolean[] = []
  const listeners: SocketListener[] = []
  const connection = new Connection({
    clock,
    random,
    openSocket: (listener) => {
      listeners.push(listener)
      return relay.openSocket(listener)
    },
    hello: () => ({
      address: '0x00',
      device: fakeDevice.report,
      kernels: [],
      ready: [],
      slots: 8,
      storageBytes: 0,
    }),
    held: () => [[7, 2]],
    welcomed: ({ resumed }) => welcomes.push(resumed),
    received: ({ type }) => received.push(type),
    leased: (leases) => leased.push(...leases.map(({ task }) => task)),
    down: (reason, retryAt) => downs.push({ reason, waitMs: retryAt - clock.now() }),
    failed: (error) => errors.push(error),
  })
  connection.open()
  return { connection, clock, relay, downs, errors, received, leased, welcomes, listeners }
}

describe('connection', () => {
  it('[H1] says hello first and nothing else before the welcome', () => {
    const { connection, relay } = connect()
    connection.say({ type: 'ready', models: [] })
    relay.opened()
    connection.say({ type: 'ready', models: [] })
    expect(relay.heard.map(({ type }) => type)).toEqual(['hello'])
    expect(relay.all('hello')[0]).not.toHaveProperty('resume')
  })

  it('ignores leases that come before the welcome', () => {
    const { relay, leased } = connect()
    relay.opened()
    relay.lease(kernelLease(1))
    expect(leased).toEqual([])
  })

  it('[B1] names the leases in hand every four seconds', async () => {
    const { relay, clock } = connect()
    relay.accept()
    await clock.advance(12_000)
    expect(relay.all('heartbeat').map(({ leases }) => leases)).toEqual([[[7, 2]], [[7, 2]], [[7, 2]]])
  })

  it('[C3] waits 0.5 s, 1 s, 2 s .. 30 s between attempts', async () => {
    const { relay, clock, downs } = connect()
    for (let i = 0; i < 8; i++) {
      relay.close(1006)
      await clock.advance(downs.at(-1)!.waitMs)
    }
    expect(downs.map(({ waitMs }) => waitMs)).toEqual([500, 1000, 2000, 4000, 8000, 16000, 30000, 30000])
  })

  it('never waits less than 0.5 s or more than 30 s, whatever the jitter', async () => {
    for (const random of [0, 0.999]) {
      const { relay, clock, downs } = connect(() => random)
      for (let i = 0; i < 8; i++) {
        relay.close(1006)
        await clock.advance(downs.at(-1)!.waitMs)
      }
      expect(Math.min(...downs.map(({ waitMs }) => waitMs))).toBeGreaterThanOrEqual(500)
      expect(Math.max(...downs.map(({ waitMs }) => waitMs))).toBeLessThanOrEqual(LONGEST_BACKOFF_MS)
    }
  })

  it('keeps backing off from a relay that greets and closes at once', async () => {
    const { relay, clock, downs } = connect()
    for (let i = 0; i < 3; i++) {
      relay.accept()
      relay.close(1006)
      await clock.advance(downs.at(-1)!.waitMs)
    }
    expect(downs.map(({ waitMs }) => waitMs)).toEqual([500, 1000, 2000])
  })

  it('starts the back-off anew after a connection that lasted', async () => {
    const { relay, clock, downs } = connect()
    relay.close(1006)
    await clock.advance(500)
    relay.accept()
    await clock.advance(5000)
    relay.close(1006)
    expect(downs.map(({ waitMs }) => waitMs)).toEqual([500, 500])
  })

  it('gives an attempt up when no welcome comes', async () => {
    const { relay, clock, downs } = connect()
    relay.opened()
    await clock.advance(WELCOME_MS)
    expect(downs).toEqual([{ reason: 'lost', waitMs: 500 }])
    expect(relay.closedBy).toEqual([1000])
  })

  it('[H7] shows the token of the last welcome when it comes back', async () => {
    const { relay, clock } = connect()
    relay.accept()
    relay.close(1006)
    await clock.advance(500)
    relay.opened()
    expect(relay.all('hello')[1]).toMatchObject({ resume: 'token-1' })
  })

  it('delivers what concerns leases after a reconnect that resumes, before anything else', async () => {
    const { connection, relay, clock } = connect()
    relay.accept()
    relay.close(1006)
    connection.deliver({ type: 'failed', task: 1, generation: 1, code: 'internal', message: '' })
    await clock.advance(500)
    relay.accept({ resumed: true })
    expect(relay.heard.map(({ type }) => type)).toEqual(['hello', 'hello', 'failed'])
  })

  it('[H7] drops what concerns leases when the relay does not resume', async () => {
    const { connection, relay, clock } = connect()
    relay.accept()
    relay.close(1006)
    connection.deliver({ type: 'failed', task: 1, generation: 1, code: 'internal', message: '' })
    await clock.advance(500)
    relay.accept({ resumed: false })
    relay.close(1006)
    await clock.advance(1000)
    relay.accept({ resumed: true })
    expect(relay.all('failed')).toEqual([])
  })

  for (const { code, after, error } of Object.values(closeCodes)) {
    it(`[C3] does what the table says on ${code}: ${after}`, async () => {
      const { relay, clock, errors } = connect()
      relay.accept()
      relay.close(code)
      await clock.advance(60_000)
      expect(errors.map((e) => e.code)).toEqual(after === 'reconnect' ? [] : [error])
      expect(relay.connections > 1).toBe(after === 'reconnect')
    })
  }

  it('tells the relay’s own words when it is closed for good', () => {
    const { relay, errors } = connect()
    relay.opened()
    relay.say({ type: 'error', code: 'account_banned', message: 'Banned: zeros.', fix: 'Ask nicely.' })
    relay.close(4006)
    expect(errors[0]).toMatchObject({ code: 'account_banned', message: 'Banned: zeros.', fix: 'Ask nicely.' })
  })

  it('[H2] stops with wrong_version when the relay speaks another version', () => {
    const { relay, errors } = connect()
    relay.accept({ version: 2 })
    expect(errors.map(({ code, fix }) => [code, fix])).toEqual([['wrong_version', 'Reload the tab.']])
  })

  it('stops, to be reloaded, when it cannot read the relay', () => {
    for (const text of ['{', '{"type":"new"}', '{"type":"welcome"}']) {
      const { relay, errors } = connect()
      relay.accept()
      relay.sayRaw(text)
      expect(errors).toHaveLength(1)
      expect(relay.connected).toBe(false)
    }
  })

  it('calls it a restart after the relay said drain, and waits as long as it asked', async () => {
    const { connection, relay, downs } = connect()
    relay.accept()
    connection.expectRestart(3000)
    relay.close(1012)
    expect(downs).toEqual([{ reason: 'relay-restarting', waitMs: 3000 }])
  })

  it('lets go when the browser goes offline and comes back at once when it is online', async () => {
    const { connection, relay, clock, downs } = connect()
    relay.accept()
    connection.setOnline(false)
    expect(downs[0]?.reason).toBe('offline')
    await clock.advance(10)
    connection.setOnline(true)
    expect(relay.connections).toBe(2)
    expect(relay.connected).toBe(true)
  })

  it('tries on while the browser says offline: a relay on this machine can be reached', async () => {
    const { connection, relay, clock } = connect()
    connection.setOnline(false)
    await clock.advance(500)
    relay.accept()
    expect(connection.up).toBe(true)
  })

  it('connects anew at once after the machine slept', async () => {
    const { relay, clock } = connect()
    relay.accept()
    await clock.sleep(TAB_SILENCE_MS + 10_000)
    expect(relay.connections).toBe(2)
  })

  it('does not hear a socket that it has given up', async () => {
    const { connection, relay, errors, received, listeners } = connect()
    relay.accept()
    connection.setOnline(false)
    connection.setOnline(true)
    relay.accept()
    listeners[0]?.text('{"type":"credits","pending":"1","escrow":"0","settled":"0"}')
    listeners[0]?.closed(4010)
    expect([errors, received]).toEqual([[], []])
    expect(connection.up).toBe(true)
  })

  it('is silent after close', async () => {
    const { connection, relay, clock } = connect()
    relay.accept()
    connection.close()
    await clock.advance(60_000)
    expect(relay.closedBy).toEqual([1000])
    expect(relay.connections).toBe(1)
  })
})
