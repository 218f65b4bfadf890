import { describe, expect, it } from 'vitest'
import { OpentabError } from '../../protocol/errors.ts'
import { FixtureCore } from '../fixtureCore.ts'
import { receiptSalts } from '../ledger/receipts/commitment.ts'
import { ALICE, BOB, CAROL, type FakeTab, resultOf } from '../placement/fakeTab.ts'
import { transferKinds } from '../store/store.ts'
import { wrongOutputs } from '../verify/stubChecker.ts'
import { QueueFull } from '../verify/threadPool.ts'
import { endJob } from './endJob.ts'
import { receiptsOf } from './jobReceipts.ts'
import { jobEnd, runJob } from './runJob.ts'

/** Log entries, parsed, in order. */
function receipts(
  fixture: FixtureCore,
): { verdict: string; microCredits: string; account: string; previous: string | null; id: string }[] {
  const entries = []
  for (let index = 0; index < fixture.store.logSize(); index++) {
    const { firstIndex, entries: bytes } = fixture.store.logBlockAt(index)!
    const buffer = Buffer.from(bytes)
    let at = 0
    for (let i = firstIndex; i < index; i++) at += 2 + buffer.readUInt16BE(at)
    entries.push(JSON.parse(buffer.toString('utf8', at + 2, at + 2 + buffer.readUInt16BE(at))))
  }
  return entries
}

/** A gate that opens when it is told to. */
function gate(): { opened: Promise<void>; open: () => void } {
  let open = (): void => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}

