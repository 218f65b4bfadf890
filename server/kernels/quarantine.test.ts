import { describe, expect, it } from 'vitest'
import type { FixtureCore } from '../fixtureCore.ts'
import { restoreJobs } from '../jobs/restoreJobs.ts'
import { ALICE, BOB, CAROL, type FakeTab } from '../placement/fakeTab.ts'
import { fleet, openFleet, resultOf, submitKernel, willing } from './fixtureFleet.ts'
import { doubled, doubling } from './fixtureKernel.ts'
import { programKey } from './programKey.ts'
import { LOSS_KEPT_MS, refuseQuarantined } from './quarantine.ts'

const key = programKey(doubling.program)
const MINUTE = 60_000
const [EVE, MALLORY] = [4, 5].map((digit) => `0x${String(digit).repeat(40)}`) as [string, string]

const isRefused = (fixture: FixtureCore, program = key): boolean => {
  try {
    refuseQuarantined(fixture.core, program)
    return false
  } catch (error) {
    expect(error).toMatchObject({ code: 'kernel_refused' })
    return true
  }
}

/** The relay as after kill -9. */
async function reopen(before: FixtureCore): Promise<FixtureCore> {
  const next = openFleet({ store: before.store, clock: before.clock })
  const restored = restoreJobs(next.core, next.snapshot)
  await next.settle()
  await restored
  return next
}

/** The tab says that it lost its device with what it has in hand. */
function lose(tab: FakeTab): void {
  const { task, generation } = tab.hand.shift()!
  tab.say({ type: 'failed', task, generation, code: 'kernel_lost_device', message: 'It is gone.' })
}

async function pass(fixture: FixtureCore, ms: number): Promise<void> {
  for (let at = 0; at < ms; at += 1000) {
    fixture.clock.advance(1000)
    await fixture.settle()
  }
}

/** A job in the only tab, which loses its device with it. */
async function loseIn(
  fixture: FixtureCore,
  address: string,
  fields: object = {},
  requester = 'local',
): Promise<void> {
  const tab = willing(fixture, address)
  await submitKernel(fixture, { ...fleet, ...fields }, requester)
  for (let waited = 0; tab.hand.length === 0 && waited < 11 * MINUTE; waited += 1000)
    await pass(fixture, 1000)
  lose(tab)
  tab.say({ type: 'leaving' })
  tab.cut()
  await fixture.settle()
}

describe('a program that costs devices', () => {
  it('never comes to the account that lost its device again, and is not refused for that one', async () => {
    const fixture = openFleet()
    await loseIn(fixture, ALICE)
    expect(isRefused(fixture)).toBe(false)
    fixture.clock.advance(LOSS_KEPT_MS)
    const next = await reopen(fixture)
    const again = willing(next, ALICE)
    const refused = await submitKernel(next, fleet)
    expect(again.hand).toEqual([])
    expect((await resultOf(next, refused)).error).toMatchObject({ code: 'kernel_refused' })
    const other = willing(next, BOB)
    await submitKernel(next, fleet)
    expect([again.hand.length, other.hand.length]).toEqual([0, 1])
  })

  it('is run on where two fresh addresses say so and as many kept their devices, in the same job or before', async () => {
    const fixture = openFleet()
    const [first, second, ...honest] = [EVE, MALLORY, ALICE, BOB].map((address, i) =>
      willing(fixture, address, { features: [`f${i}`] }),
    )
    const job = await submitKernel(fixture, fleet)
    lose(first!)
    lose(second!)
    await fixture.settle()
    expect(isRefused(fixture)).toBe(true)
    for (const tab of honest) tab.answer(tab.hand, () => doubled())
    const { result } = await resultOf(fixture, job)
    expect(result?.matrix?.map(({ verdict }) => verdict)).toEqual(['failed', 'failed', 'agrees', 'agrees'])
    expect(isRefused(fixture)).toBe(false)
    await submitKernel(fixture, fleet)
    expect([first!, second!, ...honest].map(({ hand }) => hand.length)).toEqual([0, 0, 1, 1])
    const next = await reopen(fixture)
    expect(isRefused(next)).toBe(false)
  })

  it('is refused where an account with standing lost its device, and none with standing kept it', async () => {
    const fixture = openFleet()
    const tabs = [ALICE, BOB, EVE, MALLORY, CAROL].map((address, i) =>
      willing(fixture, address, { features: [`f${i}`] }),
    )
    await submitKernel(fixture, fleet)
    for (const tab of tabs.slice(0, 2)) lose(tab)
    for (const tab of tabs.slice(2)) tab.answer(tab.hand, () => doubled())
    await fixture.settle()
    expect(isRefused(fixture)).toBe(false)
    fixture.core.ledger.payee(ALICE).verifiedSinceReset = 10
    expect(isRefused(fixture)).toBe(true)
    fixture.core.ledger.payee(CAROL).verifiedSinceReset = 10
    expect(isRefused(fixture)).toBe(false)
  })

  it('stays away from a class whose devices it costs, where those of others keep theirs', async () => {
    const fixture = openFleet()
    const losing = [EVE, MALLORY].map((address) => willing(fixture, address, { features: ['f1'] }))
    const keeping = [ALICE, BOB].map((address) => willing(fixture, address, { features: ['f2'] }))
    await submitKernel(fixture, { spread: { perClass: 2 } })
    for (let round = 0; round < 2; round++) {
      for (const tab of losing) if (tab.hand.length > 0) lose(tab)
      for (const tab of keeping) tab.answer(tab.hand, () => doubled())
      await fixture.settle()
    }
    expect(isRefused(fixture)).toBe(false)
    const third = willing(fixture, CAROL, { features: ['f1'] })
    for (const requester of ['key:a', 'key:b']) await submitKernel(fixture, fleet, requester)
    expect(third.hand).toEqual([])
    expect(keeping.reduce((sum, { hand }) => sum + hand.length, 0)).toBeGreaterThan(0)
  })

  it('is refused when two addresses lost theirs, also after a restart, and no other one is', async () => {
    const fixture = openFleet()
    await loseIn(fixture, ALICE)
    await loseIn(fixture, BOB)
    expect(isRefused(fixture)).toBe(true)
    const next = await fixture.restart()
    expect(isRefused(next)).toBe(true)
    expect(isRefused(next, programKey('fn another() {}'))).toBe(false)
  })

  it('is refused with other names and white space, too', async () => {
    const fixture = openFleet()
    await loseIn(fixture, ALICE)
    await loseIn(fixture, BOB, { program: `${doubling.program.replace(/\bid\b/g, 'place')} // the same` })
    expect(isRefused(fixture)).toBe(true)
  })

  it('is run again a day after the losses', async () => {
    const fixture = openFleet()
    await loseIn(fixture, ALICE)
    await loseIn(fixture, BOB)
    fixture.clock.advance(LOSS_KEPT_MS)
    expect(isRefused(fixture)).toBe(false)
  })

  it('is not blamed for a device that a tab lost beside it, nor for words in a message', async () => {
    const fixture = openFleet()
    for (const address of [ALICE, BOB]) {
      const tab = willing(fixture, address)
      await submitKernel(fixture, fleet)
      expect(tab.hand).toHaveLength(1)
      tab.handBack('device-lost')
      tab.say({ type: 'leaving' })
      await fixture.settle()
    }
    const tab = willing(fixture, CAROL)
    await submitKernel(fixture, fleet)
    const { task, generation } = tab.hand[0]!
    tab.say({ type: 'failed', task, generation, code: 'kernel_failed', message: 'device-lost' })
    await fixture.settle()
    expect(fixture.store.meta('kernel_losses')).toBeUndefined()
  })
})

