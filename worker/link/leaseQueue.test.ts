import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_FRAME_BYTES } from '../../protocol/limits.ts'
import { encodeMessage } from '../../protocol/messages.ts'
import { failureOf } from './failureOf.ts'
import { FakeClock } from './fakeClock.ts'
import { FakeComputeHost } from './fakeCompute.ts'
import { FakeRelay, generateLease, kernelLease } from './fakeRelay.ts'
import { type HandbackReason, LeaseQueue } from './leaseQueue.ts'

async function queueOf() {
  const clock = new FakeClock()
  const relay = new FakeRelay()
  const socket = relay.openSocket({ opened() {}, text() {}, binary() {}, closed() {} })
  const compute = new FakeComputeHost()
  const api = await compute.spawn()
  const log: string[] = []
  const rules = { refusal: null as HandbackReason | null, canRun: true, restMs: 0 }
  const queue = new LeaseQueue({
    clock,
    run: (spec, run) => api.run(spec, run),
    endRun: (run) => void api.endRun(run),
    refusal: () => rules.refusal,
    mayStart: () => rules.refusal === null,
    canRun: () => rules.canRun,
    restAfter: () => rules.restMs,
    deliver: (data) => socket.send(data instanceof Uint8Array ? data : encodeMessage(data)),
    deviceLost: () => log.push('device lost'),
    events: {
      started: ({ task }) => log.push(`started ${task}`),
      finished: ({ task }) => log.push(`finished ${task}`),
      failed: ({ task }, code) => log.push(`failed ${task} ${code}`),
      handedBack: ({ task }) => log.push(`back ${task}`),
    },
  })
  return { queue, clock, relay, compute, log, rules }
}

const pairs = (relay: FakeRelay) => relay.results.map(({ task, generation }) => [task, generation])