describe('results', () => {
  it('[R1] are judged one by one: of a frame with right, wrong, late and forged ones the right ones count', async () => {
    const fixture = new FixtureCore()
    const tab = fixture.tab()
    const job = await fixture.submit({ tasks: 2 })
    const [first, second] = tab.hand as [FakeTab['hand'][0], FakeTab['hand'][0]]
    tab.results(
      resultOf({ ...first, generation: 1 }),
      resultOf(second, wrongOutputs()),
      resultOf(first),
      resultOf(second),
      resultOf(first, wrongOutputs()),
    )
    await fixture.settle()
    expect(job.verified.map(({ index }) => index)).toEqual([0])
    expect(fixture.core.counters).toMatchObject({ tasksVerified: 1, resultsRejected: 1, resultsIgnored: 3 })
    expect(fixture.credit(ALICE)).toBe(2)
  })

  it('[R2] of a wrong form are rejected, drawn or not', async () => {
    const fixture = new FixtureCore({ drawCheck: () => false })
    fixture.checker.always = false
    const tab = fixture.tab()
    await fixture.submit()
    tab.answer(tab.hand, () => [])
    await fixture.settle()
    expect(receipts(fixture)).toMatchObject([{ verdict: 'rejected', microCredits: '0' }])
    expect(fixture.checker.checked).toBe(0)
    expect(tab.verdicts).toMatchObject([
      { verdict: 'rejected', reason: 'The task has 1 outputs (c) and 0 came.' },
    ])
  })

  it('[R3] [L9] a rejected one credits nothing, says why, and the task goes to another address', async () => {
    const fixture = new FixtureCore()
    const cheat = fixture.tab()
    const job = await fixture.submit()
    cheat.answerWrongly()
    await fixture.settle()
    expect(fixture.credit(ALICE)).toBe(0)
    expect(cheat.verdicts).toMatchObject([
      { verdict: 'rejected', microCredits: '0', reason: 'c[0,0] is wrong.' },
    ])
    expect(cheat.hand).toEqual([])
    const sameAddress = fixture.tab()
    expect(sameAddress.hand).toEqual([])
    expect(job.tasks.get(0)).toMatchObject({ state: 'queued', failed: 1 })
    const honest = fixture.tab({ address: BOB })
    honest.answer()
    await fixture.settle()
    expect(job.ended).toBe('done')
    expect(fixture.credit(BOB)).toBe(2)
    expect(receipts(fixture).map(({ verdict, account }) => [verdict, account])).toEqual([
      ['rejected', ALICE],
      ['freivalds', BOB],
    ])
    fixture.audit()
  })

  it('[R4] verdict, credit, entry and answer are there after the commit and not before', async () => {
    const fixture = new FixtureCore()
    const tab = fixture.tab()
    const job = await fixture.submit()
    let ended = false
    void jobEnd(job).then(() => {
      ended = true
    })
    tab.answer()
    await Promise.resolve()
    expect(ended).toBe(false)
    expect(fixture.store.verifiedOf(job.seq)).toEqual([])
    expect(fixture.store.logSize()).toBe(0)
    await fixture.settle()
    expect(ended).toBe(true)
    const [task] = fixture.store.verifiedOf(job.seq)
    expect(task).toMatchObject({ task: fixture.taskId(job), entry: 0 })
    expect(fixture.store.workOf(job.seq)).toBe(2)
    expect(fixture.store.job(job.seq)).toMatchObject({ state: 'done', tasks: 1 })
    fixture.audit()
  })

  it('[R4] credits each task of a job once, with one transfer and one entry each', async () => {
    const fixture = new FixtureCore()
    const tabs = [fixture.tab(), fixture.tab({ address: BOB })]
    const job = await fixture.submit({ tasks: 100 })
    while (tabs.some(({ hand }) => hand.length > 0)) {
      for (const tab of tabs) tab.answer()
      await fixture.settle()
    }
    expect(job.ended).toBe('done')
    expect(fixture.credit(ALICE) + fixture.credit(BOB)).toBe(200)
    expect(fixture.balance('local')).toBe(-200)
    const local = fixture.store.load().accounts.find(({ name }) => name === 'local')!
    const subjects = fixture.store
      .transfersOf(local.id, 1000)
      .map(({ kind, subject }) => `${kind}/${subject}`)
    expect(new Set(subjects).size).toBe(100)
    expect(subjects.every((subject) => subject.startsWith(`${transferKinds.work}/`))).toBe(true)
    expect(fixture.store.logSize()).toBe(100)
    fixture.audit()
  })

  it('[R5] credits ceil(operations / 1000), whatever time the tab says it took', async () => {
    for (const [operations, microCredits] of [
      [1, 1],
      [1000, 1],
      [1001, 2],
      [2_097_152, 2098],
    ] as const) {
      const fixture = new FixtureCore()
      const tab = fixture.tab()
      await fixture.submit({ tasks: 1, operations })
      tab.results({ ...resultOf(tab.hand[0]!), computeMicros: 0xffffffff })
      await fixture.settle()
      expect(fixture.credit(ALICE)).toBe(microCredits)
    }
  })

  it('[R6] verdicts name the receipt and its salts, which nobody else gets', async () => {
    const fixture = new FixtureCore()
    const tab = fixture.tab()
    const job = await fixture.submit()
    tab.answer()
    await fixture.settle()
    const [id] = receiptsOf(job)
    expect(tab.verdicts).toEqual([
      {
        task: fixture.taskId(job),
        generation: job.verified[0]!.generation,
        verdict: 'freivalds',
        microCredits: '2',
        receipt: id,
        ...receiptSalts(job.saltKey, id!),
      },
    ])
    expect(JSON.stringify(receipts(fixture))).not.toContain(tab.verdicts[0]!.inputSalt)
  })

  it('[R7] whose check cannot be made credit nothing, reject nothing, and are checked again', async () => {
    const fixture = new FixtureCore()
    const tab = fixture.tab()
    const job = await fixture.submit()
    fixture.checker.broken = new OpentabError('check_unavailable')
    tab.answer()
    await fixture.settle()
    expect(fixture.credit(ALICE)).toBe(0)
    expect(fixture.store.logSize()).toBe(0)
    expect(fixture.core.ledger.payee(ALICE)).toMatchObject({ rejected: 0, completed: 0 })
    expect(fixture.reports[0]).toContain('check of task_')
    expect(tab.hand).toEqual([])
    fixture.checker.broken = null
    fixture.clock.advance(1_000)
    await fixture.settle()
    expect(job.ended).toBe('done')
    expect(fixture.credit(ALICE)).toBe(2)
  })

  it('[R7] the same when the check breaks later, off the event loop', async () => {
    const fixture = new FixtureCore()
    const tab = fixture.tab()
    const job = await fixture.submit()
    const { opened, open } = gate()
    fixture.checker.wait = opened
    fixture.checker.broken = new OpentabError('check_unavailable')
    tab.answer()
    await fixture.settle()
    open()
    await fixture.settle()
    expect(job.tasks.get(0)).toMatchObject({ state: 'returned', failed: 0, uncheckedTries: 1 })
    expect(fixture.core.checkingBytes).toBe(4)
    expect(fixture.credit(ALICE)).toBe(0)
    fixture.checker.broken = null
    fixture.clock.advance(1_000)
    await fixture.settle()
    expect(job.ended).toBe('done')
    expect(fixture.core.checkingBytes).toBe(0)
  })

  it('[R7] and the job fails when no check of its result can be made for long', async () => {
    const fixture = new FixtureCore()
    const tab = fixture.tab()
    const job = await fixture.submit()
    fixture.checker.broken = new OpentabError('check_unavailable')
    tab.answer()
    await fixture.settle()
    for (let again = 1; again < 10; again++) {
      expect(job.ended).toBeNull()
      fixture.clock.advance(1_000)
      await fixture.settle()
    }
    expect([job.ended, job.error?.code]).toEqual(['failed', 'check_unavailable'])
    expect(fixture.core.checkingBytes).toBe(0)
    fixture.audit()
  })

  it('[R7] but not while the queue of checks is full', async () => {
    const fixture = new FixtureCore()
    const tab = fixture.tab()
    const job = await fixture.submit()
    fixture.checker.broken = new QueueFull(1024, 1024)
    tab.answer()
    for (let again = 0; again < 30; again++) {
      await fixture.settle()
      expect(job.ended).toBeNull()
      fixture.clock.advance(1_000)
    }
    fixture.checker.broken = null
    fixture.clock.advance(1_000)
    await fixture.settle()
    expect(job.ended).toBe('done')
    expect(fixture.credit(ALICE)).toBe(2)
  })

  it('[R7] whose job has ended meanwhile are not checked again', async () => {
    const fixture = new FixtureCore()
    const tab = fixture.tab()
    const job = await fixture.submit()
    fixture.checker.broken = new OpentabError('check_unavailable')
    tab.answer()
    await fixture.settle()
    endJob(fixture.core, job, 'cancelled', {})
    fixture.clock.advance(1_000)
    await fixture.settle()
    expect(fixture.checker.checked).toBe(1)
    expect(fixture.reports).toHaveLength(1)
    expect(fixture.core.checkingBytes).toBe(0)
  })

  it('[L3] a second result has no effect while the first is being checked', async () => {
    const fixture = new FixtureCore()
    const tab = fixture.tab()
    const job = await fixture.submit()
    const [lease] = tab.hand
    const { opened, open } = gate()
    fixture.checker.wait = opened
    tab.answer()
    tab.results(resultOf(lease!), resultOf(lease!, wrongOutputs()))
    tab.fail(lease)
    tab.handBack('device-lost', [lease!])
    open()
    await fixture.settle()
    expect(job.ended).toBe('done')
    expect(fixture.checker.checked).toBe(1)
    expect(fixture.credit(ALICE)).toBe(2)
  })

  it('[L5] a result that is being checked counts though its tab vanishes', async () => {
    const fixture = new FixtureCore()
    const tab = fixture.tab()
    const job = await fixture.submit()
    const { opened, open } = gate()
    fixture.checker.wait = opened
    tab.answer()
    tab.cut()
    open()
    await fixture.settle()
    expect(job.ended).toBe('done')
    expect(fixture.credit(ALICE)).toBe(2)
  })

  it('[X1] a result that is being checked when its job is cancelled credits nothing', async () => {
    const fixture = new FixtureCore()
    const tab = fixture.tab()
    const leave = new AbortController()
    const running = runJob(
      fixture.core,
      { kind: 'batch', body: { tasks: 1 }, requester: 'local' },
      leave.signal,
    )
    running.catch(() => {})
    await fixture.settle()
    const { opened, open } = gate()
    fixture.checker.wait = opened
    tab.answer()
    leave.abort()
    open()
    await fixture.settle()
    await expect(running).rejects.toMatchObject({ code: 'cancelled' })
    expect(fixture.credit(ALICE)).toBe(0)
    expect(fixture.store.logSize()).toBe(0)
  })

  it('names the account’s receipts in a chain, rejected ones included', async () => {
    const fixture = new FixtureCore()
    const tab = fixture.tab()
    await fixture.submit({ tasks: 2 })
    tab.answer(tab.hand.slice(0, 1))
    tab.answerWrongly()
    await fixture.settle()
    await fixture.submit()
    tab.answer()
    await fixture.settle()
    const chain = receipts(fixture)
    expect(chain.map(({ previous }) => previous)).toEqual([null, chain[0]!.id, chain[1]!.id])
    expect(fixture.core.ledger.payee(ALICE)).toMatchObject({
      receipts: 3,
      latest: chain[2]!.id,
      completed: 2,
      rejected: 1,
    })
  })

  it('draws by the right results since the last rejection, which Freivalds does not count for', async () => {
    const drawn: number[] = []
    const fixture = new FixtureCore({
      drawCheck: (verified) => {
        drawn.push(verified)
        return verified < 3
      },
    })
    fixture.checker.always = false
    const tab = fixture.tab({ ready: ['cd'.repeat(32)], kernels: [] })
    const run = async (answer: () => void): Promise<void> => {
      await fixture.submit({ tasks: 1, model: 'cd'.repeat(32) })
      answer()
      await fixture.settle()
    }
    for (let i = 0; i < 5; i++) await run(() => tab.answer())
    expect(drawn).toEqual([0, 1, 2, 3, 3])
    expect(receipts(fixture).map(({ verdict }) => verdict)).toEqual([
      ...Array(3).fill('recomputed'),
      ...Array(2).fill('unsampled'),
    ])
    await run(() => tab.answer(tab.hand, () => []))
    expect(fixture.core.ledger.payee(ALICE).verifiedSinceReset).toBe(0)
  })

  it('[R3] the requester gets the right answer after wrong ones from two addresses', async () => {
    const fixture = new FixtureCore()
    const cheats = [fixture.tab(), fixture.tab({ address: BOB })]
    const running = runJob(
      fixture.core,
      { kind: 'flow', body: { tasks: 1 }, requester: 'local' },
      new AbortController().signal,
    )
    await fixture.settle()
    for (let i = 0; i < 2; i++) {
      for (const cheat of cheats) cheat.answerWrongly()
      await fixture.settle()
    }
    fixture.tab({ address: CAROL }).answer()
    await fixture.settle()
    expect((await running).answer).toEqual({ sums: [1] })
    expect([ALICE, BOB, CAROL].map((address) => fixture.credit(address))).toEqual([0, 0, 2])
  })
})
