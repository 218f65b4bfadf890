import { describe, expect, it } from 'vitest'
import { FIRST_RESULTS_CHECKED } from '../../protocol/limits.ts'
import { type OfferedStep, StepPolicy, type StepPolicyOptions } from './stepSampling.ts'

const A = '0xa'

/** A policy for an address with so many verified results, and what became of the steps that were offered. */
function world(verified: number, options: Partial<StepPolicyOptions> = {}) {
  const state = { verified }
  const policy = new StepPolicy({
    verifiedSinceReset: () => state.verified,
    draw: () => true,
    random: () => 0,
    ...options,
  })
  const became: string[] = []
  const step = (name: number): OfferedStep => ({
    accept: () => became.push(`accept ${name}`),
    check: () => became.push(`check ${name}`),
    first: () => became.push(`first ${name}`),
  })
  return { state, policy, became, step }
}

describe('which steps are checked', () => {
  it('[S6] of a part that is not drawn, none', () => {
    const { policy, became, step } = world(FIRST_RESULTS_CHECKED, { draw: () => false })
    const sampling = policy.sampling(A)
    sampling.offer(step(1))
    sampling.offer(step(2))
    sampling.end()
    expect(became).toEqual(['accept 1', 'accept 2'])
  })

  it('none at all where nothing is drawn, also of an address that is new', () => {
    const { policy, became, step } = world(0, { draw: () => false })
    policy.sampling(A).offer(step(1))
    expect(became).toEqual(['accept 1'])
  })

  it('[S6] of a part that is drawn, one, at its end; the others are paid on the way', () => {
    const picks = [0, 1, 0, 3]
    const { policy, became, step } = world(FIRST_RESULTS_CHECKED, { random: () => picks.shift()! })
    const sampling = policy.sampling(A)
    for (const name of [1, 2, 3, 4]) sampling.offer(step(name))
    expect(became).toEqual(['accept 2', 'accept 1', 'accept 4'])
    sampling.end()
    sampling.end()
    expect(became.at(-1)).toBe('check 3')
    expect(became).toHaveLength(4)
  })

  it('[S6] each step of a part is that one equally often', () => {
    const counts = new Array<number>(8).fill(0)
    for (let run = 0; run < 8_000; run++) {
      const { policy, became, step } = world(FIRST_RESULTS_CHECKED, {
        random: (below) => Math.floor(Math.random() * below),
      })
      const sampling = policy.sampling(A)
      for (let name = 0; name < 8; name++) sampling.offer(step(name))
      sampling.end()
      counts[Number(became.at(-1)!.slice(6))]!++
    }
    for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(200)
  })

  it('[S6] a part is drawn once, by the state at its first step', () => {
    let draws = 0
    const { policy, step } = world(FIRST_RESULTS_CHECKED, { draw: () => ++draws > 0 })
    const sampling = policy.sampling(A)
    for (const name of [1, 2, 3]) sampling.offer(step(name))
    expect(draws).toBe(1)
  })

  it('[S6] the first ten of an address are checked at once; what comes before they are verified waits', () => {
    const { state, policy, became, step } = world(0, { draw: (verified) => verified < 10 })
    const sampling = policy.sampling(A)
    for (let name = 0; name < 14; name++) sampling.offer(step(name))
    expect(became).toHaveLength(20)
    expect(became.filter((what) => what.startsWith('check'))).toHaveLength(10)
    policy.sampling('0xb').offer(step(99))
    expect(became.at(-1)).toBe('check 99')
    for (let done = 1; done <= 10; done++) {
      state.verified = done
      policy.count(A, -1)
    }
    expect(became.slice(22)).toEqual(['accept 10', 'accept 11', 'accept 12', 'accept 13'])
  })

  it('[S6] what waited is checked like first results where one of these was wrong', () => {
    const { state, policy, became, step } = world(9, { draw: (verified) => verified < 10 })
    const sampling = policy.sampling(A)
    for (const name of [1, 2, 3]) sampling.offer(step(name))
    expect(became).toEqual(['first 1', 'check 1'])
    state.verified = 0
    policy.count(A, -1)
    expect(became.slice(2)).toEqual(['first 2', 'check 2', 'first 3', 'check 3'])
  })

  it('[S6] a step that waited beyond the part’s end is still drawn', () => {
    const { state, policy, became, step } = world(9)
    const sampling = policy.sampling(A)
    sampling.offer(step(1))
    sampling.offer(step(2))
    sampling.end()
    state.verified = 10
    policy.count(A, -1)
    expect(became).toEqual(['first 1', 'check 1', 'check 2'])
  })
})
