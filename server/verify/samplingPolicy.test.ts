import { expect, it } from 'vitest'
import { verdicts } from '../../protocol/receipt.ts'
import { SecretRandom } from './freivalds/secretRandom.ts'
import {
  afterVerdict,
  countsAsVerified,
  initialSamplingState,
  SamplingPolicy,
  type SamplingState,
} from './samplingPolicy.ts'

const never = new SamplingPolicy(() => 0xffffffff)
const trusted: SamplingState = { verifiedSinceReset: 10 }

it('draws each of the first ten results, whatever the dice say', () => {
  let state = initialSamplingState
  for (let i = 0; i < 10; i++) {
    expect(never.isDrawn(state)).toBe(true)
    state = afterVerdict(state, 'recomputed')
  }
  expect(never.isDrawn(state)).toBe(false)
})

it('draws a tenth of the later results, to the word', () => {
  const isDrawnWith = (word: number) => new SamplingPolicy(() => word).isDrawn(trusted)
  expect([0, 429496729, 429496730, 0xffffffff].map(isDrawnWith)).toEqual([true, true, false, false])
})

it('draws a tenth with real random words', () => {
  const random = new SecretRandom()
  const policy = new SamplingPolicy(() => random.word())
  let drawn = 0
  for (let i = 0; i < 100_000; i++) if (policy.isDrawn(trusted)) drawn++
  // Standard deviation 95.
  expect(Math.abs(drawn - 10_000)).toBeLessThan(800)
})

it('returns to every result for the next ten after a rejection', () => {
  let state = afterVerdict(trusted, 'rejected')
  for (let i = 0; i < 10; i++) {
    expect(never.isDrawn(state)).toBe(true)
    state = afterVerdict(state, 'recomputed')
  }
  expect(never.isDrawn(state)).toBe(false)
  expect(never.isDrawn(afterVerdict({ verifiedSinceReset: 9 }, 'rejected'))).toBe(true)
})

it('counts neither unsampled results nor kernels, which are always checked or held against another account only', () => {
  expect(verdicts.filter(countsAsVerified)).toEqual(['recomputed', 'referee', 'text-scored'])
  expect(afterVerdict({ verifiedSinceReset: 9 }, 'replica')).toEqual({ verifiedSinceReset: 9 })
  expect(afterVerdict({ verifiedSinceReset: 9 }, 'reference')).toEqual({ verifiedSinceReset: 9 })
  expect(afterVerdict({ verifiedSinceReset: 9 }, 'freivalds')).toEqual({ verifiedSinceReset: 9 })
  expect(afterVerdict({ verifiedSinceReset: 9 }, 'unsampled')).toEqual({ verifiedSinceReset: 9 })
})

it('goes on from JSON, and from a count that is larger than ten', () => {
  const state = JSON.parse(JSON.stringify(afterVerdict({ verifiedSinceReset: 4 }, 'referee')))
  expect(state).toEqual({ verifiedSinceReset: 5 })
  expect(never.isDrawn({ verifiedSinceReset: 5000 })).toBe(false)
  expect(never.isDrawn({ verifiedSinceReset: Number.NaN })).toBe(true)
})
