import { expect, it } from 'vitest'
import { siluMulReference } from './reference.ts'

it('takes gate and up of each row', () => {
  const half = [...siluMulReference([0, 2, 1, 1, Math.log(3), -Math.log(3), 4, 4], { rows: 2, n: 2 })]
  expect(half[0]).toBe(0)
  expect(half[1]).toBeCloseTo(2 / (1 + Math.exp(-2)), 15)
  // The sigmoid of log 3 is 3/4, that of -log 3 is 1/4.
  expect(half[2]).toBeCloseTo(3 * Math.log(3), 14)
  expect(half[3]).toBeCloseTo(-Math.log(3), 14)
})
