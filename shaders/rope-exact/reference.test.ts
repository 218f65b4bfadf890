import { expect, it } from 'vitest'
import { goldenVectors } from '../exact/goldenVectors.ts'
import { ropeExactReference } from './reference.ts'

it('has the golden vector of rule S8', () => {
  const { x, cos, sin, out } = goldenVectors.rope
  const inputs = {
    x: Int32Array.from(x),
    position: Uint32Array.of(0),
    cosines: Int32Array.from(cos),
    sines: Int32Array.from(sin),
  }
  const shape = { rows: 1, heads: 1, rotated: 1, half: 32, positions: 1 }
  expect([...ropeExactReference(inputs, shape)]).toEqual(out)
})

it('turns by an eighth of a circle and keeps values as they are', () => {
  const eighth = Math.round(16384 * Math.SQRT1_2)
  const inputs = {
    x: Int32Array.of(1000 * 8, 0, 20000, -20000),
    position: Uint32Array.of(1),
    cosines: Int32Array.of(16384, eighth),
    sines: Int32Array.of(0, eighth),
  }
  const shape = { rows: 1, heads: 2, rotated: 1, half: 1, positions: 2 }
  expect([...ropeExactReference(inputs, shape)]).toEqual([707, 707, 16383, -16383])
})
