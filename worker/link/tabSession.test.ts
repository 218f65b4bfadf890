import { describe, expect, it } from 'vitest'
import { TASK_TIME_LIMIT_MS } from '../../protocol/limits.ts'
import { STOP_MS } from './computeKeeper.ts'
import { kernelLease } from './fakeRelay.ts'
import { DEVICE_LOST_WAIT_MS } from './governor.ts'
import { testSession } from './testSession.ts'

describe('start', () => {
  it('asks for the device first, then connects, then is idle', async () => {
    const { session, relay, clock, shown, look } = testSession()
    void session.start()
    expect(relay.connections).toBe(0)
    expect((await look()).state).toEqual({ name: 'starting', step: 'connecting' })
    relay.accept()
    expect((await look()).state.name).toBe('idle')
    expect(relay.all('hello')[0]).toMatchObject({ kernels: ['matmul-i8'], ready: [], slots: 8 })
    expect(shown.length).toBeGreaterThan(1)
    await clock.settle()
  })

  it('stops with the reason when the device cannot be opened', async () => {
    const { session, compute, relay, look } = testSession()
    compute.openError = Object.assign(new Error('no threads'), { code: 'out_of_memory' })
    await session.start()
    expect((await look()).state).toMatchObject({
      name: 'stopped',
      error: { code: 'out_of_memory', message: 'no threads' },
    })
    expect(relay.connections).toBe(0)
  })

  it('stops with the reason when the compute worker cannot be loaded', async () => {
    const { session, compute, look } = testSession()
    compute.spawn = () => new Promise(() => {})
    void session.start()
    session.tell({ type: 'compute-error', message: 'Failed to load compute.js' })
    expect((await look()).state).toMatchObject({
      name: 'stopped',
      error: { message: 'Failed to load compute.js' },
    })
  })

  it('says that it is not connected when the relay is not there, and tries again', async () => {
    const { session, relay, clock, look } = testSession()
    void session.start()
    await clock.settle()
    relay.close(1006)
    expect((await look()).state).toMatchObject({ name: 'disconnected', reason: 'lost' })
    await clock.advance(1000)
    expect(relay.connections).toBe(2)
  })

  it('leaves no worker behind when Stop comes before the device is there', async () => {
    const { session, compute, clock } = testSession()
    void session.start()
    void session.stop()
    await clock.advance(STOP_MS)
    expect(compute.killed).toBe(compute.spawned)
  })
})

describe('work', () => {
  it('shows the task in hand and logs it with its verdict, credit and receipt', async () => {
    const { begin, relay, compute, clock, look } = testSession()
    await begin()
    relay.lease(kernelLease(5))
    const working = await look()
    expect(working.state.name).toBe('working')
    expect(working.current).toMatchObject({ kind: 'kernel', subject: 'matmul-i8', graph: null })
    compute.runs[0]!.finish(2000)
    await clock.settle()
    expect(relay.results).toMatchObject([{ task: 5, generation: 1, computeMicros: 2000 }])
    expect((await look()).tasks).toMatchObject([{ task: 5, verdict: null, computeMs: 2, microCredits: '0' }])
    relay.say({
      type: 'verdicts',
      items: [
        {
          task: 5,
          generation: 1,
          verdict: 'freivalds',
          microCredits: '2147484',
          receipt: 'r1',
          inputSalt: '',
          outputSalt: '',
        },
      ],
    })
    const done = await look()
    expect(done.tasks).toMatchObject([{ verdict: 'freivalds', microCredits: '2147484', receipt: 'r1' }])
    expect(done.session).toMatchObject({ microCredits: '2147484', completed: 1, rejected: 0 })
    expect(done.state.name).toBe('idle')
  })

  it('shows the account’s credits as the relay tells them', async () => {
    const { begin, relay, look } = testSession()
    await begin()
    relay.say({ type: 'credits', pending: '1', escrow: '0', settled: '2' })
    expect((await look()).credits).toEqual({ pending: '1', escrow: '0', settled: '2' })
  })

  it('goes on while the page is hidden', async () => {
    const { begin, session, relay, compute } = testSession()
    await begin()
    session.tell({ type: 'visibility', visible: false })
    relay.lease(kernelLease(1))
    expect(compute.started).toBe(1)
  })

  it('rebuilds compute when a task runs far over the time limit', async () => {
    const { begin, relay, compute, clock } = testSession()
    await begin()
    relay.lease(kernelLease(1))
    await clock.advance(TASK_TIME_LIMIT_MS + 12_000)
    expect(relay.all('handback')).toMatchObject([{ leases: [[1, 1]], reason: 'device-lost' }])
    expect(compute.killed).toBe(1)
  })

  it('takes a thousand leases a second of clock that stands still', async () => {
    const { begin, relay, compute, clock } = testSession()
    await begin()
    compute.immediate = true
    for (let batch = 0; batch < 16; batch++) {
      relay.lease(...Array.from({ length: 64 }, (_, i) => kernelLease(64 * batch + i)))
      await clock.settle()
    }
    expect(relay.results).toHaveLength(1024)
    expect(relay.all('results').length).toBeLessThanOrEqual(64)
  })
})

