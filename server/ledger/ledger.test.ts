import { describe, expect, it } from 'vitest'
import { ManualClock } from '../clock.ts'
import { FixtureCore } from '../fixtureCore.ts'
import { CheckpointPublisher } from '../maintenance/checkpointPublisher.ts'
import { ALICE, BOB } from '../placement/fakeTab.ts'
import { GroupCommit } from '../store/groupCommit.ts'
import { MemoryStore } from '../store/memoryStore.ts'
import { transferKinds } from '../store/store.ts'
import { Ledger } from './ledger.ts'

function open(store = new MemoryStore()) {
  const commit = new GroupCommit(
    store,
    (error) => {
      throw error
    },
    () => {},
  )
  const clock = new ManualClock()
  return { store, commit, ledger: new Ledger(commit, () => clock.now(), store.load()) }
}

describe('the ledger', () => {
  it('is empty at first and sums to zero', () => {
    const { ledger } = open()
    expect(ledger.sum()).toBe(0)
    expect(ledger.balance('local')).toBe(0)
    expect(ledger.credits(ALICE)).toEqual({ pending: 0, escrow: 0, settled: 0, paid: 0 })
    expect(ledger.hasUnsettled).toBe(false)
  })

  it.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])('refuses %d micro-credits', (amount) => {
    const { ledger } = open()
    expect(() => ledger.payForWork(1, 'local', ALICE, amount)).toThrow('is not an amount')
    expect(ledger.sum()).toBe(0)
  })

  it('moves what the requester pays to the contributor, pending', () => {
    const { ledger, commit, store } = open()
    ledger.payForWork(8192, 'local', ALICE, 7)
    ledger.payForWork(8193, 'key:k', BOB, 5)
    commit.flush()
    expect(
      ['local', 'key:k', `pending:${ALICE}`, `pending:${BOB}`].map((name) => ledger.balance(name)),
    ).toEqual([-7, -5, 7, 5])
    expect(ledger.sum()).toBe(0)
    const { accounts } = store.load()
    const recomputed = store.recomputeBalances()
    for (const { id, balance } of accounts) expect(recomputed.get(id)).toBe(balance)
  })

  it('takes a task’s pay once: the second transfer fails the whole commit', () => {
    const { ledger, commit, store } = open()
    ledger.payForWork(8192, 'local', ALICE, 7)
    commit.flush()
    ledger.payForWork(8192, 'local', ALICE, 7)
    commit.batch.meta.push(['with', 'it'])
    expect(() => commit.flush()).toThrow('UNIQUE')
    expect(store.meta('with')).toBeUndefined()
    expect(store.transfersOf(1, 10)).toHaveLength(1)
  })

  it('settles all that is pending, once a tree size', () => {
    const { ledger, commit, store } = open()
    ledger.payForWork(1, 'local', ALICE, 7)
    ledger.payForWork(2, 'local', ALICE, 1)
    ledger.payForWork(3, 'local', BOB, 2)
    expect(ledger.hasUnsettled).toBe(true)
    expect(ledger.settle(3)).toEqual([ALICE, BOB])
    expect(ledger.settle(3)).toEqual([])
    commit.flush()
    expect(ledger.credits(ALICE)).toMatchObject({ pending: 0, settled: 8 })
    expect(ledger.hasUnsettled).toBe(false)
    expect(ledger.sum()).toBe(0)
    const settled = store.load().accounts.find(({ name }) => name === `settled:${BOB}`)!
    expect(store.transfersOf(settled.id, 10)).toMatchObject([
      { kind: transferKinds.settle, subject: 3, credit: settled.id, microCredits: 2 },
    ])
  })

  it('refunds from the operator, who may go below zero; nothing for nothing', () => {
    const { ledger, commit, store } = open()
    ledger.payForWork(1, 'key:k', ALICE, 7)
    ledger.refund(1, 'key:k', 7)
    ledger.refund(2, 'key:k', 0)
    commit.flush()
    expect([ledger.balance('key:k'), ledger.balance('operator'), ledger.credits(ALICE).pending]).toEqual([
      0, -7, 7,
    ])
    expect(store.recomputeBalances().size).toBe(3)
  })

  it('knows after a restart what it knew, and what is still to be settled', () => {
    const before = open()
    before.ledger.payForWork(1, 'local', ALICE, 7)
    before.ledger.payee(ALICE).completed++
    before.ledger.touch(before.ledger.payee(ALICE))
    before.commit.flush()
    const after = open(before.store)
    expect(after.ledger.balance('local')).toBe(-7)
    expect(after.ledger.hasUnsettled).toBe(true)
    expect(after.ledger.knownPayee(ALICE)).toMatchObject({ completed: 1 })
    after.ledger.payForWork(2, 'key:new', BOB, 1)
    after.commit.flush()
    expect(after.ledger.sum()).toBe(0)
    expect(new Set(before.store.load().accounts.map(({ id }) => id)).size).toBe(4)
  })
})

