import { afterEach, expect, it } from 'vitest'
import { QueueFull, ThreadPool } from './threadPool.ts'

/** A thread that doubles numbers, and misbehaves for some. */
const script = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { parentPort, threadId } from 'node:worker_threads'
    parentPort.on('message', ({ id, body }) => {
      if (body === 'crash') throw new Error('crashed on purpose')
      if (body === 'exit') process.exit(3)
      if (body === 'hang') for (;;) ;
      if (body === 'refuse') return parentPort.postMessage({ id, error: { code: 'wrong_hash', message: 'no' }, cpuMs: 2, restart: false })
      if (body === 'odd') return parentPort.postMessage({ id, error: { code: 'toString', message: 'odd' }, cpuMs: 0, restart: false })
      if (body === 'full') return parentPort.postMessage({ id, error: { code: 'out_of_memory', message: 'full' }, cpuMs: 0, restart: true })
      parentPort.postMessage({ id, answer: body === 'thread' ? threadId : body * 2, cpuMs: 1 })
    })`)}`,
)

const pools: ThreadPool<unknown, unknown>[] = []
function poolOf(options: { threads?: number; timeoutMs?: number; maxQueued?: number; script?: URL } = {}) {
  const pool = new ThreadPool<unknown, unknown>({
    script,
    threads: 1,
    maxQueued: 10,
    timeoutMs: 10_000,
    ...options,
  })
  pools.push(pool)
  return { pool, run: (body: unknown) => pool.run(async () => ({ body, transfer: [] })) }
}
afterEach(async () => {
  for (const pool of pools.splice(0)) await pool.close()
})

it('starts no thread before there is work, and answers in order', async () => {
  const { pool, run } = poolOf()
  expect(pool.threads).toBe(0)
  expect(await Promise.all([1, 2, 3].map(run))).toEqual([2, 4, 6])
  expect(pool.threads).toBe(1)
  expect([pool.answered, pool.cpuMs, pool.queued]).toEqual([3, 3, 0])
})

it('uses as many threads as it has, and no more', async () => {
  const { pool, run } = poolOf({ threads: 2 })
  const ids = await Promise.all(Array.from({ length: 6 }, () => run('thread')))
  expect(new Set(ids).size).toBe(2)
  expect(pool.threads).toBe(2)
})

it.each(['crash', 'exit'])(
  'rejects what a thread was at when it met its end (%s), and goes on with another',
  async (end) => {
    const { run } = poolOf()
    const before = await run('thread')
    const [ended, waiting] = await Promise.allSettled([run(end), run('thread')])
    expect(ended).toMatchObject({ status: 'rejected', reason: { code: 'check_unavailable' } })
    expect(waiting.status).toBe('fulfilled')
    expect(waiting).not.toMatchObject({ value: before })
  },
)

it('ends a thread that hangs, and goes on with another', async () => {
  const { run } = poolOf({ timeoutMs: 300 })
  const [hung, waiting] = await Promise.allSettled([run('hang'), run(4)])
  expect(hung).toMatchObject({
    reason: { code: 'check_unavailable', message: 'A check took longer than 300 ms.' },
  })
  expect(waiting).toMatchObject({ value: 8 })
})

it('hands on the error that a thread names, and keeps the thread', async () => {
  const { run } = poolOf()
  const thread = await run('thread')
  await expect(run('refuse')).rejects.toMatchObject({ code: 'wrong_hash', message: 'no' })
  await expect(run('odd')).rejects.toMatchObject({ code: 'check_unavailable', message: 'odd' })
  expect(await run('thread')).toBe(thread)
})

it('replaces a thread that asks for it', async () => {
  const { run } = poolOf()
  const thread = await run('thread')
  await expect(run('full')).rejects.toMatchObject({ code: 'out_of_memory' })
  expect(await run('thread')).not.toBe(thread)
})

it('rejects when a request cannot be prepared or sent, and goes on', async () => {
  const { pool, run } = poolOf()
  await expect(pool.run(() => Promise.reject(new Error('no copy')))).rejects.toMatchObject({
    code: 'check_unavailable',
  })
  await expect(run(() => 'functions cannot be sent')).rejects.toMatchObject({ code: 'check_unavailable' })
  expect(await run(1)).toBe(2)
})

it('rejects each request when its script cannot be loaded', async () => {
  const { run } = poolOf({ script: new URL('./noSuchThread.ts', import.meta.url) })
  const both = await Promise.allSettled([run(1), run(2)])
  expect(both).toMatchObject([
    { reason: { code: 'check_unavailable' } },
    { reason: { code: 'check_unavailable' } },
  ])
})

it('rejects what is at work, what waits and what comes after close', async () => {
  const { pool, run } = poolOf()
  const both = [run('hang'), run(1)].map((promise) => promise.catch((error) => error))
  await pool.close()
  for (const error of [...(await Promise.all(both)), await run(2).catch((error) => error)]) {
    expect(error).toMatchObject({ code: 'check_unavailable', message: 'The checker is closed.' })
  }
  expect(pool.threads).toBe(0)
})

it('lets a request fail alone that cannot be put together, and keeps its thread', async () => {
  const { pool, run } = poolOf()
  const before = await run('thread')
  const broken = pool.run(() => Promise.reject(new Error('gone')))
  await expect(broken).rejects.toMatchObject({ code: 'check_unavailable' })
  expect(await run('thread')).toBe(before)
})

it('leaves out what nobody waits for any more, and keeps no place for it', async () => {
  const { pool, run } = poolOf()
  const leave = new AbortController()
  let prepared = 0
  const request = () =>
    pool.run(async () => {
      prepared++
      return { body: 1, transfer: [] }
    }, leave.signal)
  const first = request()
  const others = [request(), request()].map((promise) => promise.catch((error) => error))
  const last = run(4)
  leave.abort()
  expect(pool.queued).toBe(1)
  expect(await Promise.all([first, last])).toEqual([2, 8])
  for (const error of [...(await Promise.all(others)), await request().catch((error) => error)])
    expect(error).toMatchObject({ message: 'Nobody waits for the check any more.' })
  expect(prepared).toBe(1)
})

it('says by itself that its queue is full', async () => {
  const { run } = poolOf({ maxQueued: 1 })
  const both = [run(1), run(2)]
  await expect(run(3)).rejects.toBeInstanceOf(QueueFull)
  expect(await Promise.all(both)).toEqual([2, 4])
})