describe('pause', () => {
  it('hands back what has not started, ends what runs, and tells the relay', async () => {
    const { begin, session, relay, compute, clock, look } = testSession()
    await begin()
    relay.lease(kernelLease(1), kernelLease(2), kernelLease(3))
    session.pause()
    expect(relay.all('handback')).toMatchObject([{ leases: [[3, 1]], reason: 'pause' }])
    expect(relay.all('state').at(-1)).toMatchObject({ state: 'paused', reason: 'you' })
    for (const run of [...compute.runs]) run.finish()
    await clock.settle()
    expect(relay.results.map(({ task }) => task)).toEqual([1, 2])
    expect((await look()).state).toEqual({ name: 'paused', reason: 'you', until: null })
  })

  it('gives back leases that come while paused', async () => {
    const { begin, session, relay } = testSession()
    await begin()
    session.pause()
    relay.lease(kernelLease(1))
    expect(relay.all('handback')).toMatchObject([{ leases: [[1, 1]], reason: 'pause' }])
  })

  it('works again after resume', async () => {
    const { begin, session, relay, compute } = testSession()
    await begin()
    session.pause()
    session.resume()
    expect(relay.all('state').at(-1)).toEqual({ type: 'state', state: 'ready' })
    relay.lease(kernelLease(1))
    expect(compute.started).toBe(1)
  })

  it('stays paused, and says so to the relay, over a reconnect', async () => {
    const { begin, session, relay, clock } = testSession()
    await begin()
    session.pause()
    relay.close(1006)
    await clock.advance(500)
    relay.heard = []
    relay.accept({ resumed: true })
    expect(relay.all('state').at(-1)).toMatchObject({ state: 'paused' })
    session.resume()
    expect(relay.all('state').at(-1)).toMatchObject({ state: 'ready' })
  })

  it('pauses on battery unless the person allowed it', async () => {
    const { begin, session, relay, look } = testSession()
    await begin()
    session.tell({ type: 'battery', battery: { charging: false } })
    expect((await look()).state).toEqual({ name: 'paused', reason: 'battery', until: null })
    expect(relay.all('state').at(-1)).toMatchObject({ state: 'paused', reason: 'battery' })
    session.change({ onBattery: true })
    expect((await look()).state.name).toBe('idle')
  })
})

