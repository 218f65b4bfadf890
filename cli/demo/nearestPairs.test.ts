import { expect, it } from 'vitest'
import { demoPairs, demoSentences } from '../demoSentences.ts'
import { nearestNeighbours } from './nearestPairs.ts'

it('looks at directions, not at lengths', () => {
  const found = nearestNeighbours([
    [1, 0],
    [0, 5],
    [10, 1],
  ])
  expect(found.map(({ nearest }) => nearest)).toEqual([2, 2, 0])
  expect(found[0]!.cosine).toBeCloseTo(10 / Math.sqrt(101))
})

it('the demo has 64 different sentences, partners side by side', () => {
  expect(new Set(demoSentences).size).toBe(64)
  expect(
    demoPairs.every(([a, b], index) => demoSentences[2 * index] === a && demoSentences[2 * index + 1] === b),
  ).toBe(true)
})
