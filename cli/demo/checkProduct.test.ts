import { expect, it } from 'vitest'
import { seededInt8 } from '../../protocol/seededInputs.ts'
import { wrongRow } from './checkProduct.ts'

const size = 24
const seed = 5

function product(): Int32Array {
  const a = seededInt8(seed, 0, size * size)
  const b = seededInt8(seed, 1, size * size)
  const c = new Int32Array(size * size)
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      for (let t = 0; t < size; t++) c[row * size + column]! += a[row * size + t]! * b[t * size + column]!
    }
  }
  return c
}

it('finds nothing in a right product', () => {
  expect(wrongRow(seed, size, product())).toBeNull()
})

it.each([0, 1, size * size - 1])('finds the row of a change by one at element %i', (at) => {
  const c = product()
  c[at]! += 1
  expect(wrongRow(seed, size, c)).toBe(Math.floor(at / size))
})

it('finds swapped columns, zeros and the product of another seed', () => {
  const c = product()
  ;[c[0], c[1]] = [c[1]!, c[0]!]
  expect(wrongRow(seed, size, c)).toBe(0)
  expect(wrongRow(seed, size, new Int32Array(size * size))).not.toBeNull()
  expect(wrongRow(seed + 1, size, product())).not.toBeNull()
})
