import { expect, it } from 'vitest'
import { transposeReference } from './reference.ts'

it('transposes by hand, and twice is nothing', () => {
  const x = Uint32Array.of(1, 2, 3, 4, 5, 6)
  const y = transposeReference(x, { rows: 2, columns: 3 })
  expect([...y]).toEqual([1, 4, 2, 5, 3, 6])
  expect(transposeReference(y, { rows: 3, columns: 2 })).toEqual(x)
})
