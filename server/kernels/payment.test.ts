import { describe, expect, it } from 'vitest'
import { OpentabError } from '../../protocol/errors.ts'
import type { FixtureCore } from '../fixtureCore.ts'
import { endJob } from '../jobs/endJob.ts'
import { ALICE, BOB, CAROL } from '../placement/fakeTab.ts'
import { fleet, openFleet, resultOf, submitKernel, willing } from './fixtureFleet.ts'
import { doubled } from './fixtureKernel.ts'

const price = 2
const paid = { ...fleet, dispatch: [300, 1, 1], operations: 2000 }
const sums = (fixture: FixtureCore): number[] => [
  fixture.balance('local'),
  fixture.balance('operator'),
  ...[ALICE, BOB, CAROL].map((address) => fixture.credit(address)),
]

describe('[R9] each run of a custom kernel that is credited is paid by its requester, none by the operator', () => {
  it('where one tab of two classes each was asked for', async () => {
    const fixture = openFleet()
    const tabs = [ALICE, BOB].map((address, i) => willing(fixture, address, { features: [`f${i}`] }))
    await submitKernel(fixture, paid)
    for (const tab of tabs) tab.answer(tab.hand, () => doubled())
    await fixture.settle()
    expect(sums(fixture)).toEqual([-2 * price, 0, price, price, 0])
    fixture.audit()
  })

  it('where one was asked for, and another account has run it beside that one', async () => {
    const fixture = openFleet()
    const tabs = [ALICE, BOB, CAROL].map((address) => willing(fixture, address))
    const job = await submitKernel(fixture, { ...paid, spread: 'one' })
    expect(tabs.map(({ hand }) => hand.length)).toEqual([1, 1, 0])
    for (const tab of tabs) tab.answer(tab.hand, () => doubled())
    expect((await resultOf(fixture, job)).result?.matrix).toMatchObject([{ verdict: 'agrees', tabs: 2 }])
    expect(sums(fixture)).toEqual([-2 * price, 0, price, price, 0])
    fixture.audit()
  })

  it('also when he cancels it after they were found right', async () => {
    const fixture = openFleet()
    const tabs = [ALICE, BOB].map((address, i) => willing(fixture, address, { features: [`f${i}`] }))
    const job = await submitKernel(fixture, paid)
    for (const tab of tabs) tab.answer(tab.hand, () => doubled())
    for (let turn = 0; fixture.credit(BOB) === 0 && turn < 50; turn++) {
      fixture.flush()
      await Promise.resolve()
    }
    endJob(fixture.core, job, 'cancelled', { error: new OpentabError('cancelled') })
    await fixture.settle()
    expect(sums(fixture)).toEqual([-2 * price, 0, price, price, 0])
    fixture.audit()
  })

  it('by a key no further than its limit, in which all of them have room before any tab is asked', async () => {
    const fixture = openFleet()
    const tabs = [ALICE, BOB].map((address) => willing(fixture, address))
    const making = fixture.keys.create('mine', 2 * price - 1)
    await fixture.settle()
    const requester = `key:${(await making).id}`
    const job = await submitKernel(fixture, { ...paid, spread: 'one' }, requester)
    await fixture.settle()
    expect(tabs.flatMap(({ hand }) => hand)).toEqual([])
    expect(fixture.store.job(job.seq)).toMatchObject({ state: 'failed' })
    expect((await resultOf(fixture, job, requester)).error?.code).toBe('insufficient_quota')
  })

  it('and nothing for what no other account has found, nor for what differs', async () => {
    const fixture = openFleet()
    const tabs = [ALICE, BOB].map((address) => willing(fixture, address))
    await submitKernel(fixture, paid)
    for (const [i, tab] of tabs.entries()) tab.answer(tab.hand, () => doubled([i, i, i, i]))
    await fixture.settle()
    expect(sums(fixture)).toEqual([0, 0, 0, 0, 0])
  })
})

it('takes tabs of different accounts for the classes where it can, so that no other is needed', async () => {
  const fixture = openFleet()
  const tabs = [
    willing(fixture, ALICE, { features: ['f0'] }),
    willing(fixture, BOB, { features: ['f0'] }),
    willing(fixture, ALICE, { features: ['f1'] }),
  ]
  await submitKernel(fixture, paid)
  expect(tabs.map(({ hand }) => hand.length)).toEqual([0, 1, 1])
})

it('[R9] gives no standing for other work, however many of one person’s kernels agree', async () => {
  const fixture = openFleet()
  const tabs = [ALICE, BOB].map((address) => willing(fixture, address))
  for (let job = 0; job < 12; job++) {
    await submitKernel(fixture, { operations: 0 })
    for (const tab of tabs) tab.answer(tab.hand, () => doubled())
    await fixture.settle()
  }
  expect(tabs[0]!.verdicts.at(-1)).toMatchObject({ verdict: 'replica' })
  expect(fixture.core.ledger.payee(ALICE)).toMatchObject({ completed: 12, verifiedSinceReset: 0 })
})
