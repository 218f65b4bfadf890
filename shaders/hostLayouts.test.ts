import { describe, expect, it } from 'vitest'
import { tensorOf } from '../protocol/tensor.ts'
import { arrangedOnHost } from './hostLayouts.ts'
import { type KernelDescriptor, writesOf } from './kernel.ts'
import { kernelNamed, libraryKernels } from './library.ts'
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
    const layout = arrangedOnHost(matmulI8, matmulI8.variants, [i8('a', 2, 5), i8('b', 5, 2)], {
      m: 2,
      k: 5,
      n: 2,
    })
    expect([...layout.get('aQuads')!]).toEqual([1, 2, 3, 4, 5, 0, 0, 0, 6, 7, 8, 9, 10, 0, 0, 0])
    expect([...layout.get('bQuads')!]).toEqual([1, 3, 5, 7, 2, 4, 6, 8, 9, 0, 0, 0, 10, 0, 0, 0])
  })

  it('does not copy what lies right already', () => {
    const a = i8('a', 3, 4)
    const layout = arrangedOnHost(matmulI8, matmulI8.variants, [a, i8('b', 4, 1)], { m: 3, k: 4, n: 1 })
    expect(layout.get('aQuads')).toBe(a.bytes)
  })

  it('counts bytes 0 to 2 of int8 weights from 0, and leaves the weights as they are where a variant reads those', () => {
    const kernel = kernelNamed('matvec-i8') as KernelDescriptor
    const codes = tensorOf('codes', 'UINT32', [1, 8], new Uint32Array(8))
    const weights = tensorOf(
      'weights',
      'UINT32',
      [1, 8],
      Uint32Array.of(0, 0x7f80ff01, 0, 0, 0, 0, 0, 0x80808080),
    )
    const layoutFor = (name: string) => {
      const variants = kernel.variants.filter((variant) => variant.name === name)
      return arrangedOnHost(kernel, variants, [codes, weights], { n: 1, k: 32, planes: 1 })
    }
    const byFloats = layoutFor('rowsByFloats')
    expect([...byFloats.keys()]).toEqual(['codes', 'offsetWeights'])
    const offset = byFloats.get('offsetWeights')!
    expect([...offset.subarray(0, 8)]).toEqual([128, 128, 128, 0, 129, 127, 0, 0x7f])
    expect([...offset.subarray(28)]).toEqual([0, 0, 0, 0x80])
    expect(layoutFor('rowAlonePacked').get('weights')).toEqual(weights.bytes)
  })

  it('fills every buffer that a variant arranges', () => {
    for (const kernel of libraryKernels) {
      const inputs = kernel.tensors
        .filter(({ role }) => role === 'input')
        .map(({ name }) => tensorOf(name, 'UINT32', [1, 1], Uint32Array.of(1)))
      for (const variant of kernel.variants) {
        const filled = new Set(arrangedOnHost(kernel, [variant], inputs, { m: 1, k: 1, n: 1 }).keys())
        const arranged = variant.passes.filter(({ step }) => step === 'arrange').flatMap(writesOf)
        expect(arranged.filter((name) => !filled.has(name))).toEqual([])
      }
    }
  })
})
