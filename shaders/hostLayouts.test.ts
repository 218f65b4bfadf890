import { describe, expect, it } from 'vitest'
import { tensorOf } from '../protocol/tensor.ts'
import { arrangedOnHost } from './hostLayouts.ts'
import { writesOf } from './kernel.ts'
import { libraryKernels } from './library.ts'
import { matmulI8 } from './matmul-i8/kernel.ts'

const i8 = (name: string, rows: number, columns: number) =>
  tensorOf(
    name,
    'INT8',
    [rows, columns],
    Int8Array.from({ length: rows * columns }, (_, at) => at + 1),
  )

describe('the layout on the CPU', () => {
  it('puts four neighbouring k of a row and of a column side by side, zero past k', () => {
    const layout = arrangedOnHost(matmulI8, [i8('a', 2, 5), i8('b', 5, 2)], { m: 2, k: 5, n: 2 })
    expect([...layout.get('aQuads')!]).toEqual([1, 2, 3, 4, 5, 0, 0, 0, 6, 7, 8, 9, 10, 0, 0, 0])
    expect([...layout.get('bQuads')!]).toEqual([1, 3, 5, 7, 2, 4, 6, 8, 9, 0, 0, 0, 10, 0, 0, 0])
  })

  it('does not copy what lies right already', () => {
    const a = i8('a', 3, 4)
    const layout = arrangedOnHost(matmulI8, [a, i8('b', 4, 1)], { m: 3, k: 4, n: 1 })
    expect(layout.get('aQuads')).toBe(a.bytes)
  })

  it('fills every buffer that a kernel arranges', () => {
    for (const kernel of libraryKernels) {
      const inputs = kernel.tensors.filter(({ role }) => role === 'input').map(({ name }) => i8(name, 1, 1))
      const filled = new Set(arrangedOnHost(kernel, inputs, { m: 1, k: 1, n: 1 }).keys())
      for (const variant of kernel.variants) {
        const arranged = variant.passes.filter(({ step }) => step === 'arrange').flatMap(writesOf)
        expect(arranged.filter((name) => !filled.has(name))).toEqual([])
      }
    }
  })
})
