import { describe, expect, it } from 'vitest'
import { FIRST_RESULTS_CHECKED } from '../../protocol/limits.ts'
import { type PartJudging, StepPolicy, type StepPolicyOptions } from './stepPolicy.ts'

const A = '0xa'

/** A policy for an address with so many verified parts, and what became of the parts that were offered. */
function world(verified: number, options: Partial<StepPolicyOptions> = {}) {
  const state = { verified }
  const policy = new StepPolicy({ verifiedSinceReset: () => state.verified, draw: () => true, ...options })
  const became: string[] = []
  const ends: (() => void)[] = []
  const part = (name: number): PartJudging => ({
    accept: () => became.push(`accept ${name}`),
    check: (over) => {
      became.push(`check ${name}`)
      ends.push(over)
    },
  })
  return { state, policy, became, ends, part }
}

describe('which parts are checked', () => {
  it('[S6] those that are drawn, each by itself', () => {
    const draws = [false, true, false]
    const { policy, became, part } = world(FIRST_RESULTS_CHECKED, { draw: () => draws.shift()! })
    for (const name of [1, 2, 3]) policy.offer(A, part(name))
    expect(became).toEqual(['accept 1', 'check 2', 'accept 3'])
  })

  it('none at all where nothing is drawn, also of an address that is new', () => {
    const { policy, became, part } = world(0, { draw: () => false })
    policy.offer(A, part(1))
    expect(became).toEqual(['accept 1'])
  })

  it('[S6] the first ten of an address; what ends before they are verified waits', () => {
    const { state, policy, became, ends, part } = world(0, { draw: (verified) => verified < 10 })
    for (let name = 0; name < 14; name++) policy.offer(A, part(name))
    expect(became).toEqual(Array.from({ length: 10 }, (_, name) => `check ${name}`))
    policy.offer('0xb', part(99))
    expect(became.at(-1)).toBe('check 99')
    for (let done = 0; done < 10; done++) {
      expect(became).toHaveLength(11)
      state.verified = done + 1
      ends[done]!()
      // Told twice, it counts once.
      ends[done]!()
    }
    expect(became.slice(11)).toEqual(['accept 10', 'accept 11', 'accept 12', 'accept 13'])
  })

  it('[S6] what waited is checked like first ones where one of these was wrong', () => {
    const { state, policy, became, ends, part } = world(9, { draw: (verified) => verified < 10 })
    for (const name of [1, 2, 3]) policy.offer(A, part(name))
    expect(became).toEqual(['check 1'])
    state.verified = 0
    ends[0]!()
    expect(became.slice(1)).toEqual(['check 2', 'check 3'])
  })
})