describe('lease queue', () => {
  it('runs one lease and prepares one more, in the order in which they came', async () => {
    const { queue, clock, compute, log } = await queueOf()
    queue.accept([kernelLease(1), kernelLease(2), kernelLease(3)])
    expect(compute.runs).toHaveLength(2)
    compute.runs[0]!.finish()
    await clock.settle()
    expect(log).toEqual(['started 1', 'started 2', 'finished 1', 'started 3'])
  })

  it('does not prepare another one behind a task that is known to take longer than a second', async () => {
    const { queue, clock, compute } = await queueOf()
    queue.accept([kernelLease(1), kernelLease(2)])
    for (const run of [...compute.runs]) run.finish(2_000_000)
    await clock.settle()
    queue.accept([kernelLease(3), kernelLease(4)])
    expect(compute.runs).toHaveLength(1)
  })

  it('hands tiny tasks over several at a time, as many as 20 ms of work and at most eight', async () => {
    for (const [micros, atOnce] of [
      [1_000, 8],
      [5_000, 4],
      [30_000, 2],
    ] as const) {
      const { queue, clock, compute } = await queueOf()
      queue.accept([kernelLease(0)])
      compute.runs[0]!.finish(micros)
      await clock.settle()
      queue.accept(Array.from({ length: 20 }, (_, i) => kernelLease(i + 1)))
      expect(compute.runs).toHaveLength(atOnce)
      compute.runs[0]!.finish(micros)
      await clock.settle()
      expect(compute.runs).toHaveLength(atOnce)
    }
  })

  it('sends the results of one turn in one frame', async () => {
    const { queue, clock, relay, compute } = await queueOf()
    queue.accept([kernelLease(1), kernelLease(2)])
    for (const run of [...compute.runs]) run.finish()
    await clock.settle()
    expect(relay.all('results').map(({ results }) => results.length)).toEqual([2])
    expect(queue.empty).toBe(true)
  })

  it('gathers at most 64 results in a frame', async () => {
    const { queue, clock, relay, compute } = await queueOf()
    compute.immediate = true
    for (let i = 0; i < 3; i++) queue.accept(Array.from({ length: 64 }, (_, j) => kernelLease(64 * i + j)))
    await clock.settle()
    expect(relay.results).toHaveLength(192)
    for (const { results } of relay.all('results')) expect(results.length).toBeLessThanOrEqual(64)
  })

  it('names a lease as held until its result has been sent', async () => {
    const { queue, clock, compute } = await queueOf()
    queue.accept([kernelLease(1), kernelLease(2)])
    compute.runs[0]!.finish()
    await Promise.resolve()
    await Promise.resolve()
    expect(queue.held()).toHaveLength(2)
    await clock.settle()
    expect(queue.held()).toEqual([[2, 1]])
  })

  it('reports a task that failed, with the reason, and goes on', async () => {
    const { queue, clock, relay, compute, log } = await queueOf()
    queue.accept([kernelLease(1), kernelLease(2), kernelLease(3)])
    compute.runs[0]!.fail('kernel_failed')
    await clock.settle()
    expect(relay.all('failed')).toMatchObject([{ task: 1, generation: 1, code: 'kernel_failed' }])
    expect(log).toContain('started 3')
  })

  it.each([
    ['is larger than a frame', 'frame_too_large', 'UINT8', MAX_FRAME_BYTES, MAX_FRAME_BYTES],
    ['has other bytes than its shape says', 'internal', 'FP64', 64, 0],
  ] as const)(
    'fails a result that %s, instead of breaking the connection',
    async (_, code, datatype, elements, bytes) => {
      const { queue, clock, relay } = await queueOf()
      const big = new LeaseQueue({
        clock,
        run: async () => ({
          computeMicros: 1,
          outputs: [{ name: 'c', datatype, shape: [elements], bytes: new Uint8Array(bytes) }],
        }),
        endRun() {},
        refusal: () => null,
        mayStart: () => true,
        canRun: () => true,
        restAfter: () => 0,
        deliver: (data) => {
          if (!(data instanceof Uint8Array)) relay.heard.push(data)
        },
        deviceLost: () => {},
        events: { started() {}, finished() {}, failed() {}, handedBack() {} },
      })
      big.accept([kernelLease(1)])
      await clock.settle()
      expect(relay.all('failed')).toMatchObject([{ task: 1, code }])
      expect(queue.empty).toBe(true)
    },
  )

  it('hands back a lease whose model is not ready', async () => {
    const { queue, relay, rules, compute } = await queueOf()
    rules.canRun = false
    queue.accept([kernelLease(1)])
    expect(relay.all('handback')).toMatchObject([{ leases: [[1, 1]], reason: 'not-ready' }])
    expect(compute.started).toBe(0)
  })

  it('hands back everything that comes while it refuses', async () => {
    const { queue, relay, rules } = await queueOf()
    rules.refusal = 'pause'
    queue.accept([kernelLease(1), kernelLease(2)])
    expect(relay.all('handback')).toMatchObject([
      {
        leases: [
          [1, 1],
          [2, 1],
        ],
        reason: 'pause',
      },
    ])
    expect(queue.held()).toEqual([])
  })

  it('sends nothing for a lease that was cancelled while it ran', async () => {
    const { queue, clock, relay, compute } = await queueOf()
    queue.accept([kernelLease(1)])
    queue.cancel([[1, 1]])
    compute.runs[0]!.finish()
    await clock.settle()
    expect(relay.results).toEqual([])
  })

  it('does not let a cancel of an older generation touch a newer lease', async () => {
    const { queue } = await queueOf()
    queue.accept([kernelLease(1, 2)])
    queue.cancel([[1, 1]])
    expect(queue.held()).toEqual([[1, 2]])
  })

  it('answers only the newest generation of a task', async () => {
    const { queue, clock, relay, compute } = await queueOf()
    queue.accept([kernelLease(1, 1)])
    queue.accept([kernelLease(1, 2)])
    for (const run of [...compute.runs]) run.finish()
    await clock.settle()
    expect(pairs(relay)).toEqual([[1, 2]])
  })

  it('gives back what waits and ends what runs', async () => {
    const { queue, clock, relay, compute } = await queueOf()
    queue.accept([kernelLease(1), kernelLease(2), kernelLease(3)])
    queue.handBackWaiting('pause')
    expect(relay.all('handback')).toMatchObject([{ leases: [[3, 1]], reason: 'pause' }])
    for (const run of [...compute.runs]) run.finish()
    await clock.settle()
    expect(pairs(relay)).toEqual([
      [1, 1],
      [2, 1],
    ])
  })

  it('blames a lost device on the task that ran, not on those behind it', async () => {
    const { queue, clock, relay, compute, log } = await queueOf()
    queue.accept([kernelLease(1), kernelLease(2), kernelLease(3)])
    compute.runs[0]!.fail('device_lost')
    await clock.settle()
    expect(log).toContain('device lost')
    queue.abandon('device-lost', 'not-ready')
    expect(relay.all('handback')).toMatchObject([
      { leases: [[1, 1]], reason: 'device-lost' },
      {
        leases: [
          [2, 1],
          [3, 1],
        ],
        reason: 'not-ready',
      },
    ])
  })

  it('hears nothing of a worker that is gone', async () => {
    const { queue, clock, relay, compute } = await queueOf()
    queue.accept([kernelLease(1)])
    queue.abandon('stop', 'stop')
    compute.runs[0]!.finish()
    await clock.settle()
    expect(relay.results).toEqual([])
    queue.accept([kernelLease(2), kernelLease(3), kernelLease(4)])
    expect(compute.runs).toHaveLength(2)
  })

  it('rests between tasks for as long as the governor says', async () => {
    const { queue, clock, compute, rules } = await queueOf()
    rules.restMs = 300
    queue.accept([kernelLease(1), kernelLease(2), kernelLease(3)])
    compute.runs[0]!.finish()
    compute.runs[0]!.finish()
    await clock.advance(599)
    expect(compute.started).toBe(2)
    await clock.advance(1)
    expect(compute.started).toBe(3)
  })

  it('runs a lease again that the relay sends again after a resumed greeting', async () => {
    const { queue, clock, relay, compute } = await queueOf()
    compute.immediate = true
    queue.accept([kernelLease(1)])
    await clock.settle()
    queue.accept([kernelLease(1)])
    await clock.settle()
    expect(relay.results).toHaveLength(1)
    queue.forgetFinished()
    queue.accept([kernelLease(1)])
    await clock.settle()
    expect(relay.results).toHaveLength(2)
  })

  it('answers each lease once and only the newest, in whatever order and however often messages come', async () => {
    const message = fc.record({
      type: fc.constantFrom('lease', 'cancel', 'finish', 'fail'),
      task: fc.integer({ min: 0, max: 3 }),
      generation: fc.integer({ min: 1, max: 3 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(message, { maxLength: 30 }), async (messages) => {
        const { queue, clock, relay, compute } = await queueOf()
        const newest = new Map<number, number>()
        const cancelled = new Set<string>()
        for (const { type, task, generation } of messages) {
          if (type === 'lease') queue.accept([kernelLease(task, generation)])
          else if (type === 'cancel') queue.cancel([[task, generation]])
          else if (type === 'finish') compute.runs[0]?.finish()
          else compute.runs[0]?.fail('kernel_failed')
          const before = relay.heard.length
          await clock.settle()
          for (const heard of relay.heard.slice(before)) {
            const answers = heard.type === 'results' ? heard.results : heard.type === 'failed' ? [heard] : []
            for (const answer of answers) {
              const key = `${answer.task}:${answer.generation}`
              expect(cancelled.has(key)).toBe(false)
              expect(answer.generation).toBeGreaterThanOrEqual(newest.get(answer.task) ?? 0)
              // Once answered, never again.
              cancelled.add(key)
            }
          }
          if (type === 'lease') newest.set(task, Math.max(newest.get(task) ?? 0, generation))
          if (type === 'cancel') for (let g = 1; g <= generation; g++) cancelled.add(`${task}:${g}`)
        }
        for (const [, generation] of queue.held()) expect(generation).toBeGreaterThan(0)
      }),
      { numRuns: 150 },
    )
  })

  it('makes four answers at once, beside the tasks that take their turn', async () => {
    const { queue, clock, compute } = await queueOf()
    queue.accept([1, 2, 3, 4, 5].map((task) => generateLease(task)))
    queue.accept([kernelLease(6), kernelLease(7), kernelLease(8)])
    const kinds = () => compute.runs.map(({ spec }) => spec.kind)
    expect(kinds()).toEqual([...Array(4).fill('generate'), 'kernel', 'kernel'])
    compute.runs[0]!.finish()
    await clock.settle()
    expect(kinds().filter((kind) => kind === 'generate')).toHaveLength(4)
    expect(kinds()).toHaveLength(6)
  })

  it('tells the relay an answer’s tokens, under the lease that is held now', async () => {
    const { queue, clock, compute, relay } = await queueOf()
    queue.accept([generateLease(1, undefined, 3), generateLease(2)])
    const [first, second] = compute.runs
    queue.tokens(first!.id, { from: 0, ids: [5, 6] })
    queue.tokens(second!.id, { from: 0, ids: [7], logprobs: [[-0.5, [[7, -0.5]]]] })
    expect(relay.all('tokens')).toEqual([
      { type: 'tokens', task: 1, generation: 3, from: 0, ids: [5, 6] },
      { type: 'tokens', task: 2, generation: 1, from: 0, ids: [7], logprobs: [[-0.5, [[7, -0.5]]]] },
    ])
    first!.finish()
    await clock.settle()
    queue.tokens(first!.id, { from: 2, ids: [8] })
    queue.tokens(99, { from: 0, ids: [8] })
    expect(relay.all('tokens')).toHaveLength(2)
  })

  it('ends an answer that the relay cancels, and is silent about it', async () => {
    const { queue, clock, compute, relay, log } = await queueOf()
    queue.accept([generateLease(1), generateLease(2)])
    const [first] = compute.runs
    queue.cancel([[1, 1]])
    expect(compute.endedRuns).toEqual([first!.id])
    queue.tokens(first!.id, { from: 0, ids: [8] })
    first!.fail('cancelled')
    await clock.settle()
    expect(relay.heard).toEqual([])
    expect(log).toEqual(['started 1', 'started 2'])
    queue.cancel([[1, 1]])
    expect(compute.endedRuns).toHaveLength(1)
  })

  it('ends the answers that run when the relay has given every lease away', async () => {
    const { queue, compute } = await queueOf()
    queue.accept([generateLease(1), kernelLease(2)])
    queue.dropAll()
    expect(compute.endedRuns).toEqual([compute.runs[0]!.id])
  })

  it('reads a failure in whatever form it crosses from compute', () => {
    expect(failureOf({ code: 'out_of_memory', message: 'x' })).toEqual({
      code: 'out_of_memory',
      message: 'x',
    })
    expect(failureOf(new Error('boom'))).toEqual({ code: 'internal', message: 'boom' })
    expect(failureOf('text')).toEqual({ code: 'internal', message: 'text' })
    expect(failureOf({ code: 'no-such', message: 'x'.repeat(9000) }).message).toHaveLength(2000)
  })
})