describe('finish and stop', () => {
  it('finishes: ends the task in hand, hands back the rest, leaves, and stops without an error', async () => {
    const { begin, session, relay, compute, clock, look } = testSession()
    await begin()
    relay.lease(kernelLease(1), kernelLease(2), kernelLease(3))
    session.finish()
    expect((await look()).state).toEqual({ name: 'finishing' })
    expect(relay.all('handback')).toMatchObject([{ leases: [[3, 1]], reason: 'leaving' }])
    for (const run of [...compute.runs]) run.finish()
    await clock.settle()
    expect(relay.results).toHaveLength(2)
    expect(relay.heard.at(-1)).toEqual({ type: 'leaving' })
    expect(relay.closedBy).toEqual([1000])
    expect((await look()).state).toEqual({ name: 'stopped', error: null })
  })

  it('finishes at once when nothing is in hand', async () => {
    const { begin, session, relay, look } = testSession()
    await begin()
    session.finish()
    expect(relay.heard.at(-1)).toEqual({ type: 'leaving' })
    expect((await look()).state).toEqual({ name: 'stopped', error: null })
  })

  it('does not wait for a relay that is gone to finish', async () => {
    const { begin, session, relay, look } = testSession()
    await begin()
    relay.lease(kernelLease(1))
    session.finish()
    relay.close(1006)
    expect((await look()).state).toEqual({ name: 'stopped', error: null })
  })

  it('stops at once: compute is told, every lease goes back, the socket closes, the worker is killed', async () => {
    const { begin, session, relay, compute, clock, look } = testSession()
    await begin()
    relay.lease(kernelLease(1), kernelLease(2), kernelLease(3))
    void session.stop()
    expect(compute.stopped).toBe(1)
    expect(relay.all('handback').flatMap(({ leases }) => leases)).toEqual([
      [1, 1],
      [2, 1],
      [3, 1],
    ])
    expect(relay.all('handback').every(({ reason }) => reason === 'stop')).toBe(true)
    expect(relay.heard.at(-1)).toEqual({ type: 'leaving' })
    expect(relay.connected).toBe(false)
    await clock.advance(STOP_MS)
    expect(compute.killed).toBe(1)
    expect((await look()).state).toEqual({ name: 'stopped', error: null })
  })

  it('says goodbye when the page goes away', async () => {
    const { begin, session, relay } = testSession()
    await begin()
    session.tell({ type: 'leaving' })
    expect(relay.heard.at(-1)).toEqual({ type: 'leaving' })
  })

  it('stops with the reason when the relay closes for good', async () => {
    const { begin, relay, look } = testSession()
    await begin()
    relay.close(4006)
    expect((await look()).state).toMatchObject({ name: 'stopped', error: { code: 'account_banned' } })
  })
})

describe('a relay that goes', () => {
  it('keeps computing the task in hand and sends its result to a relay that resumes', async () => {
    const { begin, relay, compute, clock } = testSession()
    await begin()
    relay.lease(kernelLease(1))
    relay.close(1006)
    compute.runs[0]!.finish()
    await clock.advance(500)
    relay.accept({ resumed: true })
    await clock.settle()
    expect(relay.results.map(({ task }) => task)).toEqual([1])
  })

  it('drops every old lease when the relay does not resume, the one that runs included', async () => {
    const { begin, relay, compute, clock, look } = testSession()
    await begin()
    relay.lease(kernelLease(1), kernelLease(2), kernelLease(3))
    relay.close(1006)
    compute.runs[0]!.finish()
    await clock.advance(500)
    relay.accept({ resumed: false })
    compute.runs[0]!.finish()
    await clock.settle()
    expect(relay.results).toEqual([])
    expect(relay.all('handback')).toEqual([])
    expect((await look()).state.name).toBe('idle')
    relay.lease(kernelLease(1))
    expect(compute.runs).toHaveLength(1)
  })

  it('starts nothing new while the link is down', async () => {
    const { begin, relay, compute, clock } = testSession()
    await begin()
    relay.lease(kernelLease(1), kernelLease(2), kernelLease(3))
    relay.close(1006)
    compute.runs[0]!.finish()
    await clock.settle()
    expect(compute.started).toBe(2)
    await clock.advance(500)
    relay.accept({ resumed: true })
    await clock.settle()
    expect(compute.started).toBe(3)
  })

  it('hands back what has not started when the relay drains, and says that it restarts', async () => {
    const { begin, relay, compute, clock, look } = testSession()
    await begin()
    relay.lease(kernelLease(1), kernelLease(2), kernelLease(3))
    relay.say({ type: 'drain', reconnectMs: 2000 })
    relay.lease(kernelLease(4))
    expect(relay.all('handback')).toMatchObject([
      { leases: [[3, 1]], reason: 'not-ready' },
      { leases: [[4, 1]], reason: 'not-ready' },
    ])
    compute.runs[0]!.finish()
    await clock.settle()
    expect(relay.results).toHaveLength(1)
    relay.close(1012)
    expect((await look()).state).toMatchObject({ name: 'disconnected', reason: 'relay-restarting' })
    await clock.advance(2000)
    relay.accept({ resumed: true })
    relay.lease(kernelLease(9))
    compute.runs[0]!.finish()
    await clock.settle()
    expect(compute.started).toBe(3)
  })
})

