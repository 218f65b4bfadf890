import { expect, it } from 'vitest'
import { rmsnormReference } from './reference.ts'

it('norms rows by hand', () => {
  // mean(1 + 49 + 25 + 25) = 25, mean(16) = 16
  const x = [1, -7, 5, 5, 4, 4, 4, 4]
  const y = rmsnormReference(x, [1, 2, -1, 0], { rows: 2, n: 4, epsilon: 0 })
  const right = [0.2, -2.8, -1, 0, 1, 2, -1, 0]
  for (const [at, value] of right.entries()) expect(y[at]).toBeCloseTo(value, 14)
})

it('leaves a row of zeros zero and takes epsilon as an f32', () => {
  expect([...rmsnormReference([0, 0], [1, 1], { rows: 1, n: 2, epsilon: 1e-5 })]).toEqual([0, 0])
  expect(rmsnormReference([1], [1], { rows: 1, n: 1, epsilon: 0.1 })[0]).toBe(
    1 / Math.sqrt(1 + Math.fround(0.1)),
  )
})
