import { expect, it } from 'vitest'
import { CacheShelf, type Sequence } from './cacheShelf.ts'
import type { KeyValueCache, StageChain } from './stageChain.ts'

/** A cache whose rows take one byte each; a test sets how many it has. */
class FakeCache implements KeyValueCache {
  rows: number
  constructor(rows = 0) {
    this.rows = rows
  }
  get bytes(): number {
    return this.rows
  }
  bytesWith(rows: number): number {
    return rows
  }
  truncate(rows: number): void {
    this.rows = Math.min(rows, this.rows)
  }
  fork(rows: number): FakeCache {
    return new FakeCache(Math.min(rows, this.rows))
  }
  free(): void {
    this.rows = 0
  }
}

const fakeChain = (): StageChain => ({
  range: { first: 0, last: 0 },
  newCache: () => new FakeCache(),
  run: () => Promise.reject(new Error('nothing runs here')),
  release: async () => {},
})
const chain = fakeChain()
const never = new AbortController().signal

/** Computes all rows of a sequence. */
async function fill(shelf: CacheShelf, sequence: Sequence): Promise<void> {
  const rows = sequence.tokens.length
  await shelf.grow(sequence, rows, never)
  ;(sequence.cache as FakeCache).rows = rows
}
async function keep(shelf: CacheShelf, tokens: number[]): Promise<void> {
  const sequence = shelf.openAnswer(chain, tokens, 0)
  await fill(shelf, sequence)
  shelf.close(sequence)
}
/** Whether a promise is settled after everything that is due now. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false
  const note = () => {
    settled = true
  }
  promise.then(note, note)
  await new Promise<void>((resolve) => setImmediate(resolve))
  return settled
}

it('begins without rows on an empty shelf, and with other first tokens', async () => {
  const shelf = new CacheShelf(100)
  await keep(shelf, [1, 2, 3])
  expect(shelf.openAnswer(chain, [2, 3], 0).cache.rows).toBe(0)
})

it('goes on with a conversation where it ended, without a copy', async () => {
  const shelf = new CacheShelf(100)
  await keep(shelf, [1, 2, 3])
  const next = shelf.openAnswer(chain, [1, 2, 3, 4], 0)
  expect([next.cache.rows, next.tokens, shelf.bytes]).toEqual([3, [1, 2, 3, 4], 3])
})

it('leaves the last token to be computed: its logits are wanted', async () => {
  const shelf = new CacheShelf(100)
  await keep(shelf, [1, 2, 3])
  expect(shelf.openAnswer(chain, [1, 2, 3], 0).cache.rows).toBe(2)
})

it('copies from a conversation that goes on otherwise, and from one in use', async () => {
  const shelf = new CacheShelf(100)
  await keep(shelf, [1, 2, 3, 4, 5])
  const other = shelf.openAnswer(chain, [1, 2, 9], 0)
  expect([other.cache.rows, shelf.bytes]).toEqual([2, 7])
  await fill(shelf, other)
  expect(shelf.openAnswer(chain, [1, 2, 9, 9], 0).cache.rows).toBe(3)
})

it('takes the longest beginning that is there', async () => {
  const shelf = new CacheShelf(100)
  await keep(shelf, [1, 7])
  await keep(shelf, [1, 2, 3, 8])
  await keep(shelf, [1, 2, 6])
  expect(shelf.openAnswer(chain, [1, 2, 3, 4], 0).cache.rows).toBe(3)
})

it('[G9] shares nothing between scopes, also while they are in use', async () => {
  const shelf = new CacheShelf(100)
  const mine = shelf.openAnswer(chain, [1, 2, 3], 7)
  await fill(shelf, mine)
  expect(shelf.openAnswer(chain, [1, 2, 3, 4], 8).cache.rows).toBe(0)
  shelf.close(mine)
  expect(shelf.openAnswer(chain, [1, 2, 3, 4], 8).cache.rows).toBe(0)
  expect(shelf.openAnswer(chain, [1, 2, 3, 4], 7).cache.rows).toBe(3)
})

it('shares nothing between models', async () => {
  const shelf = new CacheShelf(100)
  await keep(shelf, [1, 2, 3])
  expect(shelf.openAnswer(fakeChain(), [1, 2, 3, 4], 0).cache.rows).toBe(0)
})

it('cuts a kept conversation short rather than have two that do not fit', async () => {
  const shelf = new CacheShelf(10)
  await keep(shelf, [1, 2, 3, 4, 5, 6])
  const other = shelf.openAnswer(chain, [1, 2, 3, 4, 5, 9], 0)
  expect([other.cache.rows, shelf.bytes]).toEqual([5, 5])
})

it('keeps of a cancelled answer what was computed', () => {
  const shelf = new CacheShelf(100)
  const sequence = shelf.openAnswer(chain, [1, 2, 3], 0)
  ;(sequence.cache as FakeCache).rows = 2
  shelf.close(sequence)
  expect(shelf.openAnswer(chain, [1, 2, 3], 0).cache.rows).toBe(2)
  expect(shelf.openAnswer(chain, [1, 2, 4], 0).cache.rows).toBe(2)
})

it('refuses what does not fit alone, with the numbers', async () => {
  const shelf = new CacheShelf(10)
  await keep(shelf, [1, 2, 3])
  const sequence = shelf.openAnswer(chain, Array(11).fill(9), 0)
  await expect(shelf.grow(sequence, 11, never)).rejects.toMatchObject({
    code: 'out_of_memory',
    message: 'The cache of 11 tokens takes 11 bytes, and caches may take 10 here.',
  })
})

it('lets the youngest of three give way to the oldest, and go on when there is room again', async () => {
  const shelf = new CacheShelf(80)
  const [a, b, c] = [[1], [2], [3]].map((tokens) => shelf.openAnswer(chain, tokens, 0)) as Sequence[]
  for (const each of [a!, b!, c!]) {
    each.tokens.push(...Array(19).fill(each.tokens[0]))
    await fill(shelf, each)
  }
  const growing = shelf.grow(a!, 45, never)
  expect(await isSettled(growing)).toBe(false)
  // The youngest hears of it when it wants its next row.
  const again = shelf.grow(c!, 21, never)
  expect(await isSettled(growing)).toBe(true)
  expect([a!, b!, c!].map(({ cache }) => cache.rows)).toEqual([20, 20, 0])
  expect(await isSettled(again)).toBe(false)
  // It waits for room to come further than it was: beside one of 20 rows there is none yet.
  shelf.close(a!)
  expect(await isSettled(again)).toBe(false)
  shelf.close(b!)
  expect(await isSettled(again)).toBe(true)
})

it('an answer that waits gives way as well', async () => {
  const shelf = new CacheShelf(30)
  const [a, b] = [[1], [2]].map((tokens) => shelf.openAnswer(chain, tokens, 0)) as Sequence[]
  for (const each of [a!, b!]) {
    each.tokens.push(...Array(9).fill(each.tokens[0]))
    await fill(shelf, each)
  }
  const younger = shelf.grow(b!, 25, never)
  expect(await isSettled(younger)).toBe(false)
  expect(await isSettled(shelf.grow(a!, 25, never))).toBe(true)
  expect(b!.cache.rows).toBe(0)
})

it('many answers in a budget of one all come to their end', async () => {
  const shelf = new CacheShelf(100)
  let computed = 0
  const answer = async (first: number): Promise<number> => {
    const sequence = shelf.openAnswer(chain, [first], 0)
    while (sequence.cache.rows < 90) {
      const rows = sequence.cache.rows
      const to = Math.min(sequence.tokens.length, rows + 64)
      await shelf.grow(sequence, to, never)
      await new Promise<void>((resolve) => setImmediate(resolve))
      if (sequence.cache.rows !== rows) continue
      ;(sequence.cache as FakeCache).rows = to
      computed += to - rows
      expect(shelf.bytes).toBeLessThanOrEqual(100)
      if (to === sequence.tokens.length) sequence.tokens.push(first)
    }
    shelf.close(sequence)
    return first
  }
  const all = Array.from({ length: 8 }, (_, at) => answer(at + 1))
  expect(await Promise.all(all)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  // Each began again a few times at most.
  expect(computed).toBeLessThan(8 * 90 * 3)
})

it('gives a session back only with all rows that are asked for', () => {
  const shelf = new CacheShelf(100)
  expect(shelf.openSession(chain, 7, 3)).toBeNull()
  const session = shelf.openSession(chain, 7, 0)!
  ;(session.cache as FakeCache).rows = 5
  shelf.close(session)
  expect(shelf.openSession(chain, 7, 6)).toBeNull()
  expect(shelf.openSession(fakeChain(), 7, 5)).toBeNull()
  const cut = shelf.openSession(chain, 7, 3)!
  expect(cut.cache.rows).toBe(3)
  expect(() => shelf.openSession(chain, 7, 3)).toThrow('under way')
  shelf.close(cut)
  expect(shelf.openSession(chain, 7, 0)!.cache.rows).toBe(0)
})

it('gives back what a session has beside its cache', () => {
  const shelf = new CacheShelf(100)
  const session = shelf.openSession(chain, 7, 0)!
  let disposed = 0
  session.tail = { dispose: () => disposed++ } as unknown as Sequence['tail']
  ;(session.cache as FakeCache).rows = 5
  shelf.close(session)
  shelf.forgetSession(chain, 7)
  expect([disposed, shelf.openSession(chain, 7, 5)]).toEqual([1, null])
})

it('forgets all of a model that is given up', async () => {
  const shelf = new CacheShelf(100)
  await keep(shelf, [1, 2, 3])
  shelf.forgetChain(chain)
  expect([shelf.bytes, shelf.openAnswer(chain, [1, 2, 3], 0).cache.rows]).toEqual([0, 0])
})