describe('the next jobs of a requester whose program cost a device', () => {
  it('wait a minute for each account, whatever they run, those of others do not', async () => {
    const fixture = openFleet()
    await loseIn(fixture, ALICE, {}, 'key:mine')
    const tab = willing(fixture, BOB)
    const changed = { ...fleet, program: doubling.program.replace('2f', '3f') }
    await submitKernel(fixture, changed, 'key:mine')
    await pass(fixture, 59_000)
    expect(tab.hand).toEqual([])
    await submitKernel(fixture, fleet, 'key:other')
    expect(tab.hand).toHaveLength(1)
    await pass(fixture, 2000)
    expect(tab.hand).toHaveLength(2)
  })

  it('wait only for the same program where he has no key, and not where as many kept their devices', async () => {
    const fixture = openFleet()
    await loseIn(fixture, ALICE)
    const tab = willing(fixture, BOB)
    await submitKernel(fixture, fleet)
    expect(tab.hand).toEqual([])
    await submitKernel(fixture, { ...fleet, program: doubling.program.replace('2f', '3f') })
    expect(tab.hand).toHaveLength(1)
    await submitKernel(fixture, fleet, 'key:other')
    tab.answer(tab.hand, () => doubled())
    await pass(fixture, 1000)
    expect(tab.hand).toHaveLength(1)
  })
})

describe('a spread over several tabs of a class', () => {
  const addresses = [ALICE, BOB, CAROL, `0x${'4'.repeat(40)}`]
  const wide = { spread: { perClass: 4 } }

  it('runs in one of each class first, in the others when that one has returned', async () => {
    const fixture = openFleet()
    const tabs = addresses.map((address) => willing(fixture, address))
    const other = willing(fixture, ALICE, { features: ['f1'] })
    const job = await submitKernel(fixture, wide)
    const running = tabs.filter(({ hand }) => hand.length > 0)
    expect([running.length, other.hand.length]).toEqual([1, 1])
    running[0]!.answer(running[0]!.hand, () => doubled())
    other.answer(other.hand, () => doubled())
    await fixture.settle()
    const rest = tabs.filter(({ hand }) => hand.length > 0)
    expect(rest).toHaveLength(3)
    for (const tab of rest) tab.answer(tab.hand, () => doubled())
    expect((await resultOf(fixture, job)).result?.matrix).toMatchObject([
      { verdict: 'agrees', tabs: 4 },
      { verdict: 'agrees', tabs: 1 },
    ])
  })

  it('costs no more than two devices where it breaks all of them, and says so', async () => {
    const fixture = openFleet()
    const tabs = addresses.map((address) => willing(fixture, address))
    const job = await submitKernel(fixture, wide)
    let lost = 0
    for (let round = 0; round < 4; round++)
      for (const tab of tabs) {
        if (tab.hand.length === 0) continue
        lose(tab)
        lost++
        await fixture.settle()
      }
    expect(lost).toBe(2)
    const { state, result } = await resultOf(fixture, job)
    expect(state).toBe('done')
    expect(result?.matrix).toMatchObject([{ verdict: 'failed', message: 'kernel_lost_device: It is gone.' }])
  })
})
