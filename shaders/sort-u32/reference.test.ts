import fc from 'fast-check'
import { expect, it } from 'vitest'
import { sortU32Reference } from './reference.ts'

it('sorts by hand and keeps the order of equal keys', () => {
  const { sortedKeys, sortedValues } = sortU32Reference(
    Uint32Array.of(5, 0xffffffff, 5, 0, 0x80000000),
    Uint32Array.of(1, 2, 3, 4, 5),
  )
  expect([...sortedKeys]).toEqual([0, 5, 5, 0x80000000, 0xffffffff])
  expect([...sortedValues]).toEqual([4, 1, 3, 5, 2])
})

it('gives the keys that typed arrays sort', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(0xffffffff)), (keys) => {
      const { sortedKeys } = sortU32Reference(Uint32Array.from(keys), new Uint32Array(0))
      expect(sortedKeys).toEqual(Uint32Array.from(keys).sort())
    }),
  )
})