describe('publishing a checkpoint', () => {
  /** A core whose checkpoints are published, and who was told of settled credits. */
  function publishing(fixture = new FixtureCore()) {
    const told: string[][] = []
    const publisher = new CheckpointPublisher(fixture.core, (addresses) => told.push([...addresses]))
    return { fixture, told, publisher }
  }

  it('settles the credits that it covers, and stores itself', async () => {
    const { fixture, told } = publishing()
    const tab = fixture.tab()
    await fixture.submit({ tasks: 2 })
    tab.answer()
    await fixture.settle()
    expect(fixture.core.ledger.credits(ALICE)).toMatchObject({ pending: 4, settled: 0 })
    fixture.clock.advance(0)
    fixture.flush()
    expect(fixture.core.ledger.credits(ALICE)).toMatchObject({ pending: 0, settled: 4 })
    expect(told).toEqual([[ALICE]])
    expect(fixture.store.load().checkpoint).toMatchObject({ size: 2 })
    expect(fixture.core.receipts.writer.published.size).toBe(2)
    fixture.audit()
  })

  it('comes at most once a second while entries keep coming', async () => {
    const { fixture } = publishing()
    const tab = fixture.tab()
    const sizes: number[] = []
    for (let i = 0; i < 20; i++) {
      await fixture.submit()
      tab.answer()
      await fixture.settle()
      fixture.clock.advance(100)
      fixture.flush()
      sizes.push(fixture.core.receipts.writer.published.size)
    }
    expect(new Set(sizes).size).toBe(2)
    fixture.clock.advance(1000)
    fixture.flush()
    expect(fixture.core.receipts.writer.published.size).toBe(20)
  })

  it('covers nothing that is not committed', async () => {
    const { fixture, publisher } = publishing()
    const tab = fixture.tab()
    await fixture.submit()
    tab.answer()
    publisher.publish()
    expect(fixture.core.receipts.writer.published.size).toBe(0)
    expect(fixture.core.ledger.credits(ALICE).settled).toBe(0)
    await fixture.settle()
    fixture.clock.advance(0)
    fixture.flush()
    expect(fixture.core.receipts.writer.published.size).toBe(1)
    expect(fixture.core.ledger.credits(ALICE).settled).toBe(2)
  })

  it('settles after a restart what was committed and not settled', async () => {
    const before = new FixtureCore()
    const tab = before.tab()
    await before.submit()
    tab.answer()
    await before.settle()
    expect(before.credit(ALICE)).toBe(2)
    const { fixture, told } = publishing(await before.restart())
    fixture.clock.advance(0)
    fixture.flush()
    expect(fixture.core.ledger.credits(ALICE)).toMatchObject({ pending: 0, settled: 2 })
    expect(told).toEqual([[ALICE]])
    fixture.audit()
  })

  it('settles in a new log at a size at which the old one settled already', async () => {
    const old = publishing()
    const work = async (fixture: FixtureCore): Promise<void> => {
      const tab = fixture.tab()
      await fixture.submit()
      tab.answer()
      await fixture.settle()
      fixture.clock.advance(2000)
      fixture.flush()
    }
    await work(old.fixture)
    expect(old.fixture.core.ledger.credits(ALICE).settled).toBe(2)
    old.fixture.store.openNewLog(null)
    const { fixture } = publishing(await old.fixture.restart())
    await work(fixture)
    expect(fixture.commitFailures).toEqual([])
    expect(fixture.core.ledger.credits(ALICE)).toMatchObject({ pending: 0, settled: 4 })
    fixture.audit()
  })
})