describe('a tab that will not work now', () => {
  it('says so before it hands anything back: else the relay leases the same tasks to it again', async () => {
    for (const cause of ['a lost device', 'the person'] as const) {
      const { begin, session, relay, compute, clock } = testSession()
      await begin()
      relay.lease(kernelLease(1), kernelLease(2), kernelLease(3))
      relay.heard = []
      if (cause === 'the person') session.pause()
      else compute.runs[0]!.fail('device_lost')
      await clock.settle()
      const order = relay.heard.map(({ type }) => type)
      expect(order).toContain('handback')
      expect(order.indexOf('state')).toBeLessThan(order.indexOf('handback'))
      expect(order.indexOf('state')).not.toBe(-1)
    }
  })
})

describe('a device that is lost', () => {
  it('hands the task back as device-lost, waits 40 s, rebuilds the worker and goes on', async () => {
    const { begin, relay, compute, clock, look } = testSession()
    await begin()
    relay.lease(kernelLease(1), kernelLease(2))
    compute.runs[0]!.fail('device_lost')
    await clock.settle()
    expect(relay.all('handback')).toMatchObject([
      { leases: [[1, 1]], reason: 'device-lost' },
      { leases: [[2, 1]], reason: 'not-ready' },
    ])
    expect(compute.killed).toBe(1)
    expect((await look()).state).toMatchObject({ name: 'paused', reason: 'device-lost' })
    expect(relay.all('state').at(-1)).toMatchObject({ state: 'paused', reason: 'device-lost' })
    await clock.advance(DEVICE_LOST_WAIT_MS - 1000)
    expect(compute.spawned).toBe(1)
    await clock.advance(1000)
    expect(compute.spawned).toBe(2)
    expect(relay.all('state').at(-1)).toEqual({ type: 'state', state: 'ready' })
    relay.lease(kernelLease(3))
    expect(compute.runs).toHaveLength(1)
  })

  it('stops for good, with the reason, at the second loss', async () => {
    const { begin, relay, compute, clock, look } = testSession()
    await begin()
    relay.lease(kernelLease(1))
    compute.runs[0]!.fail('device_lost')
    await clock.advance(DEVICE_LOST_WAIT_MS)
    relay.lease(kernelLease(2))
    compute.runs[0]!.fail('device_lost')
    await clock.settle()
    expect(relay.all('handback').at(-1)).toMatchObject({ leases: [[2, 1]], reason: 'device-lost' })
    expect((await look()).state).toMatchObject({ name: 'stopped', error: { code: 'device_lost' } })
    await clock.advance(DEVICE_LOST_WAIT_MS)
    expect(compute.spawned).toBe(2)
  })
})

describe('what the page sees', () => {
  it('is sent at most ten times a second', async () => {
    const { begin, relay, compute, clock, shown } = testSession()
    await begin()
    compute.immediate = true
    const before = shown.length
    for (let i = 0; i < 100; i++) {
      relay.lease(kernelLease(i))
      await clock.advance(10)
    }
    expect(shown.length - before).toBeLessThanOrEqual(11)
    expect(shown.length - before).toBeGreaterThanOrEqual(9)
  })

  it('has one throughput sample for every five seconds', async () => {
    const { begin, clock, shown } = testSession()
    await begin()
    await clock.advance(15_100)
    expect(shown.at(-1)?.throughput).toHaveLength(3)
  })
})

describe('[K12] what was measured of kernels', () => {
  const choice = {
    kernel: 'matmul-i8',
    programs: 'a'.repeat(64),
    shapeClass: 'k=8 m=8 n=8',
    variant: 'dotPacked',
    tuning: { lanes: 32 },
    ms: 1.5,
  }
  const report = { choices: [choice], struck: [] }

  it('is told when it is known, and again to a relay that greets anew', async () => {
    const { session, relay, compute, clock } = testSession()
    void session.start()
    await clock.settle()
    relay.accept()
    compute.tellTuning(report)
    expect(relay.all('tuned')).toEqual([{ type: 'tuned', ...report }])
    relay.close(1006)
    await clock.advance(1000)
    relay.accept()
    expect(relay.all('tuned')).toHaveLength(2)
  })

  it('by tabs of the same class is taken over', async () => {
    const { session, relay, compute, clock } = testSession()
    void session.start()
    await clock.settle()
    relay.accept({ tuning: [choice] })
    await clock.settle()
    expect(compute.adopted).toEqual([choice])
  })
})
