import { expect, it } from 'vitest'
import { shownCredits } from './shownCredits.ts'

const credits = { pending: '0', escrow: '0', settled: '0', paid: '0' }

it('shows neither escrow nor what was paid out where a relay has no such thing', () => {
  expect(shownCredits(undefined)).toEqual(['pending', 'settled'])
  expect(shownCredits(credits)).toEqual(['pending', 'settled'])
})

it('shows each where there is some of it', () => {
  expect(shownCredits({ ...credits, escrow: '7' })).toEqual(['pending', 'escrow', 'settled'])
  expect(shownCredits({ ...credits, paid: '7' })).toEqual(['pending', 'settled', 'paid'])
})
