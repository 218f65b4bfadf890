import { describe, expect, it } from 'vitest'
import { GrammarHost } from './grammarHost.ts'
import type { GrammarRequest } from './grammarMessages.ts'
import type { GrammarWorkerEvents, StartGrammarWorker } from './startGrammarWorker.ts'

/** Workers that answer when the test says so. */
class FakeWorkers {
  readonly started: {
    events: GrammarWorkerEvents
    requests: GrammarRequest[]
    isEnded: boolean
    holds: boolean[]
  }[] = []
  readonly start: StartGrammarWorker = (events) => {
    const worker = { events, requests: [] as GrammarRequest[], isEnded: false, holds: [] as boolean[] }
    this.started.push(worker)
    return {
      post: (request) => void worker.requests.push(request),
      hold: (isWaiting) => void worker.holds.push(isWaiting),
      end: () => {
        worker.isEnded = true
      },
    }
  }

  get last() {
    return this.started.at(-1)!
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
const limits = { close: 20 }

function stage() {
  const workers = new FakeWorkers()
  const host = new GrammarHost(workers.start, limits)
  const close = (matcher: number): Promise<number> =>
    host.run(async ({ call, life }) => {
      await call('close', { matcher })
      return life
    })
  return { workers, host, close }
}

describe('the owner of the grammars’ worker', () => {
  it('starts no worker before the first call, and one for all calls', async () => {
    const { workers, close } = stage()
    expect(workers.started.length).toBe(0)
    const first = close(1)
    await turn()
    workers.last.events.onReply({ id: 1, value: undefined })
    await first
    void close(2).catch(() => {})
    await turn()
    expect(workers.started.length).toBe(1)
  })

  it('does one thing after the other', async () => {
    const { workers, close } = stage()
    const [first, second] = [close(1), close(2)]
    await turn()
    expect(workers.last.requests.map(({ input }) => input)).toEqual([{ matcher: 1 }])
    workers.last.events.onReply({ id: 1, value: undefined })
    await first
    await turn()
    expect(workers.last.requests.length).toBe(2)
    workers.last.events.onReply({ id: 2, value: undefined })
    expect(await second).toBe(1)
  })

  it('keeps Node waiting for an answer, and no longer', async () => {
    const { workers, close } = stage()
    const first = close(1)
    await turn()
    expect(workers.last.holds).toEqual([true])
    workers.last.events.onReply({ id: 1, value: undefined })
    await first
    expect(workers.last.holds).toEqual([true, false])
  })

  it('ends a worker that takes too long and starts another for the next call', async () => {
    const { workers, close } = stage()
    await expect(close(1)).rejects.toMatchObject({ message: 'It takes more than 0.02 s.', isOfGrammar: true })
    expect(workers.last.isEnded).toBe(true)
    const next = close(2)
    await turn()
    expect(workers.started.length).toBe(2)
    workers.started[0]!.events.onReply({ id: 2, value: 'late' })
    workers.last.events.onReply({ id: 2, value: undefined })
    expect(await next).toBe(2)
  })

  it('replaces a worker that an error has broken, and keeps one that it has not', async () => {
    const { workers, close } = stage()
    const harmless = close(1)
    await turn()
    workers.last.events.onReply({ id: 1, error: 'no such type', broken: false })
    await expect(harmless).rejects.toMatchObject({ message: 'no such type', isOfGrammar: true })
    expect(workers.last.isEnded).toBe(false)
    const harmful = close(2)
    await turn()
    workers.last.events.onReply({ id: 2, error: 'abort', broken: true })
    await expect(harmful).rejects.toThrow('abort')
    expect(workers.last.isEnded).toBe(true)
  })

  it('blames no grammar for a worker that does not start', async () => {
    const { workers, close } = stage()
    const first = close(1)
    await turn()
    workers.last.events.onFailure('no script')
    await expect(first).rejects.toMatchObject({
      message: expect.stringContaining('no script'),
      isOfGrammar: false,
    })
  })

  it('fails the call in hand when it is ended', async () => {
    const { workers, host, close } = stage()
    const first = close(1)
    await turn()
    host.end()
    await expect(first).rejects.toThrow('was ended')
    expect(workers.last.isEnded).toBe(true)
  })
})
