import { expect, it } from 'vitest'
import { ropeReference } from './reference.ts'

const inputs = {
  x: Float32Array.of(1, 2, 3, 4),
  position: Uint32Array.of(7),
  // A quarter turn of the first pair, none of the second; the first position is another one.
  cosines: Float32Array.of(5, 5, 0, 1),
  sines: Float32Array.of(5, 5, 1, 0),
}
const shape = { rows: 1, heads: 1, half: 2, positions: 2 }

it('turns neighbours, or halves, by the angle of the row, and stays in the tables', () => {
  expect([...ropeReference(inputs, { ...shape, interleaved: 1 }).y]).toEqual([-2, 1, 3, 4])
  expect([...ropeReference(inputs, { ...shape, interleaved: 0 }).y]).toEqual([-3, 2, 1, 4])
})

it('takes the magnitudes of both products of a sum', () => {
  expect([...ropeReference(inputs, { ...shape, interleaved: 1 }).magnitudes]).toEqual([2, 1, 3, 4])
})
