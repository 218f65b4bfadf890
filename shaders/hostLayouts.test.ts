import { describe, expect, it } from 'vitest'
import { tensorOf } from '../protocol/tensor.ts'
import { hostLayouts } from './hostLayouts.ts'
import { kernelLibrary } from './library.ts'

const i8 = (name: string, rows: number, columns: number) =>
  tensorOf(
    name,
    'INT8',
    [rows, columns],
    Int8Array.from({ length: rows * columns }, (_, at) => at + 1),
  )

describe('the layout on the CPU', () => {
  it('puts four neighbouring k of a row and of a column side by side, zero past k', () => {
    const layout = hostLayouts['matmul-i8']([i8('a', 2, 5), i8('b', 5, 2)], { m: 2, k: 5, n: 2 })
    expect([...layout.get('aQuads')!]).toEqual([1, 2, 3, 4, 5, 0, 0, 0, 6, 7, 8, 9, 10, 0, 0, 0])
    expect([...layout.get('bQuads')!]).toEqual([1, 3, 5, 7, 2, 4, 6, 8, 9, 0, 0, 0, 10, 0, 0, 0])
  })

  it('does not copy what lies right already', () => {
    const a = i8('a', 3, 4)
    const layout = hostLayouts['matmul-i8']([a, i8('b', 4, 1)], { m: 3, k: 4, n: 1 })
    expect(layout.get('aQuads')).toBe(a.bytes)
  })

  it('fills every buffer that the computing passes read', () => {
    for (const kernel of Object.values(kernelLibrary)) {
      const shape = { m: 1, k: 1, n: 1 }
      const filled = [...hostLayouts[kernel.name]([i8('a', 1, 1), i8('b', 1, 1)], shape).keys()]
      for (const variant of kernel.variants) {
        const read = variant.passes.filter(({ step }) => step === 'compute').flatMap(({ reads }) => reads)
        expect(filled.sort()).toEqual([...read].sort())
      }
    }
  })
})
