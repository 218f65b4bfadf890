import { expect, it } from 'vitest'
import { servingInWords } from './servingInWords.ts'

it.each([
  [{ tabs: 0, mode: 'none', stages: 3, stagesHeld: 0 }, '0 tabs ready'],
  [
    { tabs: 0, mode: 'none', stages: 3, stagesHeld: 0, memoryWanted: 342_200_001 },
    '0 tabs ready: no part fits the memory that tabs give; 343 MB are enough for each',
  ],
  [{ tabs: 0, mode: 'none', stages: 3, stagesHeld: 2 }, '2 of 3 stages held'],
  [{ tabs: 3, mode: 'shared', stages: 3, stagesHeld: 3 }, '3 tabs together'],
  [{ tabs: 1, mode: 'whole', stages: 3, stagesHeld: 3 }, '1 tab ready'],
  [{ tabs: 2 }, '2 tabs ready'],
  [{ tabs: 1, tabsFailed: 2 }, '1 tab ready, 2 could not load it'],
] as const)('a model with %j has %s', (serving, words) => {
  expect(servingInWords(serving)).toBe(words)
})
